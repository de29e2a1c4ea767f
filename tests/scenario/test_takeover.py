"""Takeover: no traffic is made, and only that of changed stations moves, or goes to new ones."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from netspatial.city.city import City
from netspatial.scenario.takeover import moved_traffic, takeover


def share_of(city: City, after) -> np.ndarray:
    """Return the takeover from the city's stations to those of another table."""
    before = city.stations.to_crs(city.crs)
    pois = shapely.get_coordinates(city.pois.to_crs(city.crs).geometry)
    return takeover(before, after.to_crs(city.crs), pois).toarray()


def test_an_unchanged_network_serves_what_it_served(small_city):
    upgraded = small_city.stations.assign(capacity=5000.0)
    np.testing.assert_array_equal(share_of(small_city, upgraded), np.eye(6))


@settings(max_examples=10)
@given(off=st.sets(st.integers(0, 5), max_size=5))
def test_stations_that_stay_keep_their_traffic(small_city, off):
    stay = [number for number in range(6) if number not in off]
    share = share_of(small_city, small_city.stations.iloc[stay])
    np.testing.assert_allclose(share[:, stay], np.eye(len(stay)), atol=1e-9)
    assert (share >= 0).all()
    assert (share.sum(axis=0) <= 1 + 1e-9).all()


@settings(max_examples=10)
@given(
    number=st.integers(0, 5),
    east=st.floats(-600, 600),
    north=st.floats(-600, 600),
)
def test_a_moved_station_takes_from_others_and_nobody_else_does(small_city, number, east, north):
    before = small_city.stations.to_crs(small_city.crs)
    places = before.geometry.to_numpy().copy()
    places[number] = shapely.Point(shapely.get_coordinates(places[number])[0] + [east, north])
    share = share_of(small_city, before.set_geometry(places, crs=before.crs))
    others = [n for n in range(6) if n != number]
    assert (share.sum(axis=0) <= 1 + 1e-9).all()
    between = share[np.ix_(others, others)]
    assert (between[~np.eye(5, dtype=bool)] == 0).all()
    np.testing.assert_allclose(share[:, others].sum(axis=0), 1)


def test_gaps_stay_at_their_station_and_are_bridged_at_a_new_one():
    x = np.array([[4.0, np.nan, 8.0], [2.0, 2.0, np.nan]])
    share = csr_array([[0.5, 0.0], [0.0, 1.0], [0.5, 0.0]])
    found = moved_traffic(x, share, np.array([1.0, 3.0]), np.array([0, 1, -1]))
    wanted = [[2.0, np.nan, 4.0], [6.0, 6.0, np.nan], [2.0, np.nan, 4.0]]
    assert found == pytest.approx(np.array(wanted), nan_ok=True)
