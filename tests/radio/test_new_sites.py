"""Shares that new sites take: closed forms on a line, and properties of the division of places."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from netspatial.radio.link import watts
from netspatial.radio.new_sites import capacity_sites, mean_shares, sampled_shares, shares_taken
from netspatial.radio.received_power import mean_power_dbm
from netspatial.radio.service_area import REACH_M, ServiceArea, near_places, service_area
from netspatial.radio.sites import Radio, sites_of

PLACES = np.column_stack([np.arange(20.0, 1000.0, 40.0), np.zeros(25)])
EACH = np.arange(25)
NEARER = (PLACES[:, 0] > 500).astype(np.int64)


def line(standing_w: np.ndarray) -> ServiceArea:
    """Places between two stations at 0 and 1,000 m, each of the nearer station."""
    share = csr_array((np.full(25, 1.0), (NEARER, EACH)), shape=(2, 25))
    share = csr_array(share / share.sum(axis=1)[:, None])
    return ServiceArea(PLACES, standing_w, np.zeros(25), share)


def power(place: float, falls_by: float) -> np.ndarray:
    """Power at each place of the line that falls with this power of the distance."""
    return (np.abs(PLACES[:, 0] - place) / 100 + 0.5) ** -falls_by


def test_in_the_middle_of_two_stations_a_site_takes_exactly_the_nearer_places():
    area = line(power(0, 300) + power(1000, 300))
    found = shares_taken(area, 0 * EACH, EACH, power(500, 300), 1).toarray()
    nearer = np.abs(PLACES[:, 0] - 500) < 250
    np.testing.assert_allclose(found[0], area.share @ nearer, rtol=1e-6)


def test_equal_power_divides_a_place_in_equal_parts():
    pairs = np.repeat([0, 1], 25), np.tile(EACH, 2)
    found = shares_taken(line(np.ones(25)), *pairs, np.ones(50), 2)
    np.testing.assert_allclose(found.toarray(), np.full((2, 2), 1 / 3))


@given(arrays(np.float64, (3, 25), elements=st.floats(1e-12, 1e6)))
def test_sites_together_take_less_than_the_whole_and_each_no_more_than_alone(powers):
    area, (one, other) = line(powers[0]), powers[1:]
    pairs = np.repeat([0, 1], 25), np.tile(EACH, 2)
    both = shares_taken(area, *pairs, np.concatenate([one, other]), 2).toarray()
    alone = shares_taken(area, 0 * EACH, EACH, one, 1).toarray()
    assert (both.sum(axis=0) <= 1 + 1e-9).all()
    assert (both[0] <= alone[0] + 1e-9).all()


def test_far_places_are_left_to_the_stations_that_stand():
    site, place = near_places(np.array([[0.0, 0.0], [5 * REACH_M, 0.0]]), PLACES)
    assert (site == 0).all()
    assert len(place) == (PLACES[:, 0] <= REACH_M).sum()


def test_mean_shares_are_those_of_each_site_alone(two_tiers):
    area = service_area(sites_of(two_tiers, Radio()), Radio())
    sites = capacity_sites(["a", "b"], np.array([[500.0, 500.0], [1500.0, 900.0]]), Radio())
    together = mean_shares(sites, area, Radio()).toarray()
    for row, place in zip(together, sites.places, strict=True):
        alone = capacity_sites(["a"], place[None], Radio())
        np.testing.assert_allclose(row, mean_shares(alone, area, Radio()).toarray()[0])
        site, near = near_places(alone.places, area.places)
        watt = watts(mean_power_dbm(alone, area.places, near, site, Radio()))
        everywhere = shares_taken(area, site, near, watt, 1).toarray()[0]
        assert (row <= everywhere + 1e-12).all()
    assert ((together >= 0) & (together < 1)).all()


def test_samples_differ_around_the_mean_share(two_tiers):
    area = service_area(sites_of(two_tiers, Radio()), Radio())
    sites = capacity_sites(["a"], np.array([[1000.0, 1000.0]]), Radio())
    drawn = sampled_shares(sites, area, Radio(), 0, 6)
    again = sampled_shares(sites, area, Radio(), 0, 6)
    shares = np.stack([one.toarray()[0] for one in drawn])
    np.testing.assert_array_equal(shares, np.stack([one.toarray()[0] for one in again]))
    assert np.ptp(shares.sum(axis=1)) > 0
    mean = mean_shares(sites, area, Radio()).toarray()[0]
    assert np.corrcoef(mean, shares.mean(axis=0))[0, 1] > 0.9


def test_power_falls_with_distance(two_tiers):
    sites = sites_of(two_tiers.iloc[:1], Radio())
    places = sites.places[0] + np.array([[50.0, 0.0], [500.0, 0.0]])
    near, far = mean_power_dbm(sites, places, np.array([0, 1]), np.array([0, 0]), Radio())
    assert near > far + 20
