"""One table of bad input: every user's mistake raises one clear sentence."""

import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from netspatial.area import Area
from netspatial.city.city import City, write_city
from netspatial.cli import main
from netspatial.disk import atomic_folder
from netspatial.errors import NetSpatialError
from netspatial.feasibility import Rules, feasibility
from netspatial.grid import h3_grid, make_grid, project
from netspatial.imagery import Imagery

NAN, INF = float("nan"), float("inf")
UTM32 = CRS.from_epsg(32632)
BOX = shapely.box(9.1, 45.4, 9.2, 45.5)
HERE = Area.around(9.19, 45.46, 1000)


def polygon(*ring: tuple[float, ...]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [list(ring)]}


def circle(vertices: int) -> shapely.Polygon:
    angles = np.linspace(0, 2 * np.pi, vertices)
    return shapely.Polygon(np.column_stack([9 + np.cos(angles) / 50, 45 + np.sin(angles) / 50]))


Case = tuple[Callable[[], object], str]

AREAS: dict[str, Case] = {
    "not JSON": (lambda: Area.from_geojson("{polygon}"), "is not JSON"),
    "a list": (lambda: Area.from_geojson("[1, 2]"), "no member 'type'"),
    "no type": (lambda: Area.from_geojson({"coordinates": []}), "no member 'type'"),
    "a point": (
        lambda: Area.from_geojson({"type": "Point", "coordinates": [9, 45]}),
        "is a Point; a Polygon or MultiPolygon is needed",
    ),
    "a line": (
        lambda: Area.from_geojson({"type": "LineString", "coordinates": [[9, 45], [9, 46]]}),
        "is a LineString",
    ),
    "a circle marker among polygons": (
        lambda: Area.from_geojson(
            {
                "type": "FeatureCollection",
                "features": [
                    {"type": "Feature", "geometry": shapely.geometry.mapping(BOX)},
                    {"type": "Feature", "geometry": {"type": "Point", "coordinates": [9, 45]}},
                ],
            }
        ),
        "is a Point",
    ),
    "a shapely line": (
        lambda: Area.from_geometry(shapely.LineString([(9, 45), (9, 46)])),
        "is a LineString",
    ),
    "a Feature without geometry": (
        lambda: Area.from_geojson({"type": "Feature", "geometry": None}),
        "Feature has no geometry",
    ),
    "a FeatureCollection without features": (
        lambda: Area.from_geojson({"type": "FeatureCollection", "features": []}),
        "holds no features",
    ),
    "no rings": (lambda: Area.from_geojson({"type": "Polygon", "coordinates": []}), "is empty"),
    "an empty shape": (lambda: Area.from_geometry(shapely.Polygon()), "is empty"),
    "no coordinates": (lambda: Area.from_geojson({"type": "Polygon"}), "cannot be built"),
    "two corners": (
        lambda: Area.from_geojson(polygon((9, 45), (9, 46))),
        "every ring needs at least four positions",
    ),
    "words as coordinates": (
        lambda: Area.from_geojson(polygon(("nine", 45), (9, 46), (10, 46), ("nine", 45))),
        "cannot be built",
    ),
    "one number a position": (
        lambda: Area.from_geojson(polygon((9,), (10,), (11,), (9,))),
        "cannot be built",
    ),
    "an unknown crs": (
        lambda: Area.from_geojson(
            {**shapely.geometry.mapping(BOX), "crs": {"properties": {"name": "EPSG:0"}}}
        ),
        "names 'EPSG:0', which is not a coordinate system",
    ),
    "all on one line": (
        lambda: Area.from_geojson(polygon((9, 45), (9.1, 45.1), (9.2, 45.2), (9, 45))),
        "has no surface",
    ),
    "a bow-tie": (
        lambda: Area.from_geojson(polygon((9, 45), (9.1, 45.1), (9.1, 45.0), (9.0, 45.1), (9, 45))),
        "crosses itself (self-intersection), and a repair would change its surface by 100%",
    ),
    "NaN": (
        lambda: Area.from_geojson(polygon((9, 45), (NAN, 45.1), (9.1, 45.0), (9, 45))),
        "not a finite number",
    ),
    "infinity": (
        lambda: Area.from_geojson(polygon((9, 45), (INF, 45.1), (9.1, 45.0), (9, 45))),
        "not a finite number",
    ),
    "too many vertices": (
        lambda: Area.from_geometry(circle(10_002)),
        "has 10,002 vertices, more than 10,000",
    ),
    "latitude first": (
        lambda: Area.from_bounds(-33.9, 151.1, -33.8, 151.2),
        "look swapped: 151.1 is not a latitude",
    ),
    "metres for degrees": (
        lambda: Area.from_bounds(515_000, 5_030_000, 516_000, 5_031_000),
        "are not degrees",
    ),
    "over the antimeridian": (
        lambda: Area.from_geojson(
            polygon((179.9, 10), (-179.9, 10), (-179.9, 10.1), (179.9, 10.1), (179.9, 10))
        ),
        "crosses the antimeridian; cut it in two",
    ),
    "past 180 degrees": (
        lambda: Area.from_bounds(179.9, 10, 180.1, 10.1),
        "crosses the antimeridian",
    ),
    "once around the world": (
        lambda: Area.from_bounds(369.1, 45.4, 369.2, 45.5),
        "has the longitude 369.2",
    ),
    "at the pole": (lambda: Area.around(10, 85, 1000), "reaches the latitude 85"),
    "in Antarctica": (lambda: Area.around(10, -82, 1000), "reaches the latitude -82"),
    "too large": (
        lambda: Area.around(9.19, 45.46, 30_000),
        "measures 900.0 km2, more than the limit of 400 km2",
    ),
    "larger than a given limit": (
        lambda: Area.from_geometry(BOX, limit_km2=50),
        "more than the limit of 50 km2",
    ),
    "a limit of nothing": (lambda: Area.from_geometry(BOX, limit_km2=0), "limit of an area is 0"),
    "south above north": (
        lambda: Area.from_bounds(9.1, 45.5, 9.2, 45.4),
        "south (45.5) is not below its north (45.4)",
    ),
    "west beyond east": (
        lambda: Area.from_bounds(9.2, 45.4, 9.1, 45.5),
        "west (9.2) is not below its east (9.1)",
    ),
    "a box with NaN": (lambda: Area.from_bounds(9.1, NAN, 9.2, 45.5), "not a finite number"),
    "no side": (lambda: Area.around(9.19, 45.46, 0), "side of the area is 0 m"),
    "a negative side": (lambda: Area.around(9.19, 45.46, -5), "a positive length is needed"),
    "a centre of NaN": (lambda: Area.around(NAN, 45.46, 100), "not a finite number"),
    "outside the imagery": (
        lambda: HERE.check_within((10, 46, 11, 47)),
        "lies outside the city's imagery; draw it within west 10.00000",
    ),
    "half outside the imagery": (
        lambda: HERE.check_within((9.19, 45, 10, 46)),
        "of the area lies outside the city's imagery",
    ),
    "swapped, as the city shows": (
        lambda: Area.around(45.46, 9.19, 1000).check_within((9, 45, 10, 46)),
        "look swapped: read as latitude, longitude it would lie in the city",
    ),
}

