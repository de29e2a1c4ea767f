"""Ids and metric coordinates of places: any table of cells or stations, checked."""

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from netspatial.arrays import Floats
from netspatial.errors import BadInput

ID_COLUMNS = ("cell_id", "station_id")


def ids_of(places: gpd.GeoDataFrame) -> NDArray[np.str_]:
    """Return each place's id, (n,): its cell_id or station_id, or its index."""
    for column in ID_COLUMNS:
        if column in places.columns:
            return np.asarray(places[column].astype(str), dtype=np.str_)
    return np.asarray(places.index.astype(str), dtype=np.str_)


def positions(places: gpd.GeoDataFrame, crs: CRS) -> Floats:
    """Return the centre of each place in the metric `crs`, (n, 2) metres."""
    if places.crs is None:
        raise BadInput(
            "The places have no coordinate system; set it, for example with "
            "places.set_crs('EPSG:4326')."
        )
    if not len(places):
        return np.empty((0, 2))
    missing = np.flatnonzero((places.geometry.isna() | places.geometry.is_empty).to_numpy())
    if missing.size:
        raise BadInput(
            f"{missing.size} places have no geometry, the first in row {missing[0]}; give each a "
            "point or a polygon."
        )
    centres = places.geometry.to_crs(crs).centroid
    xy = np.column_stack([centres.x, centres.y])
    wrong = np.flatnonzero(~np.isfinite(xy).all(axis=1))
    if wrong.size:
        raise BadInput(
            f"{wrong.size} places have no finite coordinates in {crs.name}, the first in row "
            f"{wrong[0]}; remove or repair them."
        )
    return xy


def lonlat_of(xy: Floats, crs: CRS) -> Floats:
    """Return longitude and latitude, (n, 2) degrees, of metres in `crs`."""
    if not len(xy):
        return np.empty((0, 2))
    transformer = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    return np.column_stack(transformer.transform(*xy.T))
