"""Tiles of a server are mosaicked to one georeferenced image; failed answers are not stored."""

import io
import math

import numpy as np
import pytest
import rasterio
from PIL import Image
from pyproj import Transformer

from netspatial.area import Area
from netspatial.errors import BadInput, NetSpatialError
from netspatial.imagery import Imagery
from netspatial.progress import silent
from netspatial.sources import open_source
from netspatial.sources.contract import SourceSettings
from netspatial.sources.net import CannotFetch, Net
from tests.sources.server import Answer, serving

AREA = Area.from_bounds(9.18, 45.45, 9.20, 45.465)
ZOOM = 15


def tile(x, y, side=256):
    image = Image.new("RGB", (side, side), (x % 256, y % 256, 77))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def tiles(path, _sent):
    _, _, x, y = path.partition("?")[0].removesuffix(".png").split("/")
    return Answer(tile(int(x), int(y)), kind="image/png")


def source(address, template="/{z}/{x}/{y}.png", options=f"zoom={ZOOM}&attribution=Tilers"):
    net = Net(consent=True, private=True, sleep=lambda _s: None, tries=2, timeout_s=5)
    return open_source("imagery", f"xyz:{address}{template}#{options}", SourceSettings(net=net))[1]


def column_row(lon, lat):
    """Column and row of the tile of a place, by the formula of the slippy map."""
    n = 2**ZOOM
    lat_rad = math.radians(lat)
    return int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(lat_rad)) / math.pi) / 2 * n)


def test_every_place_has_the_pixel_of_its_tile(tmp_path):
    with serving(tiles) as server:
        fetched = source(server.address).fetch(AREA, tmp_path, silent)
        count = len(server.asked)
    assert Imagery(fetched.data).problems() == []
    west, south, east, north = Imagery(fetched.data).lonlat_bounds
    assert west <= 9.18
    assert south <= 45.45
    assert east >= 9.20
    assert north >= 45.465
    to_mercator = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    with rasterio.open(fetched.data) as image:
        for lon in np.linspace(9.181, 9.199, 7):
            for lat in np.linspace(45.451, 45.464, 7):
                (pixel,) = image.sample([to_mercator.transform(lon, lat)])
                x, y = column_row(lon, lat)
                assert tuple(pixel) == (x % 256, y % 256, 77)
    assert fetched.attribution == ("Tilers",)
    assert f"{count} tiles" in fetched.notes[0]
    assert f"{count} tiles" in source("http://far.example").estimate(AREA).what


@pytest.mark.parametrize(
    "template", ["/{TileMatrix}/{TileCol}/{TileRow}.png", "/{z}/{x}/{y}.png?key=1"]
)
def test_wmts_addresses_and_keys_are_accepted(tmp_path, template):
    with serving(tiles) as server:
        fetched = source(server.address, template).fetch(AREA, tmp_path, silent)
    assert fetched.data.is_file()


def test_after_a_failure_only_missing_tiles_are_fetched(tmp_path):
    failing = [True]

    def respond(path, sent):
        if failing[0] and len(server.asked) > 3:
            return Answer(b"<html>busy</html>", kind="text/html")
        return tiles(path, sent)

    with serving(respond) as server:
        with pytest.raises(CannotFetch, match="a web page"):
            source(server.address).fetch(AREA, tmp_path, silent)
        good = server.asked[:3]
        failing[0] = False
        del server.asked[:]
        source(server.address).fetch(AREA, tmp_path, silent)
        assert not set(good) & set(server.asked)
        assert len(set(server.asked)) == len(server.asked)


@pytest.mark.parametrize(
    ("respond", "sentence"),
    [
        (lambda _p, _s: Answer(b"<html>", kind="text/html"), "a web page"),
        (lambda _p, _s: Answer(status=403), "access is forbidden"),
        (lambda _p, _s: Answer(status=429), "too many requests"),
        (lambda _p, _s: Answer(tile(1, 1)[:90], kind="image/png"), "instead of an image"),
        (lambda p, _s: Answer(tile(1, 1, 256 if p[-5] in "02468" else 512)), "256x256 and 512x512"),
    ],
)
def test_a_bad_tile_server_raises_an_error(tmp_path, respond, sentence):
    with serving(respond) as server, pytest.raises(NetSpatialError, match=sentence):
        source(server.address).fetch(AREA, tmp_path, silent)
    assert not (tmp_path / "imagery.tif").exists()


@pytest.mark.parametrize(
    ("template", "options", "sentence"),
    [
        ("/{z}/{x}.png", "zoom=15&attribution=T", "has no {z}, {x} and {y}"),
        ("/{z}/{x}/{y}.png", "attribution=T", "need a zoom"),
        ("/{z}/{x}/{y}.png", "zoom=99&attribution=T", "zoom .* is '99'"),
        ("/{z}/{x}/{y}.png", "zoom=15", "need an attribution"),
    ],
)
def test_a_wrong_template_is_refused(template, options, sentence):
    with pytest.raises(BadInput, match=sentence):
        source("http://far.example", template, options)


def test_requests_have_the_given_rate(tmp_path):
    waits = []
    net = Net(consent=True, private=True, sleep=waits.append)
    with serving(tiles) as server:
        asked = f"xyz:{server.address}/{{z}}/{{x}}/{{y}}.png#zoom={ZOOM}&attribution=T&rate=10"
        open_source("imagery", asked, SourceSettings(net=net))[1].fetch(AREA, tmp_path, silent)
        assert waits == [0.1] * len(server.asked)


def test_too_many_tiles_are_refused_before_the_first():
    with pytest.raises(BadInput, match="a smaller zoom"):
        source("http://far.example", options="zoom=22&attribution=T").estimate(AREA)
