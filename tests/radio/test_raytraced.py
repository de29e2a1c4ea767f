"""Rays are traced in a process of their own; where that fails, it is said and nothing breaks."""

import sys

import geopandas as gpd
import numpy as np
import pytest
import shapely

from netspatial.errors import BadInput
from netspatial.radio import raytraced
from netspatial.radio.pixels import demand_pixels
from netspatial.radio.raytraced import BuildingTracer, probe, traced_loss
from netspatial.radio.reach import radio_map, reach
from netspatial.radio.scene import write_scene
from netspatial.radio.signals import pairs, signals
from netspatial.radio.sites import Radio, sites_of
from netspatial.radio.tracer import LINKS, LOSS

WORKS = "pass"
STATIONS = np.array([[0.0, 0.0, 20.0], [400.0, 0.0, 20.0]])
USERS = np.array([[100.0, 0.0, 1.5], [300.0, 50.0, 1.5]])

# stands in for the tracer: 100 dB and one more for each metre of height between the ends of a
# link, and no ray to the second user
STAND_IN = f"""
import sys, numpy as np
if len(sys.argv) > 1:
    links = np.load(sys.argv[1] + "/{LINKS}")
    loss = 100 + links["station"][:, 2] - links["user"][:, 2]
    loss[links["user"][:, 1] > 10] = np.nan
    np.save(sys.argv[1] + "/{LOSS}", loss)
"""


def python(program):
    return (sys.executable, "-c", program)


@pytest.fixture
def houses():
    boxes = [shapely.box(150, -20, 200, 20), shapely.box(220, 30, 260, 60)]
    return gpd.GeoDataFrame({"height_m": [12.0, 30.0]}, geometry=boxes, crs="EPSG:32632")


def test_a_tracer_that_works_is_ready():
    assert probe(python(WORKS)).ready


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import os; os.abort()", "SIGABRT"),
        ("raise ModuleNotFoundError(\"No module named 'sionna'\")", r"netspatial\[radio\]"),
        ("raise RuntimeError('no device found.')", "no device found"),
        ("import time; time.sleep(60)", "did not answer"),
    ],
)
def test_a_tracer_that_fails_is_told_and_harms_nobody(program, said):
    told = probe(python(program), timeout_s=0.5 if "sleep" in program else 60)
    assert not told.ready
    assert said.replace("\\", "") in told.message


def test_a_tracer_that_is_not_there_is_told():
    assert "cannot be started" in probe(("/nowhere/tracer",)).message


def test_losses_come_back_in_the_order_of_the_links(houses):
    server, pixel = np.array([1, 0, 1, 0]), np.array([0, 1, 1, 0])
    found = traced_loss(
        houses,
        STATIONS + np.array([0, 0, 5]),
        USERS,
        server,
        pixel,
        np.full(4, 2.0),
        python(STAND_IN),
    )
    assert found.loss_db == pytest.approx([123.5, np.nan, np.nan, 123.5], nan_ok=True)
    assert "50%" in found.message


def test_without_a_tracer_the_statistical_model_stands_in(two_tiers, houses, monkeypatch):
    monkeypatch.setattr(raytraced, "probe", lambda _: probe(python("import os; os.abort()")))
    told = radio_map(two_tiers, buildings=houses)
    assert "statistical path loss stands in" in told.notes[0]
    assert np.array_equal(told.reach.efficiency, reach(two_tiers).efficiency)


def test_traced_losses_replace_the_statistical_ones_where_rays_arrive(two_tiers, houses):
    sites, radio = sites_of(two_tiers, Radio()), Radio()
    pixels = demand_pixels(sites, None, 0)
    rays = BuildingTracer(houses, sites, pixels, radio, python(STAND_IN))
    traced, plain = signals(sites, pixels, radio, 0, rays), signals(sites, pixels, radio, 0)
    pixel, _ = pairs(sites, pixels)
    middle = sites.places.mean(axis=0)
    arrives = pixels.places[pixel][:, 1] - middle[1] <= 10
    same = traced.received_dbm == plain.received_dbm
    assert same[~arrives].all()
    assert not same[arrives].any()


def test_a_scene_holds_walls_roofs_and_ground(houses, tmp_path):
    scene = write_scene(tmp_path, houses, np.zeros(2))
    assert "itu-radio-material" in scene.read_text()
    # each house: four walls and a roof, of two triangles each
    assert b"element face 20\n" in (tmp_path / "buildings.ply").read_bytes()
    assert b"element face 2\n" in (tmp_path / "ground.ply").read_bytes()


def surface(folder):
    """Area of all triangles of the buildings, m²."""
    raw = (folder / "buildings.ply").read_bytes()
    count = int(raw.split(b"element vertex ")[1].split()[0])
    start = raw.index(b"end_header\n") + 11
    corners = np.frombuffer(raw[start : start + 12 * count], "<f4").reshape(-1, 3, 3)
    edge = corners[:, 1:] - corners[:, :1]
    return 0.5 * np.linalg.norm(np.cross(edge[:, 0], edge[:, 1]), axis=1).sum()


def test_triangles_of_a_scene_cover_walls_and_roofs_once(houses, tmp_path):
    write_scene(tmp_path, houses, np.zeros(2))
    homes = houses.geometry
    walls, roofs = (homes.length * houses["height_m"]).sum(), homes.area.sum()
    assert surface(tmp_path) == pytest.approx(walls + roofs, rel=1e-5)


def test_a_courtyard_stays_open(tmp_path):
    ring = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    court = gpd.GeoDataFrame({"height_m": [10.0]}, geometry=[ring], crs="EPSG:32632")
    write_scene(tmp_path, court, np.zeros(2))
    # walls of both rings, and a roof that leaves the yard open
    assert surface(tmp_path) == pytest.approx((120 + 40) * 10 + 900 - 100)


def test_buildings_without_heights_are_refused(houses, tmp_path):
    with pytest.raises(BadInput, match="height_m"):
        write_scene(tmp_path, houses.drop(columns="height_m"), np.zeros(2))
