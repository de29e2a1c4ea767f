"""Write tables of places in lon/lat, in the format given by the file extension.

Used by `--out` of the commands and by `to_file` of the Python objects.
"""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.plain_text import in_spreadsheet


def write_places(
    table: gpd.GeoDataFrame, path: str | Path, origin: Mapping[str, str] | None = None
) -> Path:
    """Write a table of places in EPSG:4326 and return its path.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        Any coordinate system.
    path : str or Path
        ``.gpkg``, ``.geojson``, ``.kml``, ``.parquet`` or ``.csv``; an existing file is replaced.
    origin : mapping, optional
        Provenance and attribution by name; stored in the file as far as its format can.

    Returns
    -------
    Path
        The written file.

    Raises
    ------
    BadInput
        Where the extension is not known.

    """
    target = Path(path)
    write = _WRITERS.get(target.suffix.lower())
    if write is None:
        raise BadInput(
            f"'{target.name}' is not a kind of file for places; "
            f"give one of {', '.join(sorted(_WRITERS))}."
        )
    with atomic_file(target) as draft:
        write(table.to_crs("EPSG:4326"), draft, dict(origin or {}))
    return target


def geopackage(table: gpd.GeoDataFrame, origin: Mapping[str, str]) -> bytes:
    """Return a table as GeoPackage, with `origin` as its metadata.

    In memory, because GDAL reports no error on a full disk and leaves a truncated file.
    """
    packed = io.BytesIO()
    pyogrio.write_dataframe(
        table, packed, driver="GPKG", layer="places", dataset_metadata=dict(origin)
    )
    return packed.getvalue()


def _write_parquet(table: gpd.GeoDataFrame, path: Path, origin: dict[str, str]) -> None:
    table.assign(**origin).to_parquet(path, index=False)


def _write_geojson(table: gpd.GeoDataFrame, path: Path, origin: dict[str, str]) -> None:
    collection = json.loads(table.to_json(drop_id=True)) | origin
    path.write_text(json.dumps(collection) + "\n")


def _write_geopackage(table: gpd.GeoDataFrame, path: Path, origin: dict[str, str]) -> None:
    path.write_bytes(geopackage(table, origin))


def _write_kml(table: gpd.GeoDataFrame, path: Path, origin: dict[str, str]) -> None:
    packed = io.BytesIO()
    pyogrio.write_dataframe(table.assign(**origin), packed, driver="KML", layer="places")
    path.write_bytes(packed.getvalue())


def _write_csv(table: gpd.GeoDataFrame, path: Path, origin: dict[str, str]) -> None:
    """Write the attributes; where the table has no lon and lat, those of a point in each place."""
    rows = pd.DataFrame(table.drop(columns=table.geometry.name))
    if "lon" not in rows:
        inside = table.geometry.representative_point()
        rows = rows.assign(lon=inside.x, lat=inside.y)
    rows = rows.assign(**origin)
    for name in rows.columns:
        if not pd.api.types.is_numeric_dtype(rows[name]):
            rows[name] = rows[name].map(in_spreadsheet, na_action="ignore")
    rows.columns = pd.Index([in_spreadsheet(name) for name in rows.columns])
    rows.to_csv(path, index=False)


_WRITERS: dict[str, Callable[[gpd.GeoDataFrame, Path, dict[str, str]], None]] = {
    ".csv": _write_csv,
    ".geojson": _write_geojson,
    ".gpkg": _write_geopackage,
    ".kml": _write_kml,
    ".parquet": _write_parquet,
}
