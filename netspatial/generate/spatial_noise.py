"""Starting noise x_0 that neighbouring places share, keyed by place.

x_0 = √(1 - near - city)·own + √near·F + √city·G, where F and G are Gaussian fields over the globe,
one of a short range and one of the size of a city. Every coordinate stays N(0, 1), so that the
distribution of a single place does not change. A place gets the same noise in any selection.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.sparse import csr_array
from scipy.special import kv

from netspatial.arrays import Floats, Floats32, Indices
from netspatial.randomness import stream

CITY_RANGE_M = 30_000.0
"""Range of what a whole city shares; a field, because a place belongs to no city."""
SPACING = 0.75
"""Distance of the lattice points of a field, as a share of its range."""
CUTOFF = 4.0
"""Ranges beyond which a lattice point has no weight."""
METRES_PER_DEGREE = 111_195.08
"""Of latitude, on a sphere of 6,371,008.8 m."""
SOURCES_KEPT = 1024
"""Lattice points whose numbers are kept for the places of the next block."""

OwnNoise = Callable[[str], Floats32]
"""From the name of a level to every place's own noise, (n, samples, size)."""


@dataclass(frozen=True)
class SharedNoise:
    """How much of a level's noise a place has in common with others.

    city, near : shares of the variance, together below one; range_m : of the near share
    """

    city: float = 0.0
    near: float = 0.0
    range_m: float = 1000.0

    def correlation(self, metres: Floats) -> Floats:
        """Correlation of the noise of two places at these distances, without their own part."""
        found: Floats = self.near * matern(metres / self.range_m) + self.city * matern(
            metres / CITY_RANGE_M
        )
        return found


@dataclass(frozen=True)
class SpatialNoise:
    """Places and what their noise shares, by level; a level without an entry is independent.

    lonlat : (n, 2) degrees
    """

    lonlat: Floats
    levels: Mapping[str, SharedNoise]

    def take(self, rows: slice) -> "SpatialNoise":
        """Return that of some places."""
        return SpatialNoise(self.lonlat[rows], self.levels)


class NoiseFields:
    """The fields of one seed and purpose; numbers of recent lattice points are kept."""

    def __init__(self, seed: int, *purpose: str) -> None:
        self._key = (seed, purpose)
        self._source = lru_cache(maxsize=SOURCES_KEPT)(self._draw)

    def mix(self, name: str, own: Floats32, places: SpatialNoise) -> Floats32:
        """Return noise of a level from every place's own, (n, samples, size)."""
        shared = places.levels.get(name, SharedNoise())
        mixed = own
        if shared.near + shared.city > 0:
            mixed = np.float32(np.sqrt(1 - shared.near - shared.city)) * own
        for share, range_m in ((shared.near, shared.range_m), (shared.city, CITY_RANGE_M)):
            if share > 0:
                field = self.field(name, places.lonlat, range_m, own.shape[1:])
                mixed = mixed + np.float32(np.sqrt(share)) * field
        return mixed

    def field(self, name: str, lonlat: Floats, range_m: float, shape: tuple[int, ...]) -> Floats32:
        """Return N(0, 1) of each place that falls off over `range_m`, (n, *shape).

        Correlation of two places at distance d: (1 + d/range) exp(-d/range), Matérn 3/2.
        """
        if not len(lonlat):
            return np.zeros((0, *shape), np.float32)
        weights, points = lattice_weights(lonlat, range_m)
        sources = np.stack(
            [
                self._source(name, range_m, int(row), int(column), shape).ravel()
                for row, column in points
            ]
        )
        # row by row and in the order of the points: the same sums for any selection of places
        found: Floats32 = (weights @ sources).reshape(len(lonlat), *shape)
        return found

    def _draw(
        self, name: str, range_m: float, row: int, column: int, shape: tuple[int, ...]
    ) -> Floats32:
        seed, purpose = self._key
        return stream(seed, *purpose, "field", name, f"{range_m:.1f}", row, column).standard_normal(
            shape, dtype=np.float32
        )


def matern(ranges: Floats) -> Floats:
    """Matérn correlation of smoothness 3/2 at distances in ranges."""
    found: Floats = (1 + ranges) * np.exp(-ranges)
    return found


def lattice_weights(lonlat: Floats, range_m: float) -> tuple[csr_array, Indices]:
    """Return weights (n, points) of unit norm, and row and column of each point, (points, 2).

    The lattice has rows of equal distance in latitude, and in each row a whole number of columns
    around the globe. Weights are the square root, in the sense of convolution, of the covariance.
    """
    spacing = SPACING * range_m
    radius = CUTOFF * range_m
    steps = np.arange(-int(np.ceil(radius / spacing)) - 1, int(np.ceil(radius / spacing)) + 2)
    east, north = lonlat[:, 0], METRES_PER_DEGREE * lonlat[:, 1]
    rows = np.floor(north / spacing).astype(np.int64)[:, None] + steps
    latitude = np.clip((rows + 0.5) * spacing / METRES_PER_DEGREE, -90.0, 90.0)
    around = 360.0 * METRES_PER_DEGREE * np.cos(np.radians(latitude)) / spacing
    count = np.maximum(np.rint(around), 1.0).astype(np.int64)
    first = np.floor(east[:, None] / 360.0 * count).astype(np.int64)
    columns = first[..., None] + steps
    longitude = (columns + 0.5) * 360.0 / count[..., None]
    shrink = METRES_PER_DEGREE * np.cos(np.radians(lonlat[:, 1]))[:, None, None]
    metres = np.hypot(
        (longitude - east[:, None, None]) * shrink,
        ((rows + 0.5) * spacing - north[:, None])[..., None],
    )
    place, row, column = np.nonzero(metres <= radius)
    weight = _root(metres[place, row, column] / range_m)
    norm = np.sqrt(np.bincount(place, np.square(weight), len(lonlat)))
    keys = np.column_stack([rows[place, row], columns[place, row, column] % count[place, row]])
    points, index = np.unique(keys, axis=0, return_inverse=True)
    found = csr_array(
        ((weight / norm[place]).astype(np.float32), (place, index.ravel())),
        shape=(len(lonlat), len(points)),
    )
    found.sort_indices()
    return found, points


def mixed_noise(
    own: Mapping[str, Floats32], fields: NoiseFields, places: SpatialNoise | None
) -> dict[str, Floats32]:
    """Return the noise of every level; every place's own where there are no positions."""
    if places is None:
        return dict(own)
    return {name: fields.mix(name, values, places) for name, values in own.items()}


def _root(ranges: Floats) -> Floats:
    """Kernel whose convolution with itself in the plane is Matérn 3/2, up to a factor."""
    x = np.maximum(ranges, 1e-9)
    found: Floats = x**0.25 * kv(0.25, x)
    return found
