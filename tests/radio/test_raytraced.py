"""Rays are traced in a separate process; a failure is reported and nothing else breaks."""

import sys

import geopandas as gpd
import numpy as np
import pytest
import shapely

from netspatial.errors import BadInput
from netspatial.radio import raytraced
from netspatial.radio.pixels import demand_pixels
from netspatial.radio.raytraced import (
    UNREACHED_DB,
    BuildingTracer,
    TracingFailed,
    require_tracer,
    trace_links,
)
from netspatial.radio.received_power import pairs, received_power
from netspatial.radio.scene import Materials, write_scene
from netspatial.radio.service_graph import radio_map, service_graph
from netspatial.radio.sites import Radio, sites_of
from netspatial.radio.tracer import DONE, FOUND, LINKS

WORKS = "pass"
STATIONS = np.array([[0.0, 0.0, 20.0], [400.0, 0.0, 20.0]])
USERS = np.array([[100.0, 0.0, 1.5], [300.0, 50.0, 1.5]])

# replaces the tracer: 100 dB and one more for each metre of height between the ends of a
# link, and no ray to the second user
STAND_IN = f"""
import sys, numpy as np
if len(sys.argv) > 1:
    links = np.load(sys.argv[1] + "/{LINKS}")
    loss = 100 + links["station"][:, 2] - links["user"][:, 2]
    loss[links["user"][:, 1] > 10] = np.nan
    open(sys.argv[1] + "/{DONE}", "w").write("1")
    np.savez(sys.argv[1] + "/{FOUND}", loss_db=loss, sight=loss < 119, seconds=0.5)
"""


def python(program):
    return (sys.executable, "-c", program)


@pytest.fixture
def houses():
    boxes = [shapely.box(150, -20, 200, 20), shapely.box(220, 30, 260, 60)]
    return gpd.GeoDataFrame({"height_m": [12.0, 30.0]}, geometry=boxes, crs="EPSG:32632")


def test_a_tracer_that_works_is_ready():
    require_tracer(python(WORKS))


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("import os; os.abort()", "SIGABRT"),
        # an abort on Windows: no signal, a large number, nothing printed
        ("import sys; sys.exit(3221226505 % 256)", "exit code"),
        ("raise ModuleNotFoundError(\"No module named 'sionna'\")", r"netspatial\[radio\]"),
        ("raise RuntimeError('no device found.')", "no device found"),
        ("import time; time.sleep(60)", "did not answer"),
    ],
)
def test_a_tracer_that_fails_raises_an_error_with_the_reason(program, message):
    with pytest.raises(TracingFailed, match=message):
        require_tracer(python(program), timeout_s=0.5 if "sleep" in program else 60)


def test_a_missing_tracer_raises_an_error():
    with pytest.raises(TracingFailed, match="cannot be started"):
        require_tracer(("/nowhere/tracer",))


def test_losses_come_back_in_the_order_of_the_links(houses):
    server, pixel = np.array([1, 0, 1, 0]), np.array([0, 1, 1, 0])
    found = trace_links(
        houses,
        STATIONS + np.array([[0, 0, 0], [0, 0, 5]]),
        USERS,
        server,
        pixel,
        np.full(4, 2.0),
        command=python(STAND_IN),
    )
    assert found.loss_db == pytest.approx([123.5, np.nan, np.nan, 118.5], nan_ok=True)
    assert found.sight.tolist() == [False, False, False, True]
    assert found.seconds == 0.5


def test_a_failing_tracer_is_an_error_without_a_fallback(two_tiers, houses):
    sites, radio = sites_of(two_tiers, Radio()), Radio()
    rays = BuildingTracer(
        houses, sites, demand_pixels(sites, None, 0), radio, command=python("import os; os.abort()")
    )
    with pytest.raises(TracingFailed, match="SIGABRT"):
        rays(np.array([0]), np.array([0]))


def test_without_a_tracer_the_statistical_model_is_used(two_tiers, houses, monkeypatch):
    def fail(*_):
        raise TracingFailed("Tracing rays failed: it rains.")

    monkeypatch.setattr(raytraced, "trace_links", fail)
    fallback = radio_map(two_tiers, buildings=houses)
    assert fallback.notes == (
        "Tracing rays failed: it rains. The statistical path-loss model is used instead.",
    )
    assert np.array_equal(fallback.service_graph.efficiency, service_graph(two_tiers).efficiency)


def test_traced_losses_replace_the_statistical_ones_and_without_a_ray_there_is_no_link(
    two_tiers, houses
):
    sites, radio = sites_of(two_tiers, Radio()), Radio()
    pixels = demand_pixels(sites, None, 0)
    rays = BuildingTracer(houses, sites, pixels, radio, command=python(STAND_IN))
    traced, plain = (
        received_power(sites, pixels, radio, 0, rays),
        received_power(sites, pixels, radio, 0),
    )
    pixel, _ = pairs(sites, pixels)
    middle = sites.places.mean(axis=0)
    arrives = pixels.places[pixel][:, 1] - middle[1] <= 10
    assert (traced.received_dbm[arrives] != plain.received_dbm[arrives]).all()
    assert (traced.received_dbm[~arrives] < 50 + 17 - UNREACHED_DB).all()


