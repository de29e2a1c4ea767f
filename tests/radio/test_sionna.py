"""Sionna RT itself: traced losses must agree with closed forms of physics.

In CI a tracer that does not run fails; elsewhere these tests are skipped with the reason.
"""

import os

import geopandas as gpd
import numpy as np
import pytest
import shapely

from netspatial.radio.path_loss import free_space_db
from netspatial.radio.raytraced import TracingFailed, require_tracer, trace_links
from netspatial.radio.scene import Materials

CARRIER_GHZ = 2.0
BLOCK = gpd.GeoDataFrame(
    {"height_m": [20.0]}, geometry=[shapely.box(100, -300, 120, 300)], crs="EPSG:32632"
)
"""A block of 20 m across the links, 100 m before the station."""
STATIONS = np.array([[0.0, 0.0, 40.0]])
BEFORE = np.array([[20.0, 0, 1.5], [50, 30, 1.5], [80, -40, 1.5]])
BEHIND = np.array([[130.0, 0, 1.5], [140, 0, 1.5], [160, 0, 1.5], [200, 0, 1.5]])
USERS = np.concatenate([BEFORE, BEHIND])


@pytest.fixture(scope="module", autouse=True)
def tracer():
    try:
        require_tracer()
    except TracingFailed as fault:
        pytest.fail(str(fault)) if os.environ.get("CI") else pytest.skip(str(fault))


def traced(materials):
    count = len(USERS)
    server, pixel, carrier = (
        np.zeros(count, dtype=int),
        np.arange(count),
        np.full(count, CARRIER_GHZ),
    )
    return trace_links(BLOCK, STATIONS, USERS, server, pixel, carrier, materials)


@pytest.fixture(scope="module")
def thick():
    """Walls of a metre, which block all rays: only waves diffracted by the roof arrive behind."""
    return traced(Materials(wall_m=1.0))


def knife_edge_db(user):
    """Free-space loss and that of the roof's far edge, ITU-R P.526 (31), dB."""
    station, edge = STATIONS[0], np.array([120.0, 0.0, 20.0])
    d1, d2 = np.linalg.norm(edge - station), np.linalg.norm(user - edge)
    whole = np.linalg.norm(user - station)
    ray = station + (user - station) * 120 / user[0]
    height = (edge - ray)[2] * user[0] / whole
    wave = 0.299792458 / CARRIER_GHZ
    v = height * np.sqrt(2 * (d1 + d2) / (wave * d1 * d2)) - 0.1
    return float(free_space_db(whole, CARRIER_GHZ)) + 6.9 + 20 * np.log10(np.hypot(v, 1) + v)


def test_users_before_the_block_are_in_sight(thick):
    assert thick.sight.tolist() == [True] * 3 + [False] * 4


def test_in_sight_the_loss_is_free_space_less_reflections_of_ground_and_wall(thick):
    free = free_space_db(np.linalg.norm(BEFORE - STATIONS[0], axis=1), CARRIER_GHZ)
    gain = free - thick.loss_db[:3]
    # each of the two reflections adds less power than the direct ray
    assert (gain > -0.3).all()
    assert (gain < 10 * np.log10(3)).all()


def test_behind_a_block_waves_are_diffracted_over_its_roof(thick):
    expected = [knife_edge_db(user) for user in BEHIND]
    assert thick.loss_db[3:] == pytest.approx(expected, abs=5.0)
    assert thick.seconds > 0


def test_thin_walls_let_more_through_than_thick_ones_and_rays_are_found_again(thick):
    wood = traced(Materials(wall="wood", wall_m=0.1))
    assert (wood.loss_db[3:] < thick.loss_db[3:] - 1).all()
    again = traced(Materials(wall_m=1.0))
    assert np.array_equal(again.loss_db, thick.loss_db)


def test_carriers_for_which_materials_have_no_table_are_traced_with_the_nearest():
    # ITU-R P.2040 knows concrete from 1 GHz and dry ground up to 10 GHz
    carrier, pixel = np.repeat([0.7, 12.0], 3), np.tile(np.arange(3), 2)
    found = trace_links(BLOCK, STATIONS, BEFORE, np.zeros(6, dtype=int), pixel, carrier)
    low, high = found.loss_db[:3], found.loss_db[3:]
    assert high - low == pytest.approx(np.full(3, 20 * np.log10(12.0 / 0.7)), abs=3.0)