GRIDS: dict[str, Case] = {
    "cells too small": (lambda: make_grid(HERE, 5), "Cells of 5 m cannot be made"),
    "cells too large": (lambda: make_grid(HERE, 6000), "give a size from 10 m to 5000 m"),
    "cells of NaN": (lambda: make_grid(HERE, NAN), "Cells of nan m cannot be made"),
    "too many cells": (
        lambda: make_grid(Area.around(9.19, 45.46, 15_000), 12),
        "cells of 12 m, more than 1,000,000",
    ),
    "too many hexagons": (
        lambda: h3_grid(Area.around(9.19, 45.46, 19_990), 12),
        "cells of resolution 12, more than 1,000,000",
    ),
    "H3 too coarse": (lambda: h3_grid(HERE, 2), "The H3 resolution 2 cannot be used"),
    "H3 too fine": (lambda: h3_grid(HERE, 15), "give one from 6 to 12"),
    "H3 in between": (lambda: h3_grid(HERE, 9.5), "The H3 resolution 9.5 cannot be used"),
    "a CRS in degrees": (
        lambda: make_grid(HERE, 100, CRS.from_epsg(4326)),
        "need a metric coordinate system",
    ),
    "a CRS in feet": (
        lambda: make_grid(HERE, 100, CRS.from_epsg(2263)),
        "need a metric coordinate system",
    ),
    "a CRS that distorts": (
        lambda: make_grid(HERE, 100, CRS.from_epsg(3857)),
        "distorts surfaces there by 10",
    ),
    "another side of the Earth": (
        lambda: project(Area.around(-150, -20, 1000), UTM32),
        "use EPSG:32706 or draw nearer to the city",
    ),
    "a CRS without a name": (
        lambda: make_grid(HERE, 100, CRS.from_proj4("+proj=laea +lat_0=45 +lon_0=9.1 +units=m")),
        "has no authority code",
    ),
    "a distance below zero": (lambda: Rules(station_distance_m=-1), "give zero or more metres"),
    "a share above one": (lambda: Rules(least_inside=1.5), "give a number from 0 to 1"),
}


