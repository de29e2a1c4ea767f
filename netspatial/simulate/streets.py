"""Districts and the lattice of streets in each: blocks, streets and house numbers.

Land uses, the picture and addresses follow the same blocks. Coordinates are metres east and north
of the town's south-west corner.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from netspatial.arrays import Floats
from netspatial.randomness import stream
from netspatial.simulate.noise import Array, grid_noise, hashed, salt, uniform

WARP_STEP_M = 40.0
WARP_LONG_M = 620.0
WARP_SHORT_M = 230.0
PATCH_PX = 128
JITTER = 0.5
"""Maximum displacement of a street from its even position, as a part of the spacing."""


@dataclass(frozen=True)
class Streets:
    """Every district's street pattern.

    sites        : (n, 2) float64, the centre of each district; a place belongs to the nearest
    angle        : (n,) radians, direction of the district's long streets
    long_m       : (n,) metres between cross streets
    short_m      : (n,) metres between long streets
    bend_m       : (n,) maximum deviation of streets from a straight line, metres
    warp         : (2, rows, columns) unit displacement every `WARP_STEP_M` from the south-west
    """

    seed: int
    sites: Floats
    angle: Array
    long_m: Array
    short_m: Array
    bend_m: Array
    warp: Array


@dataclass(frozen=True)
class Blocks:
    """Position of points in the lattice; all arrays have the points' shape.

    district, row, column : int32, together the block's position in the lattice
    name                  : uint32, the block's hash
    along, across         : metres from the block's own corner, up to `length` and `depth`
    length, depth         : metres between the centre lines of the bounding streets
    centre_x, centre_y    : middle of the block
    border                : metres to the border of the district
    """

    district: NDArray[np.int32]
    row: NDArray[np.int32]
    column: NDArray[np.int32]
    name: NDArray[np.uint32]
    along: Array
    across: Array
    length: Array
    depth: Array
    centre_x: Array
    centre_y: Array
    border: Array

    def at(self, pick: NDArray[np.intp]) -> "Blocks":
        """Return the blocks of some points only, by flat index."""
        return Blocks(*(np.take(getattr(self, part.name), pick) for part in fields(self)))

    def draw(self, salted: np.uint32) -> Array:
        """Return a number in [0, 1) for each point, the same in its whole block."""
        return uniform(salted, self.name)


def make_streets(seed: int, size_m: float, centres: Floats, land: dict[str, float]) -> Streets:
    """Scatter districts and draw each one's pattern: gridded, radial or grown."""
    spacing = land["district_m"]
    margin = 2
    count = int(np.ceil(size_m / spacing)) + 2 * margin
    draw = stream(seed, "streets", "districts")
    cells = np.stack(np.meshgrid(np.arange(count), np.arange(count)), axis=-1).reshape(-1, 2)
    sites = (cells - margin + 0.5 + draw.uniform(-0.42, 0.42, cells.shape)) * spacing
    n = len(sites)
    to_centre = centres[cKDTree(centres[:, :2]).query(sites)[1], :2] - sites
    distance = np.hypot(*to_centre.T)
    radial = np.arctan2(to_centre[:, 1], to_centre[:, 0])
    common = draw.uniform(0, np.pi / 2)
    grown = draw.random(n) < land["grown_share"]
    follows_grid = draw.random(n) < land["grid_share"]
    angle = np.where(follows_grid, common + draw.normal(0, 0.04, n), radial)
    angle = angle + np.where(grown, draw.normal(0, 0.5, n), 0.0)
    compact = 1.0 - 0.3 * np.exp(-distance / 2500.0)
    scale = np.exp(draw.normal(0, 0.16, n)) * compact
    bend = np.where(grown, draw.uniform(34, 60, n), draw.uniform(3, 14, n))
    steps = int(np.ceil(size_m / WARP_STEP_M)) + 1
    ticks = np.arange(steps, dtype=np.float64) * WARP_STEP_M
    return Streets(
        seed=seed,
        sites=sites,
        angle=angle.astype(np.float32),
        long_m=(land["block_length_m"] * scale).astype(np.float32),
        short_m=(land["block_depth_m"] * scale).astype(np.float32),
        bend_m=bend.astype(np.float32),
        warp=np.stack(_warp(seed, ticks, ticks)),
    )


def blocks_on_grid(streets: Streets, x: Floats, y: Floats) -> Blocks:
    """Find the blocks on the grid of `y` (rows) and `x` (columns)."""
    warp_x, warp_y = _warp(streets.seed, x, y)
    east = np.broadcast_to(x.astype(np.float32)[None, :], warp_x.shape)
    north = np.broadcast_to(y.astype(np.float32)[:, None], warp_x.shape)
    return _blocks(streets, east, north, warp_x, warp_y)


def blocks_at(streets: Streets, x: Floats, y: Floats) -> Blocks:
    """Find the blocks of scattered points."""
    place = np.stack([y, x]) / WARP_STEP_M
    warp_x, warp_y = (
        ndimage.map_coordinates(w, place, order=1, mode="nearest") for w in streets.warp
    )
    return _blocks(streets, x.astype(np.float32), y.astype(np.float32), warp_x, warp_y)


