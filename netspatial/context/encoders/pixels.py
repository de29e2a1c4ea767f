"""Preprocessing of uint8 patches for networks: resized, normalised, in batches of a fixed size."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from netspatial.arrays import Floats32
from netspatial.context.features.images import check_rgb8


@dataclass(frozen=True)
class ImagePreprocessing:
    """Preprocessing of a network: pixels per side, and mean and deviation per channel in [0, 1]."""

    side: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def settings(self) -> dict[str, object]:
        """Return the settings that are part of the fingerprint."""
        return {"interpolation": "bicubic, antialiased", **asdict(self)}

    def prepare(self, images: NDArray[np.uint8]) -> Tensor:
        """Convert (n, h, w, 3) uint8 to normalised (n, 3, side, side) float32."""
        x = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2))).float() / 255
        if x.shape[-2:] != (self.side, self.side):
            size = (self.side, self.side)
            x = functional.interpolate(x, size, mode="bicubic", antialias=True, align_corners=False)
            x = x.clamp(0, 1)
        return (x - torch.tensor(self.mean).view(3, 1, 1)) / torch.tensor(self.std).view(3, 1, 1)


def encode_in_batches(
    images: NDArray[np.uint8],
    pixels: ImagePreprocessing,
    network: Callable[[Tensor], Tensor],
    dim: int,
    batch: int = 32,
) -> Floats32:
    """Run a frozen `network` over (n, h, w, 3) images, `batch` at a time, to (n, dim) float32."""
    images = check_rgb8(images)
    embedded = np.empty((len(images), dim), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(images), batch):
            chosen = slice(start, start + batch)
            embedded[chosen] = network(pixels.prepare(images[chosen])).float().numpy()
    return embedded
