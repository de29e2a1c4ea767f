"""Files of places: areas read from what planners have, tables of places written in lon/lat.

Behind `Area.from_file` and every command's `--out`. One reader for each kind of area file: GeoJSON
comes back as text, everything else as one lon/lat collection.
"""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from shapely.geometry.base import BaseGeometry

from netspatial.disk import atomic_file
from netspatial.errors import BadInput

MOST_BYTES = 100_000_000
"""No area of 10,000 vertices needs a larger file."""


def read_area_file(path: Path) -> BaseGeometry | bytes:
    """Return what the file holds: GeoJSON as bytes, or its geometries in lon/lat."""
    if not path.is_file():
        raise BadInput(f"There is no file '{path}' to read an area from.")
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise BadInput(
            f"'{path.name}' is no kind of area file known here; "
            f"give one of {', '.join(sorted(_READERS))} (a zip holds a shapefile)."
        )
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise BadInput(
            f"'{path.name}' holds {size / 1e6:,.0f} MB, too much for an area; "
            f"{MOST_BYTES / 1e6:.0f} MB is the most."
        )
    return read(path)


def names_area_file(text: str) -> bool:
    """Tell whether a text names a file that is there, or ends as a file of an area does."""
    path = Path(text)
    return path.suffix.lower() in _READERS or path.is_file()


def write_places(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write a table of places in EPSG:4326, as GeoParquet or GeoJSON after the name's ending."""
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise BadInput(
            f"'{path.name}' is no kind of file that places are written to; "
            f"give one of {', '.join(sorted(_WRITERS))}."
        )
    with atomic_file(path) as draft:
        write(table.to_crs("EPSG:4326"), draft)


def _write_parquet(table: gpd.GeoDataFrame, path: Path) -> None:
    table.to_parquet(path, index=False)


def _write_geojson(table: gpd.GeoDataFrame, path: Path) -> None:
    path.write_text(table.to_json(drop_id=True) + "\n")


_WRITERS: dict[str, Callable[[gpd.GeoDataFrame, Path], None]] = {
    ".geojson": _write_geojson,
    ".parquet": _write_parquet,
}


def _read_text(path: Path) -> bytes:
    return path.read_bytes()


def _read_parquet(path: Path) -> BaseGeometry:
    try:
        table = gpd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise BadInput(f"'{path.name}' is not a GeoParquet file that can be read.") from error
    return _in_lonlat(table, path)


def _read_layers(path: Path) -> BaseGeometry:
    """Read every layer: KML keeps each folder in a layer of its own."""
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        tables = [gpd.read_file(path, layer=name, engine="pyogrio") for name in layers]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise BadInput(f"'{path.name}' cannot be read as {_KINDS[path.suffix.lower()]}.") from error
    shapes = [_in_lonlat(table, path) for table in tables if len(table)]
    return shapely.GeometryCollection(shapes)


_READERS: dict[str, Callable[[Path], BaseGeometry | bytes]] = {
    ".geojson": _read_text,
    ".json": _read_text,
    ".parquet": _read_parquet,
    ".geoparquet": _read_parquet,
    ".kml": _read_layers,
    ".zip": _read_layers,
}

_KINDS = {".kml": "KML", ".zip": "a zipped shapefile"}


def _in_lonlat(table: pd.DataFrame, path: Path) -> BaseGeometry:
    if not isinstance(table, gpd.GeoDataFrame):
        raise BadInput(f"'{path.name}' holds a table without geometries; an area is needed.")
    if table.crs is None:
        raise BadInput(
            f"'{path.name}' does not say its coordinate system; "
            "a shapefile needs its .prj, GeoParquet its crs."
        )
    shapes = table.geometry.dropna().to_crs("EPSG:4326")
    return shapely.GeometryCollection(list(shapes))
