"""Points of interest around a place: the nearest ones, and counts by kind.

The cost is bounded at any density: only the nearest POIs are used, and counts come from a k-d tree.
"""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from scipy.spatial import KDTree

from netspatial.arrays import Floats, Indices
from netspatial.context.features.categories import KIND_NAMES, kinds_of
from netspatial.errors import BadInput

AROUND_M = 150.0
"""Radius of a POI's own surroundings, metres."""
AROUND_AT_MOST = 64
"""Most neighbours that are counted in a POI's own surroundings."""


@dataclass(frozen=True)
class Pois:
    """A city's points of interest in its metric CRS.

    xy : (q, 2) metres; kind : (q,) position in `KIND_NAMES`; name, category, address : (q,) str
    """

    xy: Floats
    kind: Indices
    name: NDArray[np.str_]
    category: NDArray[np.str_]
    address: NDArray[np.str_]

    def __len__(self) -> int:
        """Number of points of interest."""
        return len(self.xy)

    @cached_property
    def tree(self) -> KDTree:
        """Spatial index of all points of interest."""
        return KDTree(self.xy)

    @cached_property
    def trees(self) -> dict[int, KDTree]:
        """Spatial index of each kind."""
        return {int(kind): KDTree(self.xy[self.kind == kind]) for kind in np.unique(self.kind)}


def read_pois(table: gpd.GeoDataFrame, crs: CRS) -> Pois:
    """Check a table of POIs (name, category, optional address) and project it to metres."""
    for column in ("name", "category"):
        if column not in table.columns:
            raise BadInput(
                f"The POIs have no column '{column}'; they have "
                f"{', '.join(map(str, table.columns))}."
            )
    if table.crs is None:
        raise BadInput("The POIs have no coordinate system; set it, for example EPSG:4326.")
    points = table.geometry.to_crs(crs)
    if not (points.geom_type == "Point").all():
        raise BadInput("The POIs are not all points; give the centroid of each building or area.")
    xy = np.column_stack([points.x, points.y]).astype(np.float64)
    wrong = np.flatnonzero(~np.isfinite(xy).all(axis=1))
    if wrong.size:
        raise BadInput(
            f"{wrong.size} POIs have no finite coordinates, the first in row {wrong[0]}; remove "
            "or repair them."
        )
    category = _texts(table, "category")
    return Pois(
        xy, kinds_of(category.tolist()), _texts(table, "name"), category, _texts(table, "address")
    )


def _texts(table: gpd.GeoDataFrame, column: str) -> NDArray[np.str_]:
    if column not in table.columns:
        return np.full(len(table), "", dtype=np.str_)
    texts = table[column].astype("object").fillna("").astype(str)
    return np.asarray(texts, dtype=np.str_)


def nearest_pois(xy: Floats, pois: Pois, radius_m: float, at_most: int) -> Indices:
    """Return (n, at_most) rows of `pois` within `radius_m` of each place, nearest first.

    -1 stands where there are fewer.
    """
    if not len(pois) or not len(xy):
        return np.full((len(xy), at_most), -1, dtype=np.int64)
    _, rows = pois.tree.query(
        xy, k=range(1, at_most + 1), distance_upper_bound=np.nextafter(radius_m, np.inf)
    )
    return np.where(rows == len(pois), -1, rows).astype(np.int64)


def tally_kinds(xy: Floats, pois: Pois, radii_m: tuple[float, ...]) -> Indices:
    """Count the POIs of each kind in each ring: (n, rings, kinds).

    radii_m : outer radii of the rings, ascending; the first ring is a disc
    """
    counts = np.zeros((len(xy), len(radii_m), len(KIND_NAMES)), dtype=np.int64)
    if not len(xy):
        return counts
    for kind, tree in pois.trees.items():
        for column, radius_m in enumerate(radii_m):
            counts[:, column, kind] = tree.query_ball_point(xy, radius_m, return_length=True)
    return np.diff(counts, axis=1, prepend=0)


def kinds_around(pois: Pois, rows: Indices) -> Indices:
    """Count the kinds around POIs `rows`, without themselves: (r, kinds).

    Within 150 m and among the 64 nearest, so that the cost does not grow with the density.
    """
    near = nearest_pois(pois.xy[rows], pois, AROUND_M, AROUND_AT_MOST + 1)
    counts = np.zeros((len(rows), len(KIND_NAMES)), dtype=np.int64)
    valid = (near >= 0) & (near != rows[:, None])
    # among many POIs at one position, the POI itself may not be among its nearest
    valid[:, -1] &= valid.sum(axis=1) <= AROUND_AT_MOST
    at, column = np.nonzero(valid)
    np.add.at(counts, (at, pois.kind[near[at, column]]), 1)
    return counts
