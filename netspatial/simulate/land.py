"""Land use of a town: water, the built-up area, and its uses, block by block.

Second step of a simulated city, after centres, streets and roads. Fields are (rows, columns) with
row 0 at the north edge; coordinates are metres from the town's south-west corner.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from netspatial.arrays import Floats, Floats32, Mask
from netspatial.randomness import stream
from netspatial.simulate.noise import Array, Fields
from netspatial.simulate.roads import Road
from netspatial.simulate.streets import Blocks, Streets, blocks_on_grid


class Use(IntEnum):
    """Land use of a place; the town's map stores the number."""

    WATER = 0
    PARK = 1
    FIELD = 2
    RESIDENTIAL = 3
    OFFICE = 4
    COMMERCIAL = 5
    ENTERTAINMENT = 6
    INDUSTRIAL = 7
    UNIVERSITY = 8
    TRANSPORT = 9


@dataclass(frozen=True)
class Land:
    """The land's maps, both (rows, columns): `use`, and `intensity` in [0, 1]."""

    use: NDArray[np.uint8]
    intensity: Floats32


BASE_INTENSITY = {
    Use.WATER: 0.0,
    Use.PARK: 0.05,
    Use.FIELD: 0.02,
    Use.RESIDENTIAL: 0.75,
    Use.OFFICE: 1.1,
    Use.COMMERCIAL: 1.05,
    Use.ENTERTAINMENT: 1.0,
    Use.INDUSTRIAL: 0.6,
    Use.UNIVERSITY: 0.85,
    Use.TRANSPORT: 1.0,
}
"""Intensity of each use at centrality 1, relative."""


FRAY = 0.22
"""Standard deviation of a block's random score for being built up: it makes the edge irregular."""
LEEWAY = 0.22
"""Standard deviation of a block's random score for a use: it mixes uses among neighbours."""


def make_centres(seed: int, size_m: float, land: dict[str, float]) -> Floats:
    """Draw the centres, (n, 4): x, y, weight and decay in metres. The first is the main one.

    Large areas get small towns and villages around the city.
    """
    draw = stream(seed, "land", "centres")
    spread = land["spread_m"]
    main = size_m * (0.5 + draw.uniform(-0.1, 0.1, 2))
    rows = [[*main, 1.0, spread]]
    for _ in range(int(land["centres"]) - 1):
        turn, away = draw.uniform(0, 2 * np.pi), draw.uniform(0.75, 1.5) * spread
        place = np.clip(main + away * np.array([np.cos(turn), np.sin(turn)]), 0, size_m)
        rows.append([*place, draw.uniform(0.45, 0.8), spread * draw.uniform(0.35, 0.6)])
    for _ in range(round(land["villages_per_100_km2"] * (size_m / 10_000.0) ** 2)):
        place = draw.uniform(0, size_m, 2)
        rows.append([*place, draw.uniform(0.2, 0.4), draw.uniform(350, 900)])
    return np.array(rows)


def on_dry_land(centres: Floats, shore: Array, size_m: float) -> Floats:
    """Keep the main centre, and of the others those that stand on land."""
    count = len(shore)
    column = np.clip((centres[:, 0] / size_m * count).astype(int), 0, count - 1)
    row = np.clip(((1 - centres[:, 1] / size_m) * count).astype(int), 0, count - 1)
    dry = shore[row, column] > 0
    dry[0] = True
    return np.asarray(centres[dry])


def make_land(
    seed: int,
    size_m: float,
    step_m: float,
    shore: Array,
    centres: Floats,
    streets: Streets,
    roads: list[Road],
    stops: Floats,
    land: dict[str, float],
) -> Land:
    """Assign land use around the centres, along the roads and block by block."""
    field = Fields(seed, size_m, step_m)
    x, y, count = field.x, field.y, len(field.x)
    blocks = blocks_on_grid(streets, x, y)
    centrality = _centrality(x, y, centres, field)
    motorway = _distance(roads, "motorway", count, step_m)
    arterial = _distance(roads, "arterial", count, step_m)
    rail = _distance(roads, "rail", count, step_m)
    body = np.log(centrality + 1e-6) + 0.42 * field("body", 800.0) + 0.2 * np.exp(-arterial / 250.0)
    body -= 0.5 * np.exp(-np.maximum(shore, 0) / 60.0) * (shore > 0)
    of_block = _Blockwise(seed, blocks)
    body = of_block.mean(body) + FRAY * of_block.spread(of_block.mood)
    built = (body > np.log(land["edge"])) & (shore > 0)
    waterside = np.exp(-np.maximum(shore, 0) / 250.0)
    to_stop = _to_points(x, y, stops)
    campus = _to_points(x, y, _campuses(seed, centres, land))
    scores = {
        Use.TRANSPORT: 1.5 * np.exp(-to_stop / 160.0)
        + np.exp(-rail / 60.0) * (0.4 + 0.4 * field("yards", 500.0)),
        Use.UNIVERSITY: -campus / 500.0 + 0.25 * field("university", 300.0),
        Use.OFFICE: 2.6 * centrality
        + 0.6 * field("office", 300.0)
        + 0.3 * np.exp(-to_stop / 500.0),
        Use.COMMERCIAL: 1.5 * centrality
        + 0.7 * field("commercial", 200.0)
        + 0.7 * np.exp(-arterial / 90.0),
        Use.ENTERTAINMENT: 1.2 * centrality + 0.7 * field("entertainment", 260.0) + 0.6 * waterside,
        Use.INDUSTRIAL: -2.2 * centrality
        + 0.9 * field("industrial", 900.0)
        + np.exp(-np.minimum(rail, motorway) / 300.0),
        Use.PARK: 0.9 * field("park", 330.0)
        + 0.25 * field("square", 110.0)
        + 0.7 * waterside
        - 0.3 * centrality,
    }
    use = np.full((count, count), Use.FIELD, dtype=np.uint8)
    use[built] = Use.RESIDENTIAL
    free = built.copy()
    total = np.count_nonzero(built)
    for kind, score in scores.items():
        share = land[f"share_{kind.name.lower()}"]
        won = of_block.best(score + 0.05 * field(f"tie {kind.name}", 60.0), free, share * total)
        use[won] = kind
        free &= ~won
    woods = field("woods", 700.0) + 0.35 * field("copses", 130.0)
    use[(use == Use.FIELD) & (woods > np.quantile(woods, 1 - land["wood_share"]))] = Use.PARK
    use[shore <= 0] = Use.WATER
    return Land(use=use, intensity=_intensity(use, centrality, field, of_block))


