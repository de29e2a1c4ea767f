"""Files that are made to do harm, as an attacker uploads them; one more is one line here."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

from netspatial.evaluate.robustness.hostile import layers, leading
from netspatial.evaluate.robustness.hostile.leading import archive
from netspatial.evaluate.robustness.spoil.json_text import DEEP, LONG

MARK = "never-to-be-seen"
"""What a file of the server holds that no upload may bring to light."""
AREA, POIS, IMAGE, TRAFFIC, OSM = "area", "pois/file", "imagery/geotiff", "traffic/tidy", "pois/osm"
"""What a file is uploaded as: an area, or a part of a city and its kind."""

Maker = Callable[[Path], bytes]
"""Makes the content; told the server's file that it may try to lead to."""

RING = "[[9.18, 45.45], [9.2, 45.45], [9.2, 45.47], [9.18, 45.47], [9.18, 45.45]]"
BOX = f'{{"type": "Polygon", "coordinates": [{RING}]}}'
POINT = '{"type": "Point", "coordinates": [9.19, 45.46]}'
ADDRESS = b'"/vsicurl/http://127.0.0.1"'
ROW = b"a,2024-01-01T00:00:00Z,1\n"
TIDY = b"station,time,value\n"


def _packed(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=1, mtime=0)


def _deep_property() -> bytes:
    deep = "[" * DEEP + "]" * DEEP
    feature = f'{{"type": "Feature", "properties": {{"a": {deep}}}, "geometry": {POINT}}}'
    return f'{{"type": "FeatureCollection", "features": [{feature}]}}'.encode()


def _other_service(_: Path) -> bytes:
    return b'{"type": "FeatureCollection", "features": [], "x": ' + ADDRESS + b"}"


