"""Protocols of frozen encoders: images or texts in, float32 embeddings out.

An embedding depends on its own image or text alone, not on the batch or the order.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Floats32, Indices


class Encoder(Protocol):
    """Name, width, licence and fingerprint of an encoder."""

    @property
    def name(self) -> str:
        """The string by which it is chosen."""

    @property
    def dim(self) -> int:
        """Length D of an embedding."""

    @property
    def licence(self) -> str:
        """Licence of the weights."""

    @property
    def fingerprint(self) -> str:
        """Hash of weights and preprocessing; equal fingerprints give equal embeddings."""


class VisionEncoder(Encoder, Protocol):
    """An encoder of satellite patches."""

    @property
    def gsd_m(self) -> float:
        """Expected ground sample distance, metres per pixel."""

    def encode(self, images: NDArray[np.uint8]) -> Floats32:
        """Encode RGB patches (n, h, w, 3) to (n, D)."""


class MosaicEncoder(VisionEncoder, Protocol):
    """A vision encoder that reads overlapping patches of one image in a single pass."""

    def encode_mosaic(self, mosaic: NDArray[np.uint8], windows: Indices) -> Floats32:
        """Encode windows (n, 4) of one image (H, W, 3) to (n, D).

        A window is top, left, bottom, right in pixels, the last two exclusive.
        """


class TextEncoder(Encoder, Protocol):
    """An encoder of texts."""

    def encode(self, texts: list[str]) -> Floats32:
        """Encode n texts to (n, D)."""
