"""Write tables of places in lon/lat; used by every command's `--out`."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd

from netspatial.disk import atomic_file
from netspatial.errors import BadInput


def write_places(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write a table of places in EPSG:4326, as GeoParquet or GeoJSON by the name's ending."""
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise BadInput(
            f"'{path.name}' is not a kind of file for places; "
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
