"""Shapes that a file brought: few enough, flat, finite, and in degrees.

What a library builds of a hostile file may break what works on it later.
"""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError

from netspatial.coordinate_systems import horizontal
from netspatial.errors import BadInput, reason
from netspatial.user_files.limits import Limits
from netspatial.valid_surface import MAX_CROSSINGS, first_tangled

COLLECTION = 7
"""The number of a geometry collection among the types of geometry."""


def in_degrees(table: gpd.GeoDataFrame, limits: Limits, file: str) -> gpd.GeoDataFrame:
    """Return the rows of a table that have a shape, checked and in EPSG:4326."""
    shapes = table.geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    kept = table[there].reset_index(drop=True)
    _check(kept.geometry.to_numpy(), limits, file)
    crs = horizontal(table.crs, f"'{file}'")
    flat = shapely.force_2d(kept.geometry.to_numpy())
    try:
        moved = gpd.GeoSeries(flat, crs=crs).to_crs("EPSG:4326")
    except ProjError as error:
        raise BadInput(f"'{file}' cannot be brought to degrees: {reason(error)}.") from error
    _check_finite(moved.to_numpy(), file, "cannot be brought to degrees")
    kept = kept.set_geometry(moved.to_numpy(), crs="EPSG:4326")
    _check_tangles(kept.geometry.to_numpy(), limits, file)
    return kept


def _check(shapes: NDArray[np.object_], limits: Limits, file: str) -> None:
    vertices = int(shapely.get_num_coordinates(shapes).sum())
    limits.check("vertices", vertices, f"'{file}'", "vertices", "simplify its shapes")
    _check_finite(shapes, file, "is not a finite number")
    together = shapes[shapely.get_type_id(shapes) == COLLECTION]
    if (shapely.get_type_id(shapely.get_parts(together)) == COLLECTION).any():
        raise BadInput(f"'{file}' holds collections of shapes inside each other; write them flat.")


def _check_finite(shapes: NDArray[np.object_], file: str, fault: str) -> None:
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        raise BadInput(f"'{file}' holds a coordinate that {fault}.")


def _check_tangles(shapes: NDArray[np.object_], limits: Limits, file: str) -> None:
    surfaces = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    tangled = first_tangled(shapes[surfaces], limits.crossings)
    if tangled is not None:
        raise BadInput(
            f"Shape {surfaces[tangled] + 1} of '{file}' crosses itself more than "
            f"{min(MAX_CROSSINGS, limits.crossings)} times, or all of them together do more than "
            f"{limits.crossings:,} times; draw it without crossing lines."
        )