def test_the_part_that_has_been_traced_is_reported(houses):
    shares = []
    slow = STAND_IN + "    import time; time.sleep(1)"
    trace_links(
        houses,
        STATIONS,
        USERS,
        np.array([0]),
        np.array([0]),
        np.array([2.0]),
        command=python(slow),
        progress=lambda _, share: shares.append(share),
    )
    assert set(shares) == {1.0}


def test_a_scene_holds_walls_roofs_and_ground(houses, tmp_path):
    scene = write_scene(tmp_path, houses, np.zeros(2), Materials())
    assert "itu-radio-material" in scene.read_text()
    # each house: four walls and a roof, of two triangles each
    assert b"element face 20\n" in (tmp_path / "buildings.ply").read_bytes()
    assert b"element face 2\n" in (tmp_path / "ground.ply").read_bytes()


def mesh(folder):
    """Corners (n, 3), m, and faces (k, 3) of the buildings."""
    raw = (folder / "buildings.ply").read_bytes()
    corners, faces = (int(raw.split(word)[1].split()[0]) for word in (b"vertex ", b"face "))
    start = raw.index(b"end_header\n") + 11
    listed = np.frombuffer(
        raw[start + 12 * corners :], [("size", "u1"), ("corners", "<i4", 3)], count=faces
    )
    places = np.frombuffer(raw[start:], "<f4", 3 * corners).reshape(-1, 3)
    return places, listed["corners"]


def surface(folder):
    """Area of all triangles of the buildings, m²."""
    places, faces = mesh(folder)
    corners = places[faces]
    edge = corners[:, 1:] - corners[:, :1]
    return 0.5 * np.linalg.norm(np.cross(edge[:, 0], edge[:, 1]), axis=1).sum()


def test_faces_of_a_building_share_their_edges_and_look_outward(tmp_path):
    """What diffraction needs: every edge above ground is of two faces, once in either direction."""
    ring = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    homes = gpd.GeoDataFrame(
        {"height_m": [10.0, 8.0]},
        # drawn clockwise, as many tables have it
        geometry=[shapely.orient_polygons(ring, exterior_cw=True), shapely.box(40, 0, 60, 9)],
        crs="EPSG:32632",
    )
    write_scene(tmp_path, homes, np.zeros(2), Materials())
    places, faces = mesh(tmp_path)
    edges = [tuple(pair) for face in faces for pair in (face[[0, 1]], face[[1, 2]], face[[2, 0]])]
    assert len(set(edges)) == len(edges)
    alone = [pair for pair in edges if pair[::-1] not in set(edges)]
    assert (places[np.array(alone)][..., 2] == 0).all()
    roof = faces[(places[faces][..., 2] > 0).all(axis=1)]
    edge = places[roof][:, 1:] - places[roof][:, :1]
    assert (np.cross(edge[:, 0], edge[:, 1])[:, 2] > 0).all()


def test_triangles_of_a_scene_cover_walls_and_roofs_once(houses, tmp_path):
    write_scene(tmp_path, houses, np.zeros(2), Materials())
    homes = houses.geometry
    walls, roofs = (homes.length * houses["height_m"]).sum(), homes.area.sum()
    assert surface(tmp_path) == pytest.approx(walls + roofs, rel=1e-5)


def test_a_courtyard_stays_open(tmp_path):
    ring = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    court = gpd.GeoDataFrame({"height_m": [10.0]}, geometry=[ring], crs="EPSG:32632")
    write_scene(tmp_path, court, np.zeros(2), Materials())
    # walls of both rings, and a roof that leaves the yard open
    assert surface(tmp_path) == pytest.approx((120 + 40) * 10 + 900 - 100)


def test_materials_of_a_scene_are_the_given_ones(houses, tmp_path):
    scene = write_scene(tmp_path, houses, np.zeros(2), Materials("glass", 0.3, "wet_ground"))
    assert '"glass"' in scene.read_text()
    assert '"wet_ground"' in scene.read_text()
    assert '"0.3"' in scene.read_text()


@pytest.mark.parametrize(
    ("wrong", "message"), [({"wall": "paper"}, "'paper'"), ({"wall_m": 0.0}, "above 0 m")]
)
def test_unknown_materials_are_refused(wrong, message):
    with pytest.raises(BadInput, match=message):
        Materials(**wrong)


def test_buildings_without_heights_are_refused(houses, tmp_path):
    with pytest.raises(BadInput, match="height_m"):
        write_scene(tmp_path, houses.drop(columns="height_m"), np.zeros(2), Materials())
