"""No foresight: an hour is decided only from measurements available in time."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.operate.network import Network
from netspatial.operate.policies import POLICIES
from netspatial.operate.simulator import simulate_policy
from netspatial.randomness import stream
from tests.operate.made_up_network import drawn_network, drawn_traffic, pair

PAST_H, HOURS = 2 * 168, 12
SLOW = ("milp", "chance")
QUICK = [name for name in POLICIES if name not in (*SLOW, "oracle")]


def with_lead(network: Network, lead: int) -> Network:
    return replace(network, power=tuple(replace(one, lead_h=lead) for one in network.power))


def schedule(network: Network, name: str, past: np.ndarray, truth: np.ndarray) -> xr.Dataset:
    """A policy's schedule on a forecast that is independent of the truth: the past's last week."""
    times = pd.date_range("2024-01-01", periods=past.shape[1] + truth.shape[1], freq="h")
    series = xr.DataArray(
        np.hstack([past, truth]),
        dims=("station", "time"),
        coords={"station": list(network.station_ids), "time": times},
        attrs={"timezone": "UTC"},
    )
    coming = times[past.shape[1] :]
    noise = stream(0, "forecast").lognormal(0, 0.2, (network.size, 3, len(coming)))
    middle = past[:, None, -168 : len(coming) - 168]
    forecast = xr.DataArray(
        middle * noise,
        dims=("station", "sample", "time"),
        coords={"station": list(network.station_ids), "time": coming},
    )
    before, after = series.isel(time=slice(0, past.shape[1])), series.sel(time=coming)
    return simulate_policy(network, POLICIES[name](), after, [forecast], past=before)


def check(name: str, lead: int, hour: int, seed: int, level: float, power: str) -> None:
    network = with_lead(drawn_network(seed, power=power), lead)
    traffic = drawn_traffic(network, seed, PAST_H + HOURS, level)
    past, truth = traffic[:, :PAST_H], traffic[:, PAST_H:]
    other = truth.copy()
    other[:, hour:] = network.capacity[:, None] * stream(seed, "other").uniform(
        0, 3, (network.size, HOURS - hour)
    )
    one, two = (schedule(network, name, past, what)["asleep"] for what in (truth, other))
    decided = slice(0, hour + lead + 1)
    assert np.array_equal(one[:, decided], two[:, decided])


@given(
    st.sampled_from(QUICK),
    st.integers(0, 2),
    st.integers(0, HOURS - 1),
    st.integers(0, 10_000),
    st.floats(0.05, 0.6),
    st.sampled_from(["earth-macro", "tr38864-set1-cat1"]),
)
@settings(max_examples=60)
def test_traffic_changes_no_state_before_its_measurement_is_available(
    name: str, lead: int, hour: int, seed: int, level: float, power: str
) -> None:
    check(name, lead, hour, seed, level, power)


@pytest.mark.parametrize("name", SLOW)
def test_slow_policies_have_no_foresight(name: str) -> None:
    check(name, lead=1, hour=5, seed=5, level=0.2, power="earth-macro")


def unexpected_load(network: Network, name: str, lead: int, *, calm_h: int = 6) -> np.ndarray:
    """Sleep of the small station if the wide one is unexpectedly full from an hour on."""
    usual = np.array([[40.0], [9.0]]) * stream(3, "usual").lognormal(0, 0.05, (2, PAST_H))
    truth = usual[:, -168 : HOURS - 168].copy()
    truth[:, calm_h:] = [[98.0], [9.5]]
    asleep = schedule(with_lead(network, lead), name, usual, truth)["asleep"]
    return asleep.sel(station="small").to_numpy()


@pytest.mark.parametrize("name", ["greedy", "rolling", "milp"])
def test_an_unexpected_load_is_answered_after_the_measurement_delay(name: str) -> None:
    first_awake = [
        int(np.flatnonzero(~unexpected_load(pair(), name, lead))[0]) for lead in range(3)
    ]
    assert first_awake == [7, 8, 9]


def test_a_threshold_follows_the_load_after_the_measurement_delay() -> None:
    network, quiet = pair(), np.full((2, PAST_H), 0.5)
    truth = quiet[:, :HOURS].copy()
    truth[1, 4] = 9.0
    awake = [
        np.flatnonzero(~schedule(with_lead(network, lead), "threshold", quiet, truth)["asleep"][1])
        for lead in range(3)
    ]
    assert [one.tolist() for one in awake] == [[5], [6], [7]]
