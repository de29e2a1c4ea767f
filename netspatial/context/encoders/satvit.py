"""`satvit`: our small Vision Transformer, frozen.

"satvit" loads the bundled weights, "satvit:FOLDER" those that `netspatial train-satvit` wrote
(safetensors, config.json, card.md).
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Floats32
from netspatial.context.encoders.pixels import ImagePreprocessing, encode_in_batches
from netspatial.context.encoders.satvit_folder import BUNDLED, read_satvit
from netspatial.context.encoders.satvit_network import SatVit


class SatVitEncoder:
    """Embeddings of 64 x 64 pixels at 10 m: means and spread of the tokens, (n, 3 * width)."""

    licence = "MIT"

    def __init__(self, name: str, network: SatVit, fingerprint: str) -> None:
        self._network = network.eval().requires_grad_(requires_grad=False)
        self._pixels = ImagePreprocessing(network.config.side, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
        self.name = name
        self.dim = network.config.dim
        self.gsd_m = network.config.gsd_m
        self.fingerprint = fingerprint

    def encode(self, images: NDArray[np.uint8]) -> Floats32:
        """Encode RGB patches (n, h, w, 3) to (n, D)."""
        return encode_in_batches(images, self._pixels, self._network, self.dim)


def build(argument: str) -> SatVitEncoder:
    """Build from the bundled weights or from a folder."""
    network, fingerprint = read_satvit(Path(argument) if argument else BUNDLED)
    return SatVitEncoder(f"satvit:{argument}" if argument else "satvit", network, fingerprint)
