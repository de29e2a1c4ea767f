"""Which kinds of files a city can be uploaded as: each a source of `netspatial.sources`.

One more kind is one line here; the page shows it by itself.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from netspatial.city.city import Part


class Kind(NamedTuple):
    """A kind of file.

    title   : what the page calls it
    endings : of its files
    options : which of the page's words its source takes; the others it knows by itself
    many    : whether several files belong together
    fixed   : options of its source that are always these
    source  : what reads it, where that is not its own name
    """

    title: str
    endings: tuple[str, ...]
    options: tuple[str, ...] = ("licence", "attribution")
    many: bool = False
    fixed: Mapping[str, str] = MappingProxyType({})
    source: str = ""


PLACES = ("csv", "tsv", "csv.gz", "parquet", "geoparquet", "geojson", "json", "gpkg", "zip")
TABLES = ("csv", "csv.gz", "parquet")
OF_TRAFFIC = ("unit", "licence", "attribution")

KINDS: dict[Part, dict[str, Kind]] = {
    "imagery": {"geotiff": Kind("GeoTIFF", ("tif", "tiff"))},
    "pois": {
        "file": Kind("Table or layer of places", PLACES),
        "osm": Kind("OpenStreetMap extract", ("osm.pbf", "pbf", "osm"), ()),
    },
    "stations": {
        "file": Kind("Table or layer of stations", PLACES),
        "opencellid": Kind("Cells of OpenCelliD", ("csv", "csv.gz"), ()),
    },
    "traffic": {
        "tidy": Kind("A row a station and hour", TABLES, OF_TRAFFIC),
        "wide": Kind("A row an hour, a column a station", TABLES, OF_TRAFFIC),
        "telecom-italia": Kind(
            "Telecom Italia's daily files", ("txt", "tsv", "txt.gz", "tsv.gz"), (), many=True
        ),
    },
    "landuse": {
        "file": Kind("Layer of land use", PLACES),
        "roads": Kind("Layer of roads", PLACES, fixed={"use": "road"}, source="file"),
        "raster": Kind("Raster of CORINE classes", ("tif", "tiff"), fixed={"legend": "corine"}),
        "osm": Kind("OpenStreetMap extract", ("osm.pbf", "pbf", "osm"), ()),
    },
}
"""By part of a city, then by name, mostly that of the source; the first is the usual one."""

MOST_MB: dict[Part, int] = {
    "imagery": 200, "pois": 100, "stations": 50, "traffic": 200, "landuse": 100,
}  # fmt: skip
"""Of all files of a part together."""


def endings(part: Part) -> list[str]:
    """Return the endings of all kinds of files of a part, as a browser lets one choose by."""
    found = {end.rpartition(".")[2] for kind in KINDS[part].values() for end in kind.endings}
    return sorted(found)
