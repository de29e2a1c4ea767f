"""Image embeddings of places: an image patch around each place through a frozen encoder.

The image is read in fixed blocks of the city's metric lattice, so that a patch depends on its place
alone and memory is bounded by the block.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from netspatial.arrays import Floats, Floats32, Indices, Mask
from netspatial.context.encoders import VisionEncoder
from netspatial.context.features.embedding_cache import EmbeddingCache, content_key
from netspatial.imagery import Imagery

BLOCK_PX = 512
"""Side of a block; patches start in it and may extend beyond."""
AT_MOST = 1024
"""Most places that are read together."""
VALID_SHARE = 0.5
"""A place with a smaller share of valid pixels, or none in its middle, has no image."""


@dataclass(frozen=True)
class PatchLattice:
    """Patches of `side_m` metres in pixels of `gsd_m`, on a lattice from the CRS's origin."""

    side_m: float
    gsd_m: float

    @property
    def side_px(self) -> int:
        """Patch side in pixels."""
        return max(1, round(self.side_m / self.gsd_m))

    def corners(self, xy: Floats) -> Indices:
        """Return the left and bottom lattice pixel of each place's patch, (n, 2)."""
        return np.floor(xy / self.gsd_m - self.side_px / 2 + 0.5).astype(np.int64)

    def blocks(self, xy: Floats) -> Iterator[Indices]:
        """Yield rows of `xy`, at most 1,024 at a time, each time from one block of the lattice."""
        corners = self.corners(xy)
        block = corners // BLOCK_PX
        order = np.lexsort((corners[:, 0], corners[:, 1], block[:, 0], block[:, 1]))
        ends = np.flatnonzero((np.diff(block[order], axis=0) != 0).any(axis=1)) + 1
        for rows in np.split(order, ends):
            for start in range(0, len(rows), AT_MOST):
                yield rows[start : start + AT_MOST]


def embed_images(
    imagery: Imagery,
    crs: CRS,
    xy: Floats,
    lattice: PatchLattice,
    encoder: VisionEncoder,
    cache: EmbeddingCache,
) -> tuple[Floats32, Floats]:
    """Embed the patches around places `xy` of one block.

    Returns embeddings (n, D), zero where there is no image, and the share of valid pixels (n,), 0
    where the middle of the patch lacks data, as it then does not show the place.
    Up to half of a patch may lack data: it is filled with the mean colour of the rest.
    """
    mosaic, valid, windows = _read_block(imagery, crs, lattice, lattice.corners(xy))
    share = np.array(
        [
            valid[t:b, left:r].mean() * valid[(t + b) // 2, (left + r) // 2]
            for t, left, b, r in windows
        ]
    )
    present = np.flatnonzero(share >= VALID_SHARE)
    whole = share == 1.0
    patches = {
        int(row): _patch(mosaic, valid, windows[row], fill=not whole[row]) for row in present
    }
    keys = [content_key(encoder.fingerprint, patches[int(row)].tobytes()) for row in present]

    def encode(positions: list[int]) -> Floats32:
        rows = present[positions]
        encode_mosaic = getattr(encoder, "encode_mosaic", None)
        on_mosaic = whole[rows]
        if encode_mosaic is None or not _overlap(windows[rows[on_mosaic]]):
            return encoder.encode(np.stack([patches[int(row)] for row in rows]))
        found = np.empty((len(rows), encoder.dim), np.float32)
        found[on_mosaic] = encode_mosaic(*_cropped(mosaic, windows[rows[on_mosaic]]))
        if not on_mosaic.all():
            found[~on_mosaic] = encoder.encode(
                np.stack([patches[int(row)] for row in rows[~on_mosaic]])
            )
        return found

    embeddings = np.zeros((len(xy), encoder.dim), np.float32)
    if len(present):
        embeddings[present] = cache.embed(keys, encoder.dim, encode)
    return embeddings, share


def _read_block(
    imagery: Imagery, crs: CRS, lattice: PatchLattice, corners: Indices
) -> tuple[NDArray[np.uint8], Mask, Indices]:
    """Read the block of all patch `corners`: image, validity and the patches' windows.

    windows : (n, 4) top, left, bottom, right in pixels of the block
    """
    side = lattice.side_px
    left, bottom = corners[0] // BLOCK_PX * BLOCK_PX
    extent = BLOCK_PX + side
    view = imagery.view(
        bounds=(
            left * lattice.gsd_m,
            bottom * lattice.gsd_m,
            (left + extent) * lattice.gsd_m,
            (bottom + extent) * lattice.gsd_m,
        ),
        crs=crs,
        shape=(extent, extent),
    )
    column = corners[:, 0] - left
    top = extent - side - (corners[:, 1] - bottom)
    return view.rgb, view.valid, np.column_stack([top, column, top + side, column + side])


def _patch(
    mosaic: NDArray[np.uint8],
    valid: Mask,
    window: Indices,
    *,
    fill: bool,
) -> NDArray[np.uint8]:
    top, left, bottom, right = window
    patch = mosaic[top:bottom, left:right]
    if not fill:
        return patch
    known = valid[top:bottom, left:right]
    filled = patch.copy()
    filled[~known] = patch[known].mean(axis=0).round().astype(np.uint8)
    return filled


def _overlap(windows: Indices) -> bool:
    """Return whether windows (n, 4) have more pixels in total than their bounding box."""
    if not len(windows):
        return False
    height, width = windows[:, 2:].max(axis=0) - windows[:, :2].min(axis=0)
    sides = windows[:, 2:] - windows[:, :2]
    return bool((sides[:, 0] * sides[:, 1]).sum() > height * width)


def _cropped(mosaic: NDArray[np.uint8], windows: Indices) -> tuple[NDArray[np.uint8], Indices]:
    """Cut the mosaic to the bounding box of the windows."""
    top, left = windows[:, :2].min(axis=0)
    bottom, right = windows[:, 2:].max(axis=0)
    return mosaic[top:bottom, left:right], windows - np.array([top, left, top, left])
