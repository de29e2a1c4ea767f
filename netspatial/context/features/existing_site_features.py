"""Features of the existing stations around a place, which limit the demand that is left for it.

Computed from positions and tiers alone, without traffic; `city_relative` compares them with the
city's own stations.
"""

import geopandas as gpd
import numpy as np
from pyproj import CRS
from scipy.spatial import KDTree

from netspatial.arrays import Floats, Mask
from netspatial.context.features.places import positions

NEAREST = 6
"""Number of distances to the nearest stations of any tier; half as many for each tier."""
RADII_M = (300.0, 600.0, 1200.0, 2400.0)
"""Radii in which stations of each tier are counted."""
UNIT_M = 500.0
CLOSEST_M, FARTHEST_M = 20.0, 5000.0
"""Distances are clipped to this range."""
SAME_PLACE_M = 1.0
"""A station nearer than this is the place itself."""
COVERAGE = "coverage"
WIDTH = 1 + NEAREST + 2 * (NEAREST // 2 + len(RADII_M))


def existing_site_features(
    stations: gpd.GeoDataFrame, places: gpd.GeoDataFrame, crs: CRS
) -> Floats:
    """Return the features of the existing stations around each place, (n, WIDTH). crs : metric.

    Columns: whether the place is of the coverage tier (a place without a tier counts as a capacity
    site); log distances, over 500 m, to the nearest stations; then for the coverage tier and for
    all others the same and log counts within `RADII_M`. A station does not count itself.
    """
    xy, standing = positions(places, crs), positions(stations, crs)
    covers = _covers(stations)
    columns = [_covers(places)[:, None].astype(np.float64), _log_nearest(xy, standing, NEAREST)]
    for tier in (standing[covers], standing[~covers]):
        columns += [_log_nearest(xy, tier, NEAREST // 2), _log_counts(xy, tier)]
    return np.concatenate(columns, axis=1)


def _covers(table: gpd.GeoDataFrame) -> Mask:
    if "tier" not in table.columns:
        return np.zeros(len(table), dtype=bool)
    return np.asarray(table["tier"].astype(str) == COVERAGE)


def _log_nearest(xy: Floats, stations: Floats, count: int) -> Floats:
    """Return log distances (n, count) to the nearest other stations, else of FARTHEST_M."""
    found = np.full((len(xy), count + 1), np.inf)
    known = min(count + 1, len(stations))
    if known:
        distance, _ = KDTree(stations).query(xy, k=list(range(1, known + 1)))
        found[:, :known] = distance
    itself = found[:, :1] < SAME_PLACE_M
    others = np.where(itself, found[:, 1:], found[:, :-1])
    return np.asarray(np.log(np.clip(others, CLOSEST_M, FARTHEST_M) / UNIT_M))


def _log_counts(xy: Floats, stations: Floats) -> Floats:
    """Return log(1 + stations within each radius), (n, radii)."""
    if not len(stations):
        return np.zeros((len(xy), len(RADII_M)))
    tree = KDTree(stations)
    itself = tree.query_ball_point(xy, SAME_PLACE_M, return_length=True)
    return np.column_stack(
        [np.log1p(tree.query_ball_point(xy, r, return_length=True) - itself) for r in RADII_M]
    )
