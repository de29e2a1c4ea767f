"""Data set of CORINE land cover in the Ghent region: Sentinel-2 patches and their main group.

Used by `netspatial bench context`. The split is by spatial blocks, so that test patches do not
overlap training patches.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import rasterio
from pyproj import CRS, Transformer
from rasterio.io import DatasetReader
from rasterio.warp import transform_bounds

from netspatial.arrays import Floats, Indices
from netspatial.context.encoders import VisionEncoder
from netspatial.context.features.embedding_cache import EmbeddingCache, cache_folder
from netspatial.context.features.image_embedding import PatchLattice, embed_images
from netspatial.context.features.images import as_rgb8
from netspatial.errors import MissingPart
from netspatial.evaluate.landuse import fit_line
from netspatial.evaluate.rows import ContextRow
from netspatial.imagery import Imagery
from netspatial.randomness import stream

SCENE = "sentinel2_true_color_2020-09-17.tif"
COVER = "corine_2018_flanders.tif"
LEGEND = "corine_legend.csv"
PATCH_M = 640.0
STEP_M = 320.0
"""Distance between patches: half a patch."""
BLOCK_M = 2560.0
PURITY = 0.6
"""Least share of a patch that its group covers; other patches are left out."""
FEWEST = 30
"""Groups with fewer patches are left out."""
METRIC = CRS.from_epsg(32631)


@dataclass(frozen=True)
class CorineLandCover:
    """Patch centres xy (n, 2) in EPSG:32631, their group (n,) in `groups`, and their block (n,)."""

    xy: Floats
    label: Indices
    block: Indices
    groups: list[str]


def eight_bit_scene(folder: Path, target: Path) -> Imagery:
    """Write the 16-bit scene as an RGB uint8 image, as cities have it, by `as_rgb8`."""
    source = folder / SCENE
    if not source.is_file():
        raise MissingPart(f"There is no '{source}'; the Ghent scene is needed for this task.")
    with rasterio.open(source) as image:
        raw, profile, nodata = image.read(), image.profile, image.nodata
    missing = (raw == nodata).any(axis=0) | (raw == 0).all(axis=0)
    raw[:, missing] = 0
    rgb = np.maximum(as_rgb8(np.moveaxis(raw, 0, -1)), 1)
    rgb[missing] = 0
    profile.update(dtype="uint8", nodata=0, interleave="pixel", photometric="RGB")
    with rasterio.open(target, "w", **profile) as image:
        image.write(np.moveaxis(rgb, -1, 0))
    return Imagery(target)


def read_land_cover(folder: Path, scene: Imagery) -> CorineLandCover:
    """Label patches on a regular lattice over the scene with their main CORINE group."""
    legend = pd.read_csv(folder / LEGEND)
    groups = sorted(set(legend["group"].str.strip()))
    column = dict(zip(legend["value"], legend["group"].str.strip().map(groups.index), strict=True))
    left, bottom, right, top = transform_bounds(scene.crs, METRIC, *scene.bounds)
    half = PATCH_M / 2
    x, y = np.meshgrid(
        np.arange(left + half, right - half, STEP_M), np.arange(bottom + half, top - half, STEP_M)
    )
    xy = np.column_stack([x.ravel(), y.ravel()])
    with rasterio.open(folder / COVER) as cover:
        shares = _shares(cover, xy, column, len(groups))
    label = shares.argmax(axis=1)
    pure = shares.max(axis=1) >= PURITY
    common = np.bincount(label[pure], minlength=len(groups)) >= FEWEST
    chosen = pure & common[label]
    block = np.floor((xy[chosen] - (left, bottom)) / BLOCK_M).astype(np.int64)
    return CorineLandCover(xy[chosen], label[chosen], block[:, 0] * 1000 + block[:, 1], groups)


def split_by_block(block: Indices, test_share: float, seed: int) -> tuple[Indices, Indices]:
    """Return positions of the training and of the test part; no block is in both."""
    blocks = stream(seed, "ghent", "split").permutation(np.unique(block))
    test = np.isin(block, blocks[: round(test_share * len(blocks))])
    return np.flatnonzero(~test), np.flatnonzero(test)


def _shares(
    cover: DatasetReader,
    xy: Floats,
    column: dict[int, int],
    count: int,
) -> Floats:
    """Return each group's share of the 7 x 7 points, 100 m apart, around each place."""
    offsets = np.arange(-3, 4) * 100.0
    east, north = np.meshgrid(offsets, offsets)
    points = xy[:, None, :] + np.column_stack([east.ravel(), north.ravel()])
    there = Transformer.from_crs(METRIC, cover.crs, always_xy=True)
    x, y = there.transform(points[..., 0], points[..., 1])
    columns, rows = ~cover.transform * (x, y)
    values = cover.read(1)[
        np.clip(np.floor(rows).astype(int), 0, cover.height - 1),
        np.clip(np.floor(columns).astype(int), 0, cover.width - 1),
    ]
    shares = np.zeros((len(xy), count))
    for value, at in column.items():
        shares[:, at] += (values == value).mean(axis=1)
    return shares


def rows(name: str, encoder: VisionEncoder, folder: Path, scratch: Path) -> Iterator[ContextRow]:
    """Measure the accuracy of a linear probe of the group from `encoder`, on unseen blocks."""
    scene = eight_bit_scene(folder, scratch / "ghent.tif")
    cover = read_land_cover(folder, scene)
    lattice = PatchLattice(PATCH_M, encoder.gsd_m)
    cache = EmbeddingCache(cache_folder())
    x = np.zeros((len(cover.xy), encoder.dim), np.float32)
    for at in lattice.blocks(cover.xy):
        x[at], _ = embed_images(scene, METRIC, cover.xy[at], lattice, encoder, cache)
    onehot = np.eye(len(cover.groups))[cover.label]
    for seed in (0, 1, 2):
        train, test = split_by_block(cover.block, 0.3, seed)
        line = fit_line(x[train], onehot[train], cover.block[train] % 5)
        guessed = line.predict(x[test]).argmax(axis=1)
        right = guessed == cover.label[test]
        recall = [right[cover.label[test] == group].mean() for group in set(cover.label[test])]
        yield ContextRow("ghent", name, "accuracy", float(right.mean()), seed)
        yield ContextRow("ghent", name, "balanced accuracy", float(np.mean(recall)), seed)
