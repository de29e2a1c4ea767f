"""Service area: parts of places sum to 1 per station, and demand moves them."""

import numpy as np
import pytest

from netspatial.radio.service_area import GRID_M, REACH_M, service_area
from netspatial.radio.sites import Radio, sites_of


@pytest.fixture(scope="module")
def sites(two_tiers):
    return sites_of(two_tiers, Radio())


@pytest.fixture(scope="module")
def area(sites):
    return service_area(sites, Radio())


def test_the_parts_of_each_station_sum_to_one(sites, area):
    assert area.share.shape == (len(sites), len(area.places))
    np.testing.assert_allclose(area.share.sum(axis=1), 1)
    assert area.share.data.min() > 0


def test_places_are_a_grid_within_reach_of_a_station(sites, area):
    apart = np.hypot(*(area.places[:, None] - sites.places[None]).transpose(2, 0, 1))
    assert apart.min(axis=1).max() <= REACH_M
    np.testing.assert_allclose(area.places / GRID_M % 1, 0.5)
    served = np.flatnonzero(np.bincount(area.share.indices, minlength=len(area.places)))
    assert (area.standing_w[served] > 0).all()
    assert (area.interference_w >= 0).all()


def test_most_traffic_arises_nearer_to_the_station_than_its_places_are(sites, area):
    for row, place in zip(area.share, sites.places, strict=True):
        distance = np.hypot(*(area.places[row.indices] - place).T)
        assert row.data @ distance < distance.mean()


def test_points_of_interest_draw_traffic_to_them(sites, area):
    busy = int(area.share[[3]].indices[5])
    pois = np.repeat(area.places[busy][None], 80, axis=0)
    drawn = service_area(sites, Radio(), pois)
    np.testing.assert_array_equal(drawn.places, area.places)
    assert drawn.share[3, busy] > 2 * area.share[3, busy]


def test_known_demand_replaces_that_of_points_of_interest(sites, area):
    cells = area.places[area.share[[3]].indices]
    level = np.where(np.arange(len(cells)) == 7, 50.0, 1.0)
    known = service_area(sites, Radio(), None, (cells, level))
    place = int(area.share[[3]].indices[7])
    assert known.share[3, place] > 5 * area.share[3, place]
    flat = service_area(sites, Radio(), None, (cells, np.full(len(cells), 9.0)))
    np.testing.assert_allclose(flat.share.toarray(), area.share.toarray())
    empty = service_area(sites, Radio(), None, (cells, np.zeros(len(cells))))
    np.testing.assert_allclose(empty.share.toarray(), area.share.toarray())
