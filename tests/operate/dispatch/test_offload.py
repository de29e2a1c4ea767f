"""Offloaded traffic between stations equals the dispatch."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.operate.dispatch.dispatch import dispatch
from netspatial.operate.dispatch.offload import flows, moved
from netspatial.randomness import stream
from tests.operate.made_up_network import drawn_network, drawn_traffic, pair

cases = st.tuples(st.integers(0, 10_000), st.floats(0.05, 1.5), st.floats(0, 0.8))


@given(cases)
@settings(max_examples=40)
def test_flows_equal_the_served_traffic_and_never_use_a_sleeping_station(
    case: tuple[int, float, float],
) -> None:
    seed, level, sleepers = case
    network = drawn_network(seed)
    demand = drawn_traffic(network, seed, 1, level)
    asleep = stream(seed, "asleep").random(demand.shape) < sleepers
    between = flows(network, demand[:, 0], asleep[:, 0])
    result = dispatch(network, demand, asleep)
    assert between.sum() == pytest.approx(result.served.sum(), rel=1e-4, abs=1e-4)
    assert (between.sum(axis=1) <= demand[:, 0] * (1 + 1e-6)).all()
    assert (between[:, asleep[:, 0]] == 0).all()


def test_the_traffic_of_a_sleeping_station_flows_to_its_neighbour() -> None:
    network = pair()
    schedule = xr.Dataset(
        {
            "demand": (("station", "time"), [[20.0, 20.0], [4.0, 4.0]], {"units": "GB"}),
            "control": (("station", "time"), np.full((2, 2), np.inf)),
            "asleep": (("station", "time"), [[False, False], [True, False]]),
        },
        coords={"station": ["wide", "small"]},
    )
    found = moved(network, schedule)
    first = found.isel(flow=found["hour"].to_numpy() == 0)
    assert list(zip(first["source"].to_numpy(), first["target"].to_numpy(), strict=True)) == [
        ("small", "wide")
    ]
    assert first["traffic"].item() == pytest.approx(4.0)