def _warp(seed: int, x: Floats, y: Floats) -> tuple[Array, Array]:
    axes = [
        grid_noise(salt(seed, "warp", axis, "long"), x, y, WARP_LONG_M)
        + np.float32(0.35) * grid_noise(salt(seed, "warp", axis, "short"), x, y, WARP_SHORT_M)
        for axis in ("x", "y")
    ]
    return axes[0], axes[1]


def _blocks(streets: Streets, x: Array, y: Array, warp_x: Array, warp_y: Array) -> Blocks:
    district, border = _districts(streets, x + 60 * warp_x, y + 60 * warp_y)
    bend = streets.bend_m[district]
    u, v = _turned(x + bend * warp_x, y + bend * warp_y, streets.angle[district])
    lane = hashed(salt(streets.seed, "districts"), np.arange(len(streets.sites)))[district]
    row, low, high = _strip(salt(streets.seed, "rows"), v, streets.short_m[district], lane)
    strip = hashed(salt(streets.seed, "strip"), lane + row.astype(np.uint32))
    column, left, right = _strip(salt(streets.seed, "columns"), u, streets.long_m[district], strip)
    middle_x, middle_y = _turned((left + right) / 2, (low + high) / 2, -streets.angle[district])
    shift_x, shift_y = _nearest_warp(streets, middle_x, middle_y)
    return Blocks(
        district=district,
        row=row,
        column=column,
        name=hashed(salt(streets.seed, "block"), strip + column.astype(np.uint32)),
        along=u - left,
        across=v - low,
        length=right - left,
        depth=high - low,
        centre_x=middle_x - bend * shift_x,
        centre_y=middle_y - bend * shift_y,
        border=border,
    )


def _districts(streets: Streets, x: Array, y: Array) -> tuple[NDArray[np.int32], Array]:
    """Return the nearest site of each point and the distance to the border with the next one.

    Computed patch by patch, since in a small patch few sites can be nearest.
    """
    if x.ndim == 1:
        return _patch_districts(streets, x, y)
    nearest = np.empty(x.shape, dtype=np.int32)
    border = np.empty(x.shape, dtype=np.float32)
    for row in range(0, x.shape[0], PATCH_PX):
        for column in range(0, x.shape[1], PATCH_PX):
            patch = np.s_[row : row + PATCH_PX, column : column + PATCH_PX]
            nearest[patch], border[patch] = _patch_districts(streets, x[patch], y[patch])
    return nearest, border


def _patch_districts(streets: Streets, x: Array, y: Array) -> tuple[NDArray[np.int32], Array]:
    """Compare only the sites that can be nearest or second nearest inside the points' box."""
    corner = np.array([(x.min() + x.max()) / 2, (y.min() + y.max()) / 2], dtype=np.float64)
    reach = float(np.hypot(x.max() - x.min(), y.max() - y.min()) / 2)
    away = np.hypot(*(streets.sites - corner).T)
    second = float(np.partition(away, 1)[1])
    near = np.flatnonzero(away <= second + 2 * reach + 1.0)
    first = np.full(x.shape, np.inf, dtype=np.float32)
    runner_up = np.full(x.shape, np.inf, dtype=np.float32)
    nearest = np.zeros(x.shape, dtype=np.int32)
    for site in near:
        east, north = streets.sites[site].astype(np.float32)
        squared = (x - east) ** 2 + (y - north) ** 2
        np.minimum(runner_up, np.maximum(first, squared), out=runner_up)
        closer = squared < first
        nearest[closer] = site
        np.minimum(first, squared, out=first)
    return nearest, (np.sqrt(runner_up) - np.sqrt(first)) / 2


def _strip(
    salted: np.uint32, position: Array, spacing: Array, lane: NDArray[np.uint32]
) -> tuple[NDArray[np.int32], Array, Array]:
    """Cut a line into jittered strips; lines with different hashes `lane` are cut differently."""
    even = np.floor(position / spacing).astype(np.int32)
    edges = [
        (
            even
            + k
            + np.float32(JITTER) * uniform(salted, lane + (even + np.int32(k)).astype(np.uint32))
        )
        * spacing
        for k in (-1, 0, 1)
    ]
    before = position < edges[1]
    index = even - before.astype(np.int32)
    low = np.where(before, edges[0], edges[1])
    high = np.where(before, edges[1], edges[2])
    return index, low.astype(np.float32), high.astype(np.float32)


def _turned(x: Array, y: Array, angle: Array) -> tuple[Array, Array]:
    """Return the coordinates of (x, y) in axes turned by `angle`."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return x * cosine + y * sine, y * cosine - x * sine


def _nearest_warp(streets: Streets, x: Array, y: Array) -> tuple[Array, Array]:
    _, rows, columns = streets.warp.shape
    row = np.clip((y / WARP_STEP_M + 0.5).astype(np.int32), 0, rows - 1)
    column = np.clip((x / WARP_STEP_M + 0.5).astype(np.int32), 0, columns - 1)
    flat = row * columns + column
    return np.take(streets.warp[0], flat), np.take(streets.warp[1], flat)