class _Blockwise:
    """Statistics over street blocks, returned for each square of the block."""

    def __init__(self, seed: int, blocks: Blocks) -> None:
        rows = blocks.row.astype(np.int64) - blocks.row.min()
        columns = blocks.column.astype(np.int64) - blocks.column.min()
        name = (blocks.district * (rows.max() + 1) + rows) * (columns.max() + 1) + columns
        _, member = np.unique(name.ravel(), return_inverse=True)
        self.member = member.reshape(name.shape)
        self.size = np.bincount(member)
        self.mood = stream(seed, "land", "blocks").standard_normal(len(self.size))

    def mean(self, values: Array) -> Array:
        """Return each square's block mean."""
        sums = np.bincount(self.member.ravel(), values.ravel(), minlength=len(self.size))
        return self.spread(sums / self.size)

    def spread(self, of_block: Floats) -> Array:
        """Return each square's value of a number per block."""
        return of_block[self.member].astype(np.float32)

    def best(self, score: Array, free: Mask, area: float) -> Mask:
        """Return the free squares of the best-scoring blocks, `area` squares in all."""
        member = self.member[free]
        if not member.size or area <= 0:
            return np.zeros_like(free)
        size = np.bincount(member, minlength=len(self.size))
        sums = np.bincount(member, score[free], minlength=len(self.size))
        with np.errstate(invalid="ignore", divide="ignore"):
            order = np.argsort(
                np.where(size > 0, -sums / size - LEEWAY * self.mood, np.inf), kind="stable"
            )
        taken = np.zeros(len(self.size), dtype=bool)
        taken[order[np.cumsum(size[order]) <= area]] = True
        return np.asarray(taken[self.member] & free)


def _centrality(x: Floats, y: Floats, centres: Floats, field: Fields) -> Array:
    """Return the centrality of each square, 1 at the main centre, falling off exponentially."""
    bent_x = x[None, :] + 260 * field("bent east", 900.0)
    bent_y = y[:, None] + 260 * field("bent north", 900.0)
    best = np.zeros(bent_x.shape, dtype=np.float32)
    for cx, cy, weight, decay in centres:
        reached = weight * np.exp(-np.hypot(bent_x - cx, bent_y - cy) / decay)
        best = np.maximum(best, reached.astype(np.float32))
    return best


def _distance(roads: list[Road], kind: str, count: int, step_m: float) -> Array:
    """Metres to the nearest road of a kind, to about half a step."""
    empty = np.ones((count, count), dtype=bool)
    for road in roads:
        if road.kind == kind:
            points = road.line.segmentize(step_m / 2)
            column, north = (np.array(points.coords) / step_m).astype(int).T
            inside = (column >= 0) & (column < count) & (north >= 0) & (north < count)
            empty[count - 1 - north[inside], column[inside]] = False
    if empty.all():
        return np.full((count, count), 1e5, dtype=np.float32)
    return np.asarray(ndimage.distance_transform_edt(empty) * step_m, dtype=np.float32)


def _to_points(x: Floats, y: Floats, points: Floats) -> Array:
    """Metres to the nearest of some points."""
    best = np.full((len(y), len(x)), 1e5, dtype=np.float32)
    for east, north in points:
        away = np.hypot(x[None, :] - east, y[:, None] - north)
        best = np.minimum(best, away.astype(np.float32))
    return best


def _campuses(seed: int, centres: Floats, land: dict[str, float]) -> Floats:
    draw = stream(seed, "land", "campus")
    turn = draw.uniform(0, 2 * np.pi, int(land["campuses"]))
    away = land["spread_m"] * draw.uniform(0.6, 1.6, len(turn))
    around = np.column_stack([np.cos(turn), np.sin(turn)])
    return np.asarray(centres[0, :2] + away[:, None] * around)


def _intensity(
    use: NDArray[np.uint8], centrality: Array, field: Fields, of_block: _Blockwise
) -> Array:
    """Density of buildings and activity of each square, in [0, 1]."""
    base = np.array([BASE_INTENSITY[Use(k)] for k in range(len(Use))], dtype=np.float32)[use]
    grown = np.clip(0.12 + 0.85 * centrality**0.8 + 0.10 * field("density", 260.0), 0.04, 1.0)
    built = (use != Use.WATER) & (use != Use.FIELD) & (use != Use.PARK)
    dense = np.where(built, base * of_block.mean(grown), base * (0.5 + grown))
    return np.clip(dense, 0, 1).astype(np.float32)