@pytest.mark.parametrize("what", list(AREAS))
def test_a_bad_area(what):
    call, words = AREAS[what]
    _assert_refused(call, words)


@pytest.mark.parametrize("what", list(GRIDS))
def test_a_bad_grid(what):
    call, words = GRIDS[what]
    _assert_refused(call, words)


def _assert_refused(call: Callable[[], object], words: str) -> None:
    with pytest.raises(NetSpatialError) as refusal:
        call()
    _assert_one_sentence(str(refusal.value), words)


def _assert_one_sentence(message: str, words: str) -> None:
    assert words in message
    assert "\n" not in message
    assert message.endswith((".", "?"))
    assert not message[0].islower() or "." in message.split(maxsplit=1)[0]  # the name of a file
    assert ". " not in message.replace("...", "")


def no_layers(folder: Path) -> Path:
    path = folder / "empty.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no shapefile here")
    return path


def no_prj(folder: Path) -> Path:
    gpd.GeoDataFrame(geometry=[BOX], crs=4326).to_file(folder / "a.shp")
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in ("a.shp", "a.shx", "a.dbf"):
            archive.write(folder / part, part)
    return path


def no_geometry(folder: Path) -> Path:
    pd.DataFrame({"a": [1]}).to_parquet(folder / "plain.parquet")
    return folder / "plain.parquet"


def no_crs(folder: Path) -> Path:
    gpd.GeoDataFrame(geometry=[BOX]).to_parquet(folder / "a.parquet")
    return folder / "a.parquet"


def text(name: str, content: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_text(content)
        return folder / name

    return write


def huge(folder: Path) -> Path:
    with (folder / "huge.geojson").open("wb") as file:
        file.truncate(200_000_000)
    return folder / "huge.geojson"


FILES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no file": (lambda folder: folder / "none.geojson", "There is no file"),
    "a folder": (lambda folder: folder, "There is no file"),
    "an unknown kind": (text("a.dwg", ""), "is not a known kind of area file; give one of"),
    "broken GeoJSON": (text("a.geojson", "{"), "In a.geojson: The area is not JSON"),
    "bytes that are no text": (
        lambda folder: (folder / "a.json").write_bytes(b"\xff\xfe\xfa") and folder / "a.json",
        "holds something else",
    ),
    "broken Parquet": (text("a.parquet", "PAR0"), "holds something else"),
    "broken KML": (text("a.kml", "<kml"), "cannot be read as KML"),
    "an empty KML": (
        text("a.kml", '<kml xmlns="http://www.opengis.net/kml/2.2"><Document/></kml>'),
        "The area is empty",
    ),
    "a broken zip": (text("a.zip", "PK"), "holds something else"),
    "a zip without a shapefile": (no_layers, "holds no shapefile"),
    "a shapefile without its prj": (no_prj, "a shapefile needs its .prj"),
    "a Parquet file without geometry": (no_geometry, "holds a table without geometries"),
    "a Parquet file without crs": (no_crs, "does not say its coordinate system"),
    "a huge file": (huge, "holds 200 MB, too much for an area"),
}


