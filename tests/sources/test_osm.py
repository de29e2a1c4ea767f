"""OpenStreetMap by Overpass and from a file gives the same places; incomplete answers give none."""

import urllib.parse

import pytest

from netspatial.area import Area
from netspatial.city.checks import LAND_USES
from netspatial.errors import BadInput, NetSpatialError
from netspatial.progress import silent
from netspatial.sources import open_source
from netspatial.sources.contract import SourceSettings
from netspatial.sources.net import CannotFetch, Net
from tests.sources.server import Answer, serving

AREA = Area.from_bounds(9.18, 45.45, 9.20, 45.465)

NODES = [(1, 9.181, 45.451), (2, 9.182, 45.451), (3, 9.182, 45.452), (4, 9.181, 45.452)]
SQUARE = "".join(f'<node id="{n}" version="1" lat="{lat}" lon="{lon}"/>' for n, lon, lat in NODES)
RING = "".join(f'<nd ref="{n}"/>' for n in (1, 2, 3, 4, 1))
MAP = f"""<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="tests">
{SQUARE}
<node id="5" version="1" lat="45.455" lon="9.19"><tag k="amenity" v="cafe"/><tag k="name" v="Zoë"/>
  <tag k="addr:street" v="Via Roma"/><tag k="addr:housenumber" v="3"/></node>
<node id="6" version="1" lat="45.456" lon="9.19"><tag k="highway" v="bus_stop"/></node>
<node id="7" version="1" lat="45.457" lon="9.19"><tag k="highway" v="street_lamp"/></node>
<way id="8" version="1">{RING}<tag k="shop" v="mall"/><tag k="name" v="Arcade"/></way>
<way id="9" version="1">{RING}<tag k="leisure" v="park"/></way>
</osm>"""
CUT = MAP[: len(MAP) // 2]
REMARK = MAP.replace("</osm>", "<remark>runtime error: Query timed out</remark></osm>")
PLACES = [
    ("", "highway=bus_stop", ""),
    ("", "leisure=park", ""),
    ("Arcade", "shop=mall", ""),
    ("Zoë", "amenity=cafe", "Via Roma 3"),
]


def overpass(address, part="pois", **other):
    net = Net(**({"consent": True, "private": True, "sleep": lambda _s: None, "tries": 3} | other))
    return open_source(part, f"overpass:{address}", SourceSettings(net=net))[1]


def answered(text):
    return lambda _path, _sent: Answer(text.encode(), kind="application/osm3s+xml")


def rows(fetched):
    table = fetched.data
    return sorted(zip(table["name"], table["category"], table["address"], strict=True))


def test_overpass_and_a_file_give_the_same_places(tmp_path):
    with serving(answered(MAP)) as server:
        far = overpass(server.address).fetch(AREA, tmp_path, silent)
    (tmp_path / "map.osm").write_text(MAP)
    _, source = open_source("pois", f"osm:{tmp_path / 'map.osm'}", SourceSettings())
    near = source.fetch(AREA, tmp_path, silent)
    assert rows(far) == rows(near) == PLACES
    for fetched in (far, near):
        assert fetched.licence == "ODbL-1.0"
        assert "OpenStreetMap contributors" in fetched.attribution[0]
        assert fetched.data.geometry.geom_type.eq("Point").all()
        assert fetched.data.crs.to_epsg() == 4326


def test_land_use_has_polygons_of_known_uses(tmp_path):
    with serving(answered(MAP)) as server:
        far = overpass(server.address, "landuse").fetch(AREA, tmp_path, silent)
    (tmp_path / "map.osm").write_text(MAP)
    _, source = open_source("landuse", f"osm:{tmp_path / 'map.osm'}", SourceSettings())
    near = source.fetch(AREA, tmp_path, silent)
    for fetched in (far, near):
        assert list(fetched.data["use"]) == ["park"]
        assert set(fetched.data["use"]) <= set(LAND_USES)
        assert list(fetched.data.geometry.geom_type) == ["Polygon"]


def test_the_query_has_the_area_and_the_tags(tmp_path):
    sent = []

    def respond(_path, body):
        sent.append(urllib.parse.parse_qs(body.decode())["data"][0])
        return Answer(MAP.encode())

    with serving(respond) as server:
        overpass(server.address).fetch(AREA, tmp_path, silent)
    assert len(sent) == 1
    assert "(45.4500000,9.1800000,45.4650000,9.2000000)" in sent[0]
    assert 'nwr["shop"]' in sent[0]
    assert '"^(bus_stop)$"' in sent[0]


@pytest.mark.parametrize(
    ("answer", "asked", "sentence"),
    [
        (Answer(REMARK.encode()), 1, "aborted the query: 'runtime error: Query timed out'"),
        (Answer(CUT.encode()), 1, "truncated"),
        (Answer(MAP.encode(), promised=99_999), 3, "no complete answer"),
        (Answer(b"<!DOCTYPE html><html>busy</html>", kind="text/html"), 1, "not map data"),
        (Answer(b'<osm version="0.6"></osm>'), 1, "has no place"),
        (Answer(status=504), 3, "answered 504"),
        (Answer(status=429), 3, "too many requests"),
    ],
)
def test_an_incomplete_answer_is_not_stored(tmp_path, answer, asked, sentence):
    with serving(lambda _path, _sent: answer) as server:
        with pytest.raises(CannotFetch, match=sentence):
            overpass(server.address, timeout_s=5).fetch(AREA, tmp_path, silent)
        assert len(server.asked) == asked


def test_requests_to_a_slow_server_are_retried_a_limited_number_of_times(tmp_path):
    import threading  # noqa: PLC0415

    gone = threading.Event()

    def respond(_path, _sent):
        gone.wait(5)
        return Answer(MAP.encode())

    with serving(respond) as server:
        with pytest.raises(CannotFetch, match="no complete answer"):
            overpass(server.address, tries=2, timeout_s=0.2).fetch(AREA, tmp_path, silent)
        gone.set()
        assert len(server.asked) == 2


def test_after_a_failure_only_the_missing_piece_is_queried(tmp_path):
    wide = Area.from_bounds(9.18, 45.45, 9.45, 45.465, limit_km2=1e9)
    answers = [Answer(MAP.encode()), Answer(REMARK.encode()), Answer(MAP.encode())]
    with serving(lambda _path, _sent: answers.pop(0)) as server:
        with pytest.raises(CannotFetch, match="aborted"):
            overpass(server.address).fetch(wide, tmp_path, silent)
        fetched = overpass(server.address).fetch(wide, tmp_path, silent)
        assert len(server.asked) == 3
    assert rows(fetched) == PLACES


@pytest.mark.parametrize("place", ['lat="45.45 23"', 'lat="\x1f"', 'lat="x"'])
def test_an_unreadable_coordinate_is_one_sentence(tmp_path, place):
    (tmp_path / "map.osm").write_text(MAP.replace('lat="45.455"', place))
    _, source = open_source("pois", f"osm:{tmp_path / 'map.osm'}", SourceSettings())
    with pytest.raises(BadInput, match="cannot be read as an OpenStreetMap file"):
        source.fetch(AREA, tmp_path, silent)


def test_a_file_without_map_data_is_refused(tmp_path):
    (tmp_path / "map.osm.pbf").write_bytes(b"no map at all")
    _, source = open_source("pois", f"osm:{tmp_path / 'map.osm.pbf'}", SourceSettings())
    with pytest.raises(BadInput, match="cannot be read as an OpenStreetMap file"):
        source.fetch(AREA, tmp_path, silent)
    with pytest.raises(NetSpatialError, match="no option 'zoom'"):
        open_source("pois", f"osm:{tmp_path / 'map.osm.pbf'}#zoom=3", SourceSettings())
