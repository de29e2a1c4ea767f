"""Read tables in Parquet and GeoParquet; raise `BadInput` where a file is damaged.

Arrow, GEOS and PROJ raise errors of any kind for a damaged file.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from netspatial.arrays import Mask
from netspatial.coordinate_systems import horizontal
from netspatial.errors import BadInput, reason

Table = TypeVar("Table", bound=pd.DataFrame)


def read_frame(path: Path, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Return a table without places that has these columns."""
    return _read(pd.read_parquet, path, columns, "Parquet")


def read_places(path: Path, columns: Sequence[str] = ()) -> gpd.GeoDataFrame:
    """Return a table of places that has these columns, in the coordinate system of the file."""
    table = _read(gpd.read_parquet, path, columns, "GeoParquet")
    if table.crs is None:
        raise BadInput(f"{path} has no coordinate system; use EPSG:4326.")
    return table


def in_lonlat(table: gpd.GeoDataFrame, path: Path) -> gpd.GeoDataFrame:
    """Return a table in EPSG:4326, heights left out."""
    crs = horizontal(table.crs, str(path))
    try:
        with np.errstate(invalid="ignore"):  # invalid coordinates are reported by the checks
            return table.set_crs(crs, allow_override=True).to_crs("EPSG:4326")
    except (RuntimeError, ValueError) as error:  # ProjError among them
        raise BadInput(f"{path} cannot be transformed to degrees: {reason(error)}.") from error


def check_shapes(table: gpd.GeoDataFrame, kinds: Sequence[str], path: Path) -> None:
    """Raise unless every row of a table in EPSG:4326 has a shape of these kinds on Earth."""
    shapes = table.geometry.to_numpy()
    for what, wrong in (
        ("no geometry", shapely.is_missing(shapes) | shapely.is_empty(shapes)),
        (f"a shape that is not a {' or '.join(kinds)}", ~table.geom_type.isin(kinds).to_numpy()),
        ("a coordinate that is not on Earth", ~_on_earth(shapes)),
    ):
        if wrong.any():
            raise BadInput(
                f"{path} has {what} in {int(wrong.sum()):,} of its {len(table):,} rows, first in "
                f"row {int(np.flatnonzero(wrong)[0])}; correct or leave out those rows."
            )


def _on_earth(shapes: NDArray[np.object_]) -> Mask:
    """Whether all of each shape in degrees lies on Earth, (n,)."""
    west, south, east, north = shapely.bounds(shapes).T
    inside: Mask = (west >= -180) & (south >= -90) & (east <= 180) & (north <= 90)
    corners, row = shapely.get_coordinates(shapes, return_index=True)
    inside[row[~np.isfinite(corners).all(axis=1)]] = False  # bounds pass over NaN
    return inside


def _read(read: Callable[[Path], Table], path: Path, columns: Sequence[str], kind: str) -> Table:
    try:
        table = read(path.absolute())  # 'http:/x' would be taken for a URL
    except MemoryError:
        raise
    except Exception as error:
        raise BadInput(f"{path} is not a {kind} file that can be read: {reason(error)}.") from error
    missing = [column for column in columns if column not in table.columns]
    if missing:
        there = ", ".join(map(str, table.columns))
        raise BadInput(f"{path} has no column '{missing[0]}'; it has {there}.")
    return table