@pytest.mark.parametrize("what", list(FILES))
def test_a_bad_file(what, tmp_path):
    make, words = FILES[what]
    path = make(tmp_path)
    _assert_refused(lambda: Area.from_file(path), words)


RECORDS: dict[str, tuple[dict[str, object], str]] = {
    "no name": ({"name": ""}, "name: String should have at least 1 character"),
    "an unknown crs": ({"crs": "EPSG:0"}, "'EPSG:0' is not a coordinate system"),
    "a crs in degrees": ({"crs": "EPSG:4326"}, "'EPSG:4326' does not measure in metres"),
    "a crs without a code": (
        {"crs": "+proj=laea +lat_0=45 +lon_0=9.1 +units=m"},
        "has no authority code",
    ),
    "bounds the wrong way": ({"bounds": [10, 45, 9, 46]}, "bounds are not west < east"),
    "three bounds": ({"bounds": [10, 45, 9]}, "bounds.3: Field required"),
    "an unknown timezone": ({"timezone": "Mars/Olympus"}, "'Mars/Olympus' is not an IANA timezone"),
    "an unknown provenance": ({"provenance": "guessed"}, "provenance: Input should be"),
    "a member too many": ({"colour": "red"}, "colour: Extra inputs are not permitted"),
    "a start that is no time": ({"start": "soon"}, "start: Input should be a valid datetime"),
}


@pytest.mark.parametrize("what", list(RECORDS))
def test_a_bad_record(what, own_city):
    changes, words = RECORDS[what]
    described = own_city.folder / "city.json"
    record = json.loads(described.read_text()) | changes
    described.write_text(json.dumps(record))
    _assert_refused(lambda: City.open(own_city.folder), words)


def _write_over(city: City, folder: Path) -> None:
    with write_city(folder, city.record):
        pass


def _write_pois(city: City, folder: Path, pois: gpd.GeoDataFrame) -> None:
    with write_city(folder, city.record) as draft:
        draft.write_pois(pois)


def _write_twice(city: City, folder: Path) -> None:
    with atomic_folder(folder, known_by="city.json"):
        _write_over(city, folder)


def _replaced(path: Path, make: Callable[[Path], None]) -> bool:
    path.unlink()
    make(path)
    return True


CITIES: dict[str, tuple[Callable[[City, Path], object], str]] = {
    "no folder": (lambda _, tmp: City.open(tmp / "atlantis"), "There is no city folder"),
    "a folder that is no city": (lambda _, tmp: City.open(tmp), "it has no city.json"),
    "a file for a folder": (
        lambda city, _: City.open(city.path("pois")),
        "There is no city folder",
    ),
    "an empty city.json": (
        lambda city, _: (city.folder / "city.json").write_text("") or City.open(city.folder),
        "is not valid JSON",
    ),
    "half a city.json": (
        lambda city, _: (
            (city.folder / "city.json").write_text('{"name":') and City.open(city.folder)
        ),
        "is not valid JSON",
    ),
    "a part that is missing": (
        lambda city, _: city.path("landuse").unlink() or city.landuse,
        "put GeoParquet polygons with a column use there as landuse.parquet",
    ),
    "a folder for a part": (
        lambda city, _: _replaced(city.path("pois"), Path.mkdir) and city.pois,
        "is not a file but a folder",
    ),
    "a part that never ends": (
        lambda city, _: (
            _replaced(city.path("traffic"), lambda path: path.symlink_to("/dev/zero"))
            and city.traffic
        ),
        "is not a file but a folder, a device",
    ),
    "an image that is none": (
        lambda city, _: city.path("imagery").write_text("x") and city.imagery.shape,
        "'imagery.tif' is named '.tif' and holds something else",
    ),
    "a view without resolution": (
        lambda city, _: city.imagery.view((0, 0, 1, 1), UTM32),
        "give gsd_m or shape",
    ),
    "no image file": (lambda _, tmp: Imagery(tmp / "i.tif").shape, "There is no file"),
    "an unknown mask": (
        lambda city, _: feasibility(make_grid(HERE), city, ["swamp"]),
        "There is no mask 'swamp'; the masks are water, protected, near_station, edge",
    ),
    "writing over a folder of other things": (
        _write_over,
        "exists already and is not a folder of NetSpatial's, known by its city.json",
    ),
    "writing below a file": (
        lambda city, _: _write_over(city, city.path("pois") / "city"),
        "cannot be written",
    ),
    "writing points without a crs": (
        lambda city, tmp: _write_pois(
            city, tmp / "new", city.pois.set_crs(None, allow_override=True)
        ),
        "The pois have no coordinate system",
    ),
    "two writers": (
        lambda city, tmp: _write_twice(city, tmp / "two"),
        "Another process is writing",
    ),
}


