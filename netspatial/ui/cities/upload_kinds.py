"""The kinds of files that a city can be uploaded as: each a source of `netspatial.sources`.

A new kind is one line here; the page shows it without further changes.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from netspatial.city.city import Part


class UploadKind(NamedTuple):
    """A kind of file.

    title   : label on the page
    endings : of its files
    options : fields of the page that are passed to its source
    many    : whether it can be several files
    fixed   : further options that are always passed to its source
    source  : name of the source that reads it; '' is its own name
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

KINDS: dict[Part, dict[str, UploadKind]] = {
    "imagery": {"geotiff": UploadKind("GeoTIFF", ("tif", "tiff"))},
    "pois": {
        "file": UploadKind("Table or layer of places", PLACES),
        "osm": UploadKind("OpenStreetMap extract", ("osm.pbf", "pbf", "osm"), ()),
    },
    "stations": {
        "file": UploadKind("Table or layer of stations", PLACES),
        "opencellid": UploadKind("OpenCelliD cell list", ("csv", "csv.gz"), ()),
    },
    "traffic": {
        "tidy": UploadKind("One row per station and hour", TABLES, OF_TRAFFIC),
        "wide": UploadKind("One row per hour, one column per station", TABLES, OF_TRAFFIC),
        "telecom-italia": UploadKind(
            "Telecom Italia's daily files", ("txt", "tsv", "txt.gz", "tsv.gz"), (), many=True
        ),
    },
    "landuse": {
        "file": UploadKind("Land use layer", PLACES),
        "roads": UploadKind("Road layer", PLACES, fixed={"use": "road"}, source="file"),
        "raster": UploadKind("CORINE raster", ("tif", "tiff"), fixed={"legend": "corine"}),
        "osm": UploadKind("OpenStreetMap extract", ("osm.pbf", "pbf", "osm"), ()),
    },
}
"""By part of a city, then by name; the first is the default."""

MAX_MB: dict[Part, int] = {
    "imagery": 200,
    "pois": 100,
    "stations": 50,
    "traffic": 200,
    "landuse": 100,
}
"""Size limit of all files of a part together, MB."""


def endings(part: Part) -> list[str]:
    """Return the file endings of a part, in the form that a file dialog filters by."""
    found = {end.rpartition(".")[2] for kind in KINDS[part].values() for end in kind.endings}
    return sorted(found)
