"""Areas from files: GeoJSON, GeoParquet, KML and zipped shapefiles; used by `Area.from_file`.

Every file is read in a separate process.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import shapely

from netspatial.area import MAX_VERTICES, Area
from netspatial.errors import BadInput
from netspatial.user_files.content import check_content, ending_of
from netspatial.user_files.limited_process import call
from netspatial.user_files.limits import Limits

ENDINGS = ("geojson", "json", "parquet", "geoparquet", "kml", "zip")
MAX_MB = 100
"""Maximum file size, MB; an area of 10,000 vertices needs less."""


def names_area_file(text: str) -> bool:
    """Whether a text is the path of an existing file or has the ending of an area file."""
    return ending_of(text) in ENDINGS or Path(text).is_file()


def read_area_file(path: Path, limit_km2: float, limits: Limits) -> dict[str, Any]:
    """Return the area of a file as a GeoJSON Feature with its notes."""
    if not path.is_file():
        raise BadInput(f"There is no file '{path}' to read an area from.")
    ending = ending_of(path.name)
    if ending not in ENDINGS:
        raise BadInput(
            f"'{path.name}' is not a known kind of area file; "
            f"give one of {', '.join(sorted(ENDINGS))} (a zip holds a shapefile or one of these)."
        )
    size = path.stat().st_size / 1e6
    if size > MAX_MB:
        raise BadInput(
            f"'{path.name}' holds {size:,.0f} MB, too much for an area; the limit is {MAX_MB} MB."
        )
    drivers: tuple[str, ...] = ()
    if ending in ("kml", "zip"):
        from netspatial.user_files.layers import drivers_of  # noqa: PLC0415  heavy

        drivers = drivers_of(path)
    described: dict[str, Any] = call(
        f"{__name__}:described_area",
        {"path": str(path.absolute()), "limit_km2": limit_km2, "limits": limits.to_json()},
        limits,
        f"'{path.name}'",
        drivers,
    )
    return described


def described_area(path: str, limit_km2: float, limits: dict[str, Any]) -> dict[str, Any]:
    """Return the area of a file as a GeoJSON Feature; called in a limited process."""
    file, bounds = Path(path), replace(Limits(**limits), rows=MAX_VERTICES)
    check_content(file, bounds)
    try:
        if ending_of(file.name) in ("geojson", "json"):
            return Area.from_geojson(file.read_bytes(), limit_km2=limit_km2).to_geojson()
        return Area.from_geometry(_shapes(file, bounds), limit_km2=limit_km2).to_geojson()
    except BadInput as error:
        raise BadInput(f"In {file.name}: {error}") from error


def _shapes(file: Path, limits: Limits) -> shapely.GeometryCollection:
    """Return the shapes of every layer: KML keeps each folder in a layer of its own."""
    import geopandas as gpd  # noqa: PLC0415  heavy, and GeoJSON needs none of it

    from netspatial.user_files.layers import ALL, read_layers  # noqa: PLC0415

    tables = read_layers(file, limits, layer=ALL)
    if any(not isinstance(table, gpd.GeoDataFrame) for table in tables):
        raise BadInput("It holds a table without geometries; an area is needed.")
    return shapely.GeometryCollection([shape for table in tables for shape in table.geometry])
