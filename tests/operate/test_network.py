"""Operated stations: which may sleep, and coverage under any policy."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.errors import BadInput
from netspatial.operate.coverage import keep_covered
from netspatial.operate.network import Network
from netspatial.operate.policies import POLICIES, Forecast, State
from netspatial.radio.service_graph import ServiceGraph
from netspatial.randomness import stream
from tests.operate.made_up_network import drawn_network, drawn_traffic, pair


def partly_reached(share: float) -> Network:
    """A capacity station whose second pixel, with this share of traffic, only it can serve."""
    known = pair()
    graph = ServiceGraph(
        owner=np.array([0, 1, 1]),
        share=np.array([1, 1 - share, share]),
        pixel=np.array([0, 1, 1, 2]),
        server=np.array([0, 1, 0, 1]),
        efficiency=np.ones(4),
    )
    return replace(known, service_graph=graph)


def test_a_station_may_sleep_when_others_reach_99_percent_of_its_traffic() -> None:
    assert partly_reached(0.009).may_sleep.tolist() == [False, True]
    assert partly_reached(0.011).may_sleep.tolist() == [False, False]


@given(st.integers(0, 10_000))
def test_every_pixel_that_others_reach_keeps_a_server(seed: int) -> None:
    network = drawn_network(seed)
    asleep = stream(seed, "asleep").random((network.size, 3)) < 0.7
    kept = keep_covered(network, asleep)
    links = network.links
    up = (~kept[links.server] & (links.server >= 0)[:, :, None]).any(axis=1)
    assert up[~network.lost].all()
    assert not (kept & ~asleep).any()
    assert not kept[~network.may_sleep].any()


@given(st.integers(0, 10_000))
def test_loads_on_the_owner_are_demand_over_capacity(seed: int) -> None:
    network = drawn_network(seed)
    links = network.links
    own_load = links.load[np.arange(len(links.own)), links.own] * links.share
    total = np.bincount(links.owner, own_load, network.size)
    assert np.allclose(total, 1 / network.capacity)


def test_a_service_graph_of_other_stations_is_refused() -> None:
    known = drawn_network(0, 3)
    with pytest.raises(BadInput, match="more stations"):
        Network(
            known.station_ids[:2],
            known.capacity[:2],
            known.coverage[:2],
            known.service_graph,
            known.power[:2],
        )
    with pytest.raises(BadInput, match="give one of each"):
        replace(known, capacity=known.capacity[:2])


def forecast_of(samples: np.ndarray, before: np.ndarray) -> Forecast:
    return Forecast(samples, np.arange(samples.shape[2]) % 24, before)


def test_greedy_plans_on_a_higher_quantile_where_the_forecast_is_uncertain() -> None:
    network = pair()
    wide = np.array([40.0, 40, 40, 40, 99])
    samples = np.stack([wide, np.full(5, 9.0)])[:, :, None] * np.ones(4)
    state = State(network, np.array([False, False]), np.empty((2, 0)), 0.99)
    ahead = forecast_of(samples, np.empty((2, 0)))
    careless = POLICIES["greedy"]().decide(ahead, replace(state, qoe_min=0.5))
    careful = POLICIES["greedy"]().decide(ahead, state)
    assert careless.asleep[1].all()
    assert not careful.asleep[1].any()


def test_swes_keeps_stations_awake_whose_neighbours_would_be_overloaded() -> None:
    network = pair()
    state = State(network, np.array([False, False]), np.empty((2, 0)), 0.99)
    demand = np.array([[[20.0, 58.0]], [[5.0, 5.0]]])
    asleep = POLICIES["swes"]().decide(forecast_of(demand, np.empty((2, 0))), state).asleep
    assert asleep[1].tolist() == [True, False]  # 0.25 and 0.63 against 0.6


def test_chance_constraints_may_be_violated_in_a_part_risk_of_the_scenarios() -> None:
    network = pair()
    wide = np.array([40.0, 40, 40, 99])
    samples = np.stack([wide, np.full(4, 9.0)])[:, :, None]
    state = State(network, np.array([False, False]), np.empty((2, 0)), 0.99)
    ahead = forecast_of(samples, np.empty((2, 0)))
    assert POLICIES["chance"](risk=0.25).decide(ahead, state).asleep[1, 0]
    assert not POLICIES["chance"](risk=0.0).decide(ahead, state).asleep[1, 0]


def test_least_sleep_is_the_minimum_sleep_interval() -> None:
    network = drawn_network(5)
    traffic = drawn_traffic(network, 5, 24, 0.4)
    state = State(network, np.zeros(network.size, dtype=bool), np.empty((network.size, 0)), 0.9)
    ahead = forecast_of(traffic[:, None], np.empty((network.size, 0)))
    asleep = POLICIES["greedy"](least_sleep=4).decide(ahead, state).asleep
    edges = np.diff(np.pad(asleep.astype(int), ((0, 0), (1, 1))), axis=1)
    starts, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    lengths = ends[:, 1] - starts[:, 1]
    assert len(lengths) > 0
    assert ((lengths >= 4) | (ends[:, 1] == 24)).all()