HOSTILE: tuple[tuple[str, str, str, Maker], ...] = (
    (
        "a layer that reads a file, zipped",
        POIS,
        "p.zip",
        lambda file: archive(("x.vrt", leading.layer(file))),
    ),
    (
        "a layer that reads a file, as shapefile",
        POIS,
        "p.zip",
        lambda file: archive(("x.shp", leading.layer(file))),
    ),
    (
        "a layer that reads a file, as table of a shapefile",
        AREA,
        "p.zip",
        lambda file: archive(("x.dbf", leading.layer(file))),
    ),
    ("a layer that reads a file, as JSON", POIS, "p.json", leading.layer),
    (
        "a layer that reads a file, as GeoJSON",
        POIS,
        "p.geojson",
        lambda file: b"{" + leading.layer(file),
    ),
    (
        "a layer that reads a file, as KML",
        AREA,
        "p.kml",
        lambda file: b"<kml/>" + leading.layer(file),
    ),
    (
        "a layer that reads a file, as extract",
        OSM,
        "p.osm",
        lambda file: b"<osm/>" + leading.layer(file),
    ),
    ("an image that reads a file", IMAGE, "i.tif", leading.raster),
    (
        "an image that reads a file, behind another's head",
        IMAGE,
        "i.tif",
        lambda file: b"II*\x00" + leading.raster(file),
    ),
    ("a layer from an address", POIS, "p.json", _other_service),
    (
        "a service of features",
        AREA,
        "a.json",
        lambda _: b'{"serviceDescription": ' + ADDRESS + b"}",
    ),
    ("a topology", AREA, "a.json", lambda _: b'{"type": "Topology", "objects": {}, "arcs": []}'),
    ("nested shapes in GeoParquet, as area", AREA, "a.parquet", lambda _: layers.nested_parquet()),
    (
        "nested shapes in GeoParquet, as places",
        POIS,
        "p.parquet",
        lambda _: layers.nested_parquet(),
    ),
    (
        "nested shapes in GeoPackage",
        POIS,
        "p.gpkg",
        lambda _: layers.geopackage(shape=layers.nested_wkb()),
    ),
    ("a ring that crosses itself everywhere", AREA, "a.geojson", lambda _: layers.crossing_ring()),
    ("twenty million rows", POIS, "p.parquet", lambda _: layers.many_rows()),
    ("a sparse image", IMAGE, "i.tif", lambda _: layers.image(100_000, 3, "uint8", 4096)),
    ("an image of 3,000 bands", IMAGE, "i.tif", lambda _: layers.image(608, 3000, "float64", 608)),
    ("an image that leads to itself", IMAGE, "i.tif", lambda _: layers.looping_image()),
    ("an endless view", POIS, "p.gpkg", lambda _: layers.geopackage(layers.ENDLESS)),
    ("a table of 100,000 columns", POIS, "p.csv", lambda _: layers.wide_csv()),
    ("a table of 100,000 columns, as traffic", TRAFFIC, "t.csv", lambda _: layers.wide_csv()),
    ("a line without an end", POIS, "p.csv", lambda _: b"name,lon,lat\n" + b"x" * 30_000_000),
    ("an open quote", POIS, "p.csv", lambda _: b'name,lon,lat\n"' + b"x,1,2\n" * 3_000_000),
    ("a packed table of 2 GB", POIS, "p.csv.gz", lambda _: _packed(bytes(2_000_000_000))),
    ("a packed table of 400 MB", TRAFFIC, "t.csv.gz", lambda _: _packed(TIDY + ROW * 16_000_000)),
    ("a cut packed table", TRAFFIC, "t.csv.gz", lambda _: _packed(TIDY + ROW * 9000)[:-30]),
    (
        "a packed table in a packed table",
        POIS,
        "p.csv.gz",
        lambda _: _packed(_packed(b"name,lon,lat\n")),
    ),
    ("an archive that unpacks to 1 GB", AREA, "a.zip", lambda _: archive(("x.shp", bytes(10**9)))),
    ("an archive whose names lead out", AREA, "a.zip", lambda _: archive(("../../x.shp", b"x"))),
    ("an archive of an absolute name", AREA, "a.zip", lambda _: archive(("/x.shp", b"x"))),
    ("an archive of a dot", AREA, "a.zip", lambda _: archive((".", b"x"))),
    ("an archive of a link", AREA, "a.zip", leading.linked),
    (
        "an archive in an archive",
        AREA,
        "a.zip",
        lambda file: archive(("x.zip", archive(("x.vrt", leading.layer(file))))),
    ),
    (
        "an archive of many files",
        AREA,
        "a.zip",
        lambda _: archive(*((f"{number}.shp", b"") for number in range(5000))),
    ),
    ("a deep document", AREA, "a.geojson", lambda _: b"[" * DEEP),
    (
        "a deep geometry",
        AREA,
        "a.geojson",
        lambda _: BOX.replace(RING, "[" * 5000 + "]" * 5000).encode(),
    ),
    (
        "a deep collection",
        AREA,
        "a.geojson",
        lambda _: b'{"type": "Feature", "geometry": ' * 5000 + b"null" + b"}" * 5000,
    ),
    ("a deep property", POIS, "p.geojson", lambda _: _deep_property()),
    ("numbers of 400 digits", AREA, "a.geojson", lambda _: BOX.replace("9.18", LONG).encode()),
    (
        "half a character",
        AREA,
        "a.geojson",
        lambda _: json.dumps({"type": "\ud800", "coordinates": []}).encode(),
    ),
    ("entities that multiply, as area", AREA, "a.kml", lambda _: leading.laughs("kml")),
    ("entities that multiply, as extract", OSM, "p.osm", lambda _: leading.laughs("osm")),
    ("an entity that reads a file", AREA, "a.kml", lambda file: leading.entity(file, "kml")),
    (
        "a link in KML",
        AREA,
        "a.kml",
        lambda _: (
            b"<kml><NetworkLink><Link><href>http://127.0.0.1/</href></Link></NetworkLink></kml>"
        ),
    ),
    ("a name that leads out", AREA, "../../a.geojson", lambda _: b"{}"),
    ("a name without an ending", AREA, "", lambda _: b"{}"),
    ("nothing", POIS, "p.csv", lambda _: b""),
)
"""Name, purpose, file name, content."""
