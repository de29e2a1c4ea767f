"""Conversion of imagery to the input of vision encoders: RGB with eight bits."""

import numpy as np
from numpy.typing import NDArray

from netspatial.errors import BadInput

Stretch = tuple[float, float]
"""Digital numbers that become 0 and 255."""


def stretch_of(image: NDArray[np.integer]) -> Stretch:
    """Return the 2nd and 98th percentile of non-zero values, the usual stretch of 16-bit imagery.

    One pair for all bands keeps the colour balance. Zero is nodata in most products. Computed once
    for a whole image, so that all of its patches have the same stretch.
    """
    seen = image[image != 0]
    if seen.size == 0:
        return 0.0, 1.0
    low, high = np.percentile(seen, (2, 98))
    return float(low), float(max(high, low + 1))


def as_rgb8(image: NDArray[np.generic], stretch: Stretch | None = None) -> NDArray[np.uint8]:
    """Return `image`, (h, w) or (h, w, bands), as RGB (h, w, 3) uint8.

    Bands: one is grey and is repeated; three are red, green, blue; of four the first three are
    taken (the fourth is alpha or near infrared); any other number is refused. Depth: 8 bits stay
    as they are; 16 bits are stretched linearly by `stretch`, or by `stretch_of` this image.
    """
    bands = 1 if image.ndim == 2 else image.shape[-1]
    if image.ndim not in (2, 3) or bands not in (1, 3, 4):
        raise BadInput(
            f"An image of shape {image.shape} is not a picture: give 1 (grey), 3 (RGB) or 4 (RGB "
            "and one more) bands in the last dimension."
        )
    values = image.reshape(*image.shape[:2], bands)[..., :3]
    if values.dtype in (np.uint16, np.int16):
        low, high = stretch or stretch_of(values.astype(np.int32))
        scaled = (values.astype(np.float32) - low) * (255 / (high - low))
        values = np.round(np.clip(scaled, 0, 255)).astype(np.uint8)
    if values.dtype != np.uint8:
        raise BadInput(
            f"An image of type {values.dtype} is not a picture: give uint8, or uint16 to be "
            "stretched."
        )
    return np.ascontiguousarray(np.broadcast_to(values, (*values.shape[:2], 3)), dtype=np.uint8)


def check_rgb8(images: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Return `images` if they are RGB pictures (n, h, w, 3) uint8, else raise."""
    if images.ndim != 4 or images.shape[-1] != 3 or images.dtype != np.uint8:
        raise BadInput(
            f"Images of shape {images.shape} and type {images.dtype} cannot be encoded: "
            "(n, h, w, 3) uint8 is needed; `netspatial.context.features.images.as_rgb8` converts."
        )
    return images.astype(np.uint8, copy=False)
