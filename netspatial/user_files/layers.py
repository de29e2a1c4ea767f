"""Tables of shapes from a user's file: the one door to OGR and to GeoParquet.

Each file is read by a process of its own that has the one driver of its ending, and comes back
checked, in EPSG:4326.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyogrio
from shapely.errors import ShapelyError

from netspatial.coordinate_systems import crs_of
from netspatial.errors import BadInput, reason
from netspatial.user_files.content import check_content, ending_of, unpack_layers
from netspatial.user_files.geopackage import check_geopackage
from netspatial.user_files.limited_process import call
from netspatial.user_files.limits import Limits
from netspatial.user_files.parquet import check_parquet
from netspatial.user_files.shapes import in_degrees

DRIVERS = {
    "geojson": "GeoJSON",
    "json": "GeoJSON",
    "gpkg": "GPKG",
    "kml": "LIBKML",
    "shp": "ESRI Shapefile",
}
"""The only driver that reads files of an ending."""
KINDS = {
    "geojson": "GeoJSON",
    "json": "GeoJSON",
    "gpkg": "a GeoPackage",
    "kml": "KML",
    "shp": "a shapefile",
    "zip": "a zipped layer",
    "parquet": "a GeoParquet file",
    "geoparquet": "a GeoParquet file",
}
SIDE_FILES = (".shp", ".shx", ".dbf", ".prj", ".cpg")
ALL = "*"
"""Asks for every layer of a file."""


def read_layers(
    path: Path, limits: Limits, layer: str | None = None, crs: str | None = None
) -> list[pd.DataFrame]:
    """Return layers of a file: in EPSG:4326, or without shapes where the file has none.

    layer : the only layer that is wanted; None for the first, `ALL` for all
    crs   : coordinate system where the file names none
    """
    with tempfile.TemporaryDirectory(prefix="netspatial-layers-") as room:
        written = call(
            f"{__name__}:export_layers",
            {
                "path": str(path.absolute()),
                "room": room,
                "layer": layer,
                "crs": crs,
                "limits": limits.to_json(),
            },
            limits,
            f"'{path.name}'",
            drivers=drivers_of(path),
        )
        return [
            gpd.read_parquet(Path(room) / name) if placed else pd.read_parquet(Path(room) / name)
            for name, placed in written
        ]


def drivers_of(path: Path) -> tuple[str, ...]:
    """Return the drivers of GDAL that may read a file; those of all layers for a zip."""
    ending = ending_of(path.name)
    if ending == "zip":
        return tuple(dict.fromkeys(DRIVERS.values()))
    return (DRIVERS[ending],) if ending in DRIVERS else ()


def export_layers(
    path: str, room: str, layer: str | None, crs: str | None, limits: dict[str, Any]
) -> list[tuple[str, bool]]:
    """Write the layers of a file as Parquet; return the names and whether they have shapes.

    Called in a limited process, whose GDAL has no driver that leads elsewhere.
    """
    file, bounds = Path(path), Limits(**limits)
    check_content(file, bounds)
    written = []
    try:
        for number, table in enumerate(_tables(file, layer, bounds)):
            placed = isinstance(table, gpd.GeoDataFrame)
            checked = (
                in_degrees(_with_crs(table, crs, file), bounds, file.name) if placed else table
            )
            name = f"layer-{number}.parquet"
            checked.to_parquet(Path(room) / name, index=False)
            written.append((name, placed))
    except (
        OSError,
        ValueError,
        pa.ArrowException,
        ShapelyError,
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
        pyogrio.errors.FieldError,
        pyogrio.errors.GeometryError,
    ) as error:
        kind = KINDS[ending_of(file.name)]
        raise BadInput(
            f"'{file.name}' cannot be read as {kind}: {reason(error).replace(path, file.name)}."
        ) from error
    return written


def _tables(file: Path, layer: str | None, limits: Limits) -> Iterator[pd.DataFrame]:
    ending = ending_of(file.name)
    if ending not in DRIVERS and ending != "zip":
        yield _read_parquet(file, limits)
        return
    with tempfile.TemporaryDirectory(prefix="netspatial-given-") as room:
        left = limits.rows
        for source in _placed(file, ending, Path(room), limits):
            if source.suffix == ".gpkg":
                check_geopackage(source, file.name)
            known = [str(name) for name, _ in pyogrio.list_layers(source)]
            for name in _wanted(known, layer, file):
                table = _read_layer(source, name, limits, file.name)
                left -= len(table)
                limits.check(
                    "rows", limits.rows - left, f"'{file.name}'", "rows", "cut it to the area"
                )
                yield table
                if layer is None:
                    return


def _read_parquet(file: Path, limits: Limits) -> pd.DataFrame:
    schema = check_parquet(file, limits)
    read = gpd.read_parquet if b"geo" in (schema.metadata or {}) else pd.read_parquet
    table: pd.DataFrame = read(file.absolute())
    return table


def _placed(file: Path, ending: str, room: Path, limits: Limits) -> list[Path]:
    """Return where GDAL finds the file, alone and under a name that means nothing to it."""
    if ending == "zip":
        return unpack_layers(file, room, limits)
    beside = [file]
    if ending == "shp":
        beside = [path for path in file.parent.glob(f"{_literal(file.stem)}.*") if _is_part(path)]
    for path in beside:
        target = room / f"given{path.suffix.lower()}"
        try:
            target.symlink_to(path.resolve())
        except OSError:  # a system that lets nobody link
            shutil.copyfile(path, target)
    return [room / f"given.{ending}"]


def _literal(stem: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in stem)


def _is_part(path: Path) -> bool:
    return path.suffix.lower() in SIDE_FILES and path.is_file()


def _wanted(known: list[str], layer: str | None, file: Path) -> list[str]:
    """Return the layers that are read; one alone may also be called by the name of its file."""
    if layer is None or layer == ALL or (len(known) == 1 and layer == file.stem):
        return known
    if layer not in known:
        raise BadInput(f"'{file.name}' has no layer '{layer:.60}'; it has {', '.join(known[:5])}.")
    return [layer]


def _read_layer(source: Path, name: str, limits: Limits, file: str) -> pd.DataFrame:
    info = pyogrio.read_info(source, layer=name, force_feature_count=True)
    if info["driver"] != DRIVERS[ending_of(source.name)]:
        raise BadInput(f"'{file}' holds something else than its ending says.")
    rows, columns = int(info["features"]), len(info["fields"])
    limits.check("rows", rows, f"'{file}'", "rows", "cut it to the area")
    limits.check("columns", columns, f"'{file}'", "columns", "keep those that are needed")
    limits.check(
        "values", rows * columns, f"'{file}'", "values", "keep the columns that are needed"
    )
    table: pd.DataFrame = pyogrio.read_dataframe(source, layer=name, max_features=limits.rows)
    return table


def _with_crs(table: gpd.GeoDataFrame, crs: str | None, file: Path) -> gpd.GeoDataFrame:
    if table.crs is not None:
        return table
    if crs is None:
        raise BadInput(
            f"'{file.name}' does not say its coordinate system; a shapefile needs its .prj, "
            "GeoParquet its crs, and the option crs=EPSG:4326 of a source says it."
        )
    return table.set_crs(crs_of(crs, "The option crs"))
