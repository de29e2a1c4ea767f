"""The standing network: measured weeks on the local clock, loads, and what a city may lack."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.city.city import City
from netspatial.errors import BadInput, MissingPart
from netspatial.plan.standing_network import check_network, service_in_unit, standing_network
from netspatial.randomness import stream
from tests.plan.made_up import made_up_network

NETWORK = made_up_network((0, 0), (600, 0), level=(2.0, 5.0))


def with_traffic(values: np.ndarray):
    return replace(NETWORK, traffic=NETWORK.traffic.copy(data=values))


def test_weeks_are_the_measured_ones():
    hours = np.arange(3 * 168.0)
    network = with_traffic(np.stack([hours, 1000 + hours]))
    assert network.weeks.shape == (2, 3, 168)
    np.testing.assert_array_equal(network.weeks.reshape(2, -1)[0], hours)


def test_a_missing_hour_is_the_mean_of_that_hour_of_the_week():
    values = np.tile(np.repeat([1.0, 2.0, 3.0], 168), (2, 1))
    values[0, 5] = np.nan
    values[1, [7, 175, 343]] = np.nan
    weeks = with_traffic(values).weeks
    assert weeks[0, 0, 5] == 2.5
    assert weeks[1, :, 7] == pytest.approx(np.nanmean(values[1]))


def test_a_week_with_few_hours_is_not_drawn():
    values = np.ones((2, 3 * 168))
    values[:, : 168 - 20] = np.nan
    assert with_traffic(values).weeks.shape[1] == 2


def test_busy_hour_and_load_are_nan_where_traffic_or_capacity_is_unknown():
    values = NETWORK.traffic.to_numpy().copy()
    values[0] = np.nan
    network = replace(with_traffic(values), capacity=np.array([10.0, np.nan]))
    assert np.isnan(network.busy_hour[0])
    assert network.busy_hour[1] == 5.0
    assert np.isnan(network.load).all()
    assert network.measured.tolist() == [False, True]


def test_busy_hour_is_the_mean_of_the_busiest_hour_of_the_day():
    hours = np.arange(3 * 168)
    network = with_traffic(np.tile(np.where(hours % 24 == 18, 9.0, 1.0), (2, 1)))
    assert network.busy_hour.tolist() == [9.0, 9.0]
    assert network.load.tolist() == [0.9, 0.9]


def test_a_new_site_has_the_median_capacity_of_the_capacity_tier():
    stations = NETWORK.stations.assign(tier=["coverage", "capacity"])
    two = replace(NETWORK, stations=stations, capacity=np.array([100.0, 20.0]))
    assert two.site_capacity == 20.0
    assert replace(two, stations=stations.drop(columns="tier")).site_capacity == 60.0
    assert replace(two, capacity=np.array([100.0, np.nan])).site_capacity == 100.0


@given(st.integers(0, 1000), st.integers(0, 400))
def test_drawn_hours_are_measured_at_the_same_hour_of_the_week(seed, first):
    hours = np.arange(3 * 168.0)
    network = with_traffic(np.stack([hours, 1000 + hours]))
    times = pd.date_range("2026-01-05", periods=600, freq="h")[first : first + 100]
    drawn = network.drawn_weeks(np.array([1, 0]), times, stream(seed, "weeks"))
    of_week = times.day_of_week * 24 + times.hour
    np.testing.assert_array_equal(drawn[1] % 168, of_week)
    np.testing.assert_array_equal(drawn[0], drawn[1] + 1000)


def test_a_city_gives_its_network(small_city: City):
    network = standing_network(small_city, "MB")
    assert network.units == "MB"
    assert network.capacity.tolist() == [1000.0] * 6
    assert network.stations.crs == small_city.crs
    assert network.pois is not None
    assert network.pois.shape == (20, 2)
    mean = small_city.measured("total")["total"].mean("time").to_numpy()
    np.testing.assert_allclose(network.weeks.mean(axis=(1, 2)), mean, rtol=0.05)


def test_what_a_city_lacks_is_said(own_city: City):
    with pytest.raises(BadInput, match="is measured in GB/h"):
        standing_network(own_city, "GB/h")
    assert service_in_unit(own_city, "MB") == "total"
    assert service_in_unit(own_city, "GB/h") is None
    table = own_city.path("stations")
    stations = own_city.stations
    stations.drop(columns="capacity").to_parquet(table)
    with pytest.raises(MissingPart, match="no column 'capacity'"):
        check_network(City.open(own_city.folder))
    stations.assign(capacity_unit="GB/h").to_parquet(table)
    with pytest.raises(BadInput, match="Capacities are in 'GB/h' and the traffic is in 'MB'"):
        standing_network(City.open(own_city.folder), "MB")
    own_city.path("traffic").unlink()
    with pytest.raises(MissingPart, match="has no traffic"):
        check_network(City.open(own_city.folder))
