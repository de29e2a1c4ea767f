"""Check of a schedule under load-coupled interference."""

import numpy as np
import pytest

from netspatial.operate.dispatch.dispatch import dispatch
from netspatial.operate.interference import coupled_hour
from netspatial.operate.power import power_model
from netspatial.operate.stations import stations_of


@pytest.fixture(scope="module")
def operated(small_city):
    stations = stations_of(small_city)
    return stations, stations.network(power_model("earth-macro"))


@pytest.mark.parametrize("sleepers", [[], [1]])
def test_planned_loads_are_those_of_dispatch(operated, sleepers):
    stations, network = operated
    demand = stations.traffic.to_numpy()[:, 12]
    asleep = np.isin(np.arange(6), sleepers)
    found = coupled_hour(stations, network, demand, asleep)
    carried = dispatch(network, demand[:, None], asleep[:, None])
    assert found.planned == pytest.approx(carried.load[:, 0])
    assert found.converged


def test_at_low_load_coupled_loads_do_not_exceed_planned_ones(operated):
    stations, network = operated
    demand = 0.02 * stations.capacity
    found = coupled_hour(stations, network, demand, np.zeros(6, bool))
    assert (found.coupled <= found.planned + 1e-9).all()


def test_at_high_load_neighbours_interfere_more_than_planned(operated):
    stations, network = operated
    demand = 0.6 * stations.capacity
    found = coupled_hour(stations, network, demand, np.zeros(6, bool))
    assert found.coupled.mean() > found.planned.mean()


def test_stations_left_out_keep_transmitting(small_city):
    some = stations_of(small_city, "s1,s2")
    network = some.network(power_model("earth-macro"))
    found = coupled_hour(some, network, 0.3 * some.capacity, np.zeros(2, bool))
    assert found.planned.shape == found.coupled.shape == (2,)
    assert found.converged