@pytest.mark.parametrize("what", list(CITIES))
def test_a_bad_city(what, own_city, tmp_path):
    call, words = CITIES[what]
    _assert_refused(lambda: call(own_city, tmp_path), words)


BOX_OPTION = "--bbox=9.18,45.45,9.19,45.46"

COMMANDS: dict[str, tuple[list[str], str]] = {
    "an unknown command": (["are"], "No such command 'are'"),
    "an unknown option": (["area", "--colour", "red"], "No such option: --colour"),
    "a word for a number": (
        ["grid", BOX_OPTION, "--cell-m", "wide"],
        "Invalid value for '--cell-m'",
    ),
    "a missing argument": (["city", "describe"], "Missing argument"),
    "a group without a command": (["city"], "Missing command"),
    "no area": (["area"], "exactly one of --bbox, --around and --file"),
    "two areas": (["area", BOX_OPTION, "--around=9,45"], "exactly one of"),
    "a centre without a side": (["area", "--around=9,45"], "--around and --side-m go together"),
    "a side without a centre": (
        ["area", BOX_OPTION, "--side-m", "5"],
        "--around and --side-m go together",
    ),
    "three corners": (
        ["area", "--bbox=9,45,10"],
        "give west,south,east,north in degrees",
    ),
    "words for a centre": (["area", "--around=here", "--side-m=9"], "lon,lat in degrees"),
    "no such file": (["area", "--file", "none.kml"], "There is no file 'none.kml'"),
    "markup in a name": (["area", "--file", "[bold]x[/].kml"], "There is no file '[bold]x[/].kml'"),
    "no such city": (["city", "validate", "atlantis"], "There is no city folder 'atlantis'"),
    "a grid of no city": (["grid", "--city", "atlantis"], "There is no city folder 'atlantis'"),
    "a mask without a city": (
        ["grid", BOX_OPTION, "--skip-mask=water"],
        "--skip-mask needs --city",
    ),
    "an unknown mask": (["grid", "--city=.", "--skip-mask=swamp"], "There is no mask 'swamp'"),
    "an area outside the city": (["grid", "--city=.", "--bbox=8,45,8.1,45.1"], "outside the city"),
    "an unknown kind of output": (
        ["grid", BOX_OPTION, "--out=cells.xls"],
        "give one of .csv, .geojson",
    ),
    "output below a file": (["grid", BOX_OPTION, "--out=city.json/x.parquet"], "cannot be written"),
    "output onto a folder": (["grid", BOX_OPTION, "--out=x.parquet"], "is a folder, not a file"),
    "a name too long": (["area", "--file", "x" * 5000 + ".kml"], "File name too long"),
}


@pytest.mark.parametrize("what", list(COMMANDS))
def test_a_bad_command(what, own_city, monkeypatch, capsys):
    words, sentence = COMMANDS[what]
    (own_city.folder / "x.parquet").mkdir()
    monkeypatch.chdir(own_city.folder)
    monkeypatch.setattr(sys, "argv", ["netspatial", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert ended.value.code == 2
    assert printed.out == ""
    _, message = printed.err.strip().split(": ", 1)
    _assert_one_sentence(message, sentence)


def test_the_tables_have_at_least_a_hundred_cases():
    tables = (AREAS, GRIDS, FILES, RECORDS, CITIES, COMMANDS)
    assert sum(map(len, tables)) >= 100
