"""Places from a file: GeoParquet, GeoJSON, GeoPackage, Shapefile, or CSV and Parquet with lon/lat.

Used by the sources of points of interest, land use and stations. Coordinates are transformed to
EPSG:4326 and cut to the area; swapped and projected coordinates are detected.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from netspatial.area import Area
from netspatial.coordinate_systems import crs_of
from netspatial.errors import BadInput, reason
from netspatial.sources.csv_dialect import numbers, read_texts
from netspatial.user_files.content import ending_of
from netspatial.user_files.layers import read_layers
from netspatial.user_files.limits import Limits
from netspatial.user_files.parquet import check_parquet
from netspatial.user_files.shapes import in_degrees

LON = ("lon", "lng", "long", "longitude", "x")
LAT = ("lat", "latitude", "y")


def read_places(path: Path, options: dict[str, str], limits: Limits) -> gpd.GeoDataFrame:
    """Return the file's places in EPSG:4326.

    options : `lon` and `lat` name columns, `crs` their coordinate system, `decimal` the sign
    """
    ending = ending_of(path.name)
    read = _READERS.get(ending)
    if read is None:
        raise BadInput(
            f"'{path.name}' is not a known kind of table of places; "
            f"give one of {', '.join(sorted(_READERS))}."
        )
    size = path.stat().st_size / 1e6
    limits.check("table_mb", size, f"'{path.name}'", "MB", "cut it to the area first")
    table = read(path, options, limits)
    if not isinstance(table, gpd.GeoDataFrame):
        table = _located(table, path, options)
        table = in_degrees(table, limits, path.name)
    _check_texts(table, limits, path)
    return table


def within(table: gpd.GeoDataFrame, area: Area, what: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Cut places to the bounds of the area, with a note; raise where none lies inside."""
    box = shapely.box(*area.bounds)
    inside = table.geometry.intersects(box)
    if len(table) and not inside.any():
        swapped = shapely.transform(np.asarray(table.geometry), lambda xy: xy[:, ::-1])
        if shapely.intersects(swapped, box).any():
            raise BadInput(
                f"The {what} look swapped: read as latitude, longitude they would lie in the area; "
                "name the columns with lon= and lat=."
            )
        west, south, east, north = table.total_bounds
        raise BadInput(
            f"None of the {len(table)} {what} lies in the area; they lie within west {west:.4f}, "
            f"south {south:.4f}, east {east:.4f}, north {north:.4f}."
        )
    if inside.all():
        return table, []
    notes = [
        f"{int((~inside).sum())} of {len(table)} {what} lie outside the area and were left out."
    ]
    return table[inside].reset_index(drop=True), notes


def column(table: pd.DataFrame, asked: str | None, usual: tuple[str, ...]) -> str | None:
    """Return the requested column or one with a usual name, in any case; None without one."""
    return column_of([str(name) for name in table.columns], asked, usual)


def column_of(columns: Sequence[str], asked: str | None, usual: tuple[str, ...]) -> str | None:
    """Return the requested column or one with a usual name; None without one."""
    by_name = {name.strip().lower(): name for name in columns}
    if asked is not None:
        if asked.lower() not in by_name:
            raise BadInput(f"There is no column '{asked}'; use one of {', '.join(columns)}.")
        return by_name[asked.lower()]
    return next((by_name[name] for name in usual if name in by_name), None)


def _located(table: pd.DataFrame, path: Path, options: dict[str, str]) -> gpd.GeoDataFrame:
    """Make points of two columns."""
    x, y = column(table, options.get("lon"), LON), column(table, options.get("lat"), LAT)
    if x is None or y is None:
        raise BadInput(
            f"'{path.name}' has no columns of lon and lat; it has {', '.join(table.columns)}. Name "
            "two with lon= and lat=."
        )
    crs = crs_of(options.get("crs", "EPSG:4326"), "The option crs")
    decimal = options.get("decimal", ".")
    xs, ys = (numbers(table[name], decimal, f"'{path.name}'") for name in (x, y))
    if crs.is_geographic and (
        np.nanmax(np.abs(xs), initial=0) > 180 or np.nanmax(np.abs(ys), initial=0) > 180
    ):
        raise BadInput(
            f"The columns {x} and {y} of '{path.name}' are not degrees; give their coordinate "
            "system, for example crs=EPSG:32632."
        )
    if crs.is_geographic and np.nanmax(np.abs(ys), initial=0) > 90:
        raise BadInput(
            f"The column {y} of '{path.name}' has latitudes beyond 90 degrees: lon and lat look "
            "swapped; name the columns with lon= and lat=."
        )
    bad = ~(np.isfinite(xs) & np.isfinite(ys))
    points = gpd.points_from_xy(np.where(bad, 0, xs), np.where(bad, 0, ys))
    places = gpd.GeoDataFrame(table.drop(columns=[x, y]), geometry=points, crs=crs)
    return places[~bad]


def _check_texts(table: gpd.GeoDataFrame, limits: Limits, path: Path) -> None:
    """Raise where a text of the table is longer than the limit."""
    for name in table.columns.drop("geometry"):
        if pd.api.types.is_numeric_dtype(table[name].dtype):
            continue
        longest = table[name].astype("string").str.len().max()
        if pd.notna(longest):
            limits.check(
                "text_length", longest, f"'{path.name}'", "characters in one text", "shorten it"
            )


def _read_csv(path: Path, _options: dict[str, str], limits: Limits) -> pd.DataFrame:
    return read_texts(path, limits)


def _read_layer(path: Path, options: dict[str, str], limits: Limits) -> pd.DataFrame:
    tables = read_layers(path, limits, options.get("layer"), options.get("crs"))
    if not tables:
        raise BadInput(f"'{path.name}' holds no layer.")
    return tables[0]


def _read_parquet(path: Path, options: dict[str, str], limits: Limits) -> pd.DataFrame:
    """Return a table; GeoParquet is read as a layer, plain Parquet as columns."""
    if b"geo" in (check_parquet(path, limits).metadata or {}):
        return _read_layer(path, options, limits)
    try:
        table: pd.DataFrame = pd.read_parquet(path)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise BadInput(f"'{path.name}' cannot be read: {reason(error)}.") from error
    return table


_READERS: dict[str, Callable[[Path, dict[str, str], Limits], pd.DataFrame]] = {
    "csv": _read_csv,
    "csv.gz": _read_csv,
    "tsv": _read_csv,
    "tsv.gz": _read_csv,
    "parquet": _read_parquet,
    "geoparquet": _read_parquet,
    "geojson": _read_layer,
    "json": _read_layer,
    "gpkg": _read_layer,
    "shp": _read_layer,
    "zip": _read_layer,
}
