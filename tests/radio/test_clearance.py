"""Users and antennas are moved out of buildings, and others stay."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from netspatial.radio.clearance import ROOF_M, WALL_M, clear_antennas, outdoors, roof_m

# two houses that touch, one with a court, and one apart
COURT = shapely.box(50, 0, 90, 40).difference(shapely.box(60, 10, 80, 30))
HOUSES = gpd.GeoDataFrame(
    {"height_m": [12.0, 20.0, 9.0, 30.0]},
    geometry=[
        shapely.box(0, 0, 20, 20),
        shapely.box(20, 0, 40, 20),
        COURT,
        shapely.box(-60, -60, -30, -30),
    ],
    crs="EPSG:32632",
)


@given(st.floats(-80, 110), st.floats(-80, 110))
def test_no_user_is_left_within_a_metre_of_a_building_and_others_stay(x, y):
    place = np.array([[x, y]])
    moved = outdoors(place, HOUSES)
    assert HOUSES.distance(shapely.Point(moved[0])).min() >= WALL_M - 1e-6
    if HOUSES.distance(shapely.Point(x, y)).min() > 1.5 * WALL_M:
        assert np.array_equal(moved, place)


def test_users_are_not_moved_between_houses_that_touch():
    moved = outdoors(np.array([[19.0, 9.0]]), HOUSES)
    assert moved[0, 1] == pytest.approx(-WALL_M)


def test_roofs_over_places():
    assert roof_m(np.array([[5.0, 5], [30, 5], [70, 20], [45, 5]]), HOUSES).tolist() == [
        12,
        20,
        0,
        0,
    ]


def test_antennas_stand_on_roofs_or_hang_on_walls():
    places = np.array([[10.0, 9.0], [10.0, 9.0], [10.0, 9.0], [45.0, 5.0]])
    height, rooftop = np.array([8.0, 8.0, 12.5, 25.0]), np.array([True, False, False, True])
    found = clear_antennas(places, height, rooftop, HOUSES)
    assert found[0].tolist() == [10, 9, 12 + ROOF_M]  # macro within a house: lifted on its roof
    assert found[1].tolist() == pytest.approx([10, -WALL_M, 8])  # small cell: before the wall
    assert found[2].tolist() == [10, 9, 12 + ROOF_M]  # small cell on the roof
    assert found[3].tolist() == [45, 5, 25]  # in the street
