"""Dispatch: the optimum of the whole program, with unserved traffic reported."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from netspatial.errors import BadInput
from netspatial.operate.dispatch.dispatch import dispatch, energy_kwh
from netspatial.operate.dispatch.overload import UNSERVED
from netspatial.operate.network import Network
from netspatial.radio.service_graph import ServiceGraph
from netspatial.randomness import stream
from tests.operate.made_up_network import drawn_network, drawn_traffic, pair

cases = st.tuples(st.integers(0, 10_000), st.floats(0.05, 1.5), st.floats(0, 0.8))


def drawn_case(case: tuple[int, float, float]) -> tuple[Network, np.ndarray, np.ndarray]:
    seed, level, sleepers = case
    network = drawn_network(seed)
    traffic = drawn_traffic(network, seed, 3, level)
    return network, traffic, stream(seed, "asleep").random(traffic.shape) < sleepers


def whole_program(network: Network, demand: np.ndarray, asleep: np.ndarray) -> tuple[float, float]:
    """Power cost and unserved traffic of one hour by the whole linear program."""
    links = network.links
    traffic = links.share * demand[links.owner]
    edges = [
        (p, r)
        for p in range(len(links.owner))
        for r in range(links.server.shape[1])
        if links.server[p, r] >= 0 and not asleep[links.server[p, r]]
    ]
    count, extra = len(edges), len(links.owner)
    capacity, whole = np.zeros((network.size, count + extra)), np.zeros((extra, count + extra))
    cost = np.zeros(count + extra)
    for e, (p, r) in enumerate(edges):
        capacity[links.server[p, r], e] = links.load[p, r] * traffic[p]
        cost[e] = links.cost[p, r] * traffic[p]
        whole[p, e] = 1
    whole[:, count:] = np.eye(extra)
    dearest = links.cost[np.isfinite(links.cost)].max()
    price = np.concatenate([cost[:count], UNSERVED * dearest * traffic])
    found = linprog(
        price, capacity, np.full(network.size, network.most_load), whole, np.ones(extra)
    )
    return cost[:count] @ found.x[:count], traffic @ found.x[count:]


@given(cases, st.sampled_from([1, 20, 10_000]))
@settings(max_examples=20)
def test_hours_solved_together_equal_each_solved_alone(
    case: tuple[int, float, float], together: int
) -> None:
    network, traffic, asleep = drawn_case(case)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("netspatial.operate.dispatch.allocation.TOGETHER", together)
        whole = dispatch(network, traffic, asleep)
    for hour in range(traffic.shape[1]):
        alone = dispatch(network, traffic[:, [hour]], asleep[:, [hour]])
        assert whole.unserved[:, hour].sum() == pytest.approx(alone.unserved.sum(), abs=1e-6)
        power = network.slope_kw @ whole.load[:, hour]
        assert power == pytest.approx(network.slope_kw @ alone.load[:, 0], abs=1e-6)


@given(cases)
@settings(max_examples=30)
def test_dispatch_is_the_optimum_of_the_whole_program(case: tuple[int, float, float]) -> None:
    network, traffic, asleep = drawn_case(case)
    result = dispatch(network, traffic, asleep)
    for hour in range(traffic.shape[1]):
        cost, unserved = whole_program(network, traffic[:, hour], asleep[:, hour])
        assert result.unserved[:, hour].sum() == pytest.approx(unserved, abs=1e-5)
        assert (result.load[:, hour] * network.slope_kw).sum() == pytest.approx(cost, abs=1e-5)


@given(cases)
def test_served_plus_unserved_is_the_demand_and_loads_stay_within_capacity(
    case: tuple[int, float, float],
) -> None:
    network, traffic, asleep = drawn_case(case)
    result = dispatch(network, traffic, asleep)
    assert np.allclose(result.served + result.unserved, traffic)
    assert (result.served >= -1e-9).all()
    assert (result.unserved >= 0).all()
    assert (result.load <= network.most_load + 1e-6).all()
    assert (result.load[asleep] == 0).all()


def test_load_of_an_isolated_station_is_demand_over_capacity() -> None:
    network = pair(reached=False)
    result = dispatch(network, np.array([[20.0], [5.0]]), np.zeros((2, 1), dtype=bool))
    assert np.allclose(result.load, [[0.2], [0.5]])
    assert (result.unserved == 0).all()


def test_traffic_that_only_a_sleeping_station_can_serve_is_unserved() -> None:
    asleep = np.array([[False], [True]])
    demand = np.array([[20.0], [5.0]])
    assert np.allclose(dispatch(pair(reached=False), demand, asleep).unserved, [[0], [5]])
    moved = dispatch(pair(reached=True), demand, asleep)
    assert (moved.unserved == 0).all()
    assert np.allclose(moved.load, [[0.25], [0]])


def test_a_full_neighbour_takes_what_fits() -> None:
    moved = dispatch(pair(), np.array([[96.0], [5.0]]), np.array([[False], [True]]))
    assert moved.load[0, 0] == pytest.approx(0.98)
    assert moved.unserved.sum() == pytest.approx(96 + 5 - 98)


def test_energy_is_idle_plus_slope_and_sleep() -> None:
    network = pair()
    energy = energy_kwh(network, np.array([[0.5], [0.0]]), np.array([[False], [True]]))
    assert np.allclose(energy, [[0.78 + 0.5 * 0.564], [0.45]])


@pytest.mark.parametrize(
    ("traffic", "problem"),
    [
        ([[1.0], [-2.0]], "BS1 is negative"),
        ([[1.0], [np.nan]], "BS1 has gaps"),
        ([[1.0]], "with 2 stations"),
    ],
)
def test_wrong_traffic_is_refused(traffic: list[list[float]], problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        drawn_network(0, 2).demand(traffic)


def test_stations_without_capacity_are_refused() -> None:
    known = drawn_network(0, 2)
    with pytest.raises(BadInput, match="BS1 has no capacity"):
        Network(
            known.station_ids,
            np.array([1.0, np.nan]),
            known.coverage,
            known.service_graph,
            known.power,
        )


def test_identical_pixels_of_one_owner_are_merged() -> None:
    service_graph = ServiceGraph(
        np.array([0, 0, 0]),
        np.array([0.2, 0.3, 0.5]),
        np.arange(3),
        np.zeros(3, int),
        np.array([4.0, 4.0, 2.0]),
    )
    known = pair()
    one = Network(("a",), np.array([10.0]), np.array([False]), service_graph, known.power[:1])
    assert sorted(one.links.share) == [0.5, 0.5]
    assert not one.may_sleep.any()  # no other station covers it
