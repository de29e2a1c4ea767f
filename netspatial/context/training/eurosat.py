"""EuroSAT patches from a Parquet file: Sentinel-2 images of ten land-use classes.

Training data of `satvit` and the benchmark of all vision encoders; a fixed part is held out from
training.
"""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from netspatial.arrays import Indices, Mask
from netspatial.errors import BadInput, MissingPart

HELD_OUT_SHARE = 0.4
GSD_M = 10.0
"""Metres per pixel of a patch; 64 x 64 pixels cover 640 m."""
LICENCE = "MIT (EuroSAT, P. Helber et al.); contains modified Copernicus Sentinel-2 data"


@dataclass(frozen=True)
class EuroSat:
    """Patches (n, 64, 64, 3) uint8, labels (n,) as indices into `classes`, and their file names."""

    images: NDArray[np.uint8]
    labels: Indices
    names: list[str]
    classes: list[str]

    def part(self, chosen: Mask) -> "EuroSat":
        """Return the chosen patches (n,)."""
        kept = [name for name, keep in zip(self.names, chosen, strict=True) if keep]
        return EuroSat(self.images[chosen], self.labels[chosen], kept, self.classes)


def held_out(names: list[str]) -> Mask:
    """Return the mask (n,) of patches that are held out from training, by a hash of the name."""
    draws = [hashlib.blake2b(name.encode(), digest_size=4).digest() for name in names]
    return np.array([int.from_bytes(d, "little") / 2**32 < HELD_OUT_SHARE for d in draws])


def load_eurosat(path: Path) -> EuroSat:
    """Read patches from Parquet with columns `name`, `label` and `jpeg` (encoded bytes)."""
    if not path.is_file():
        raise MissingPart(
            f"There are no EuroSAT patches at '{path}'; give a Parquet file with the columns name, "
            "label and jpeg."
        )
    try:
        table = pd.read_parquet(path, columns=["name", "label", "jpeg"])
        images = np.stack([_decode(jpeg) for jpeg in table["jpeg"]])
    except (OSError, ValueError, UnidentifiedImageError) as error:
        raise BadInput(f"'{path}' does not hold EuroSAT patches: {error}.") from error
    names, labels = table["name"].astype(str).tolist(), table["label"].astype(str).tolist()
    classes = sorted(set(labels))
    return EuroSat(images, np.array([classes.index(label) for label in labels]), names, classes)


def _decode(jpeg: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(jpeg)) as image:
        return np.asarray(image.convert("RGB"))
