"""AR(1) correction: errors of the last hour decay, and only measured hours are used."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.operate.network import Network
from netspatial.operate.policies import POLICIES, Decision, Forecast, Policy, State
from netspatial.operate.policies.ar1_correction import ar1_update, persistence
from netspatial.operate.simulator import simulate_policy
from netspatial.randomness import stream
from tests.operate.made_up_network import pair

WEEK = 168


def persistent(rho: float, hours: int, seed: int = 0) -> np.ndarray:
    """Two stations (2, hours) about 20, with AR(1) errors in logarithms."""
    noise = stream(seed, "noise").normal(0, 0.2, (2, hours))
    error = np.zeros((2, hours))
    for hour in range(1, hours):
        error[:, hour] = rho * error[:, hour - 1] + noise[:, hour]
    return 20 * np.exp(error)


def inputs(past: np.ndarray, median: float, age: int = 0) -> tuple[Forecast, State]:
    samples = np.array([10.0, 20.0, 40.0])[None, :, None] * np.ones((2, 1, 4))
    forecast = Forecast(samples, np.arange(4), np.full((2, 3), median))
    return forecast, State(pair(), np.zeros(2, dtype=bool), past, 0.99, age_h=age)


@pytest.mark.parametrize("rho", [0.0, 0.4, 0.8])
def test_persistence_is_the_autocorrelation_of_the_errors(rho: float) -> None:
    found = persistence(persistent(rho, 4 * WEEK))
    assert found is not None
    assert np.allclose(found, rho, atol=0.12)


def test_persistence_needs_two_weeks() -> None:
    past = persistent(0.6, 2 * WEEK)
    assert persistence(past) is not None
    forecast, state = inputs(past[:, 1:], 20.0)
    assert ar1_update(forecast, state) is forecast


def test_a_correct_forecast_keeps_its_median_and_gets_narrower() -> None:
    past = persistent(0.6, 3 * WEEK)
    past[:, -1] = 20.0
    after = ar1_update(*inputs(past, 20.0)).samples
    assert np.allclose(after[:, 1], 20.0)
    width = after[:, 2] - after[:, 0]
    assert (np.diff(width, axis=1) > 0).all()  # uncertainty grows
    assert (width < 30).all()


@given(st.floats(0.3, 3.0), st.integers(0, 2))
@settings(max_examples=20)
def test_an_error_decays_by_its_persistence_from_hour_to_hour(ratio: float, age: int) -> None:
    past = persistent(0.6, 3 * WEEK)
    past[:, -1] = 20.0 * ratio
    after = ar1_update(*inputs(past, 20.0, age)).samples[:, 1]
    quiet = 0.02 * past.mean(axis=1)[:, None]
    rho = persistence(past)
    assert rho is not None
    error = np.log((20 * ratio + quiet) / (20 + quiet))
    expected = (20 + quiet) * np.exp(error * rho[:, None] ** np.arange(age + 1, age + 5)) - quiet
    assert np.allclose(after, expected)


def test_before_an_operated_hour_is_measured_the_forecast_is_unchanged() -> None:
    forecast, state = inputs(persistent(0.6, 3 * WEEK), 20.0)
    first = replace(forecast, before=np.empty((2, 0)))
    assert ar1_update(first, state) is first


def test_idle_stations_stay_idle() -> None:
    forecast, state = inputs(np.zeros((2, 3 * WEEK)), 0.0)
    nothing = replace(forecast, samples=np.zeros((2, 3, 4)))
    assert (ar1_update(nothing, state).samples == 0).all()


def operated(
    network: Network, policy: Policy, traffic: np.ndarray, ahead: np.ndarray
) -> xr.Dataset:
    """A policy's schedule of the last day of some traffic (N, T), on a forecast (N, S, 24)."""
    times = pd.date_range("2024-01-01", periods=traffic.shape[1], freq="h")
    names = list(network.station_ids)
    series = xr.DataArray(
        traffic,
        dims=("station", "time"),
        coords={"station": names, "time": times},
        attrs={"timezone": "UTC"},
    )
    forecast = xr.DataArray(
        ahead,
        dims=("station", "sample", "time"),
        coords={"station": names, "time": times[-24:]},
    )
    past, truth = series.isel(time=slice(0, -24)), series.isel(time=slice(-24, None))
    return simulate_policy(network, policy, truth, [forecast], past=past)


@dataclass(frozen=True)
class Recorder:
    """Records its inputs; its plan differs from hour to hour."""

    inputs_seen: list[tuple[Forecast, State]] = field(default_factory=list)
    replan_every_h: int = 5
    perfect_information: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Let the small station sleep in every third hour."""
        self.inputs_seen.append((forecast, state))
        third = np.arange(forecast.hours) % 3 == 0
        return Decision(np.stack([np.zeros_like(third), third]))


@pytest.mark.parametrize("lead", [0, 1, 2, 7])
def test_a_policy_reads_only_past_measurements_forecasts_and_plans(lead: int) -> None:
    recorder = Recorder()
    traffic = persistent(0.5, WEEK + 24)
    ahead = persistent(0.5, 3 * 24, seed=1).reshape(2, 3, 24)
    network = pair()
    network = replace(network, power=tuple(replace(one, lead_h=lead) for one in network.power))
    operated(network, recorder, traffic, ahead)
    assert len(recorder.inputs_seen) == 5
    for number, (forecast, state) in enumerate(recorder.inputs_seen):
        hour = 5 * number
        assert np.array_equal(state.past, traffic[:, : WEEK + hour - lead])
        median = np.median(ahead, axis=1)[:, : max(hour - lead, 0)]
        assert np.array_equal(forecast.before, median)
        assert np.array_equal(forecast.samples, ahead[:, :, hour:])
        assert state.age_h == lead
        if number == 0:
            assert state.plan is None
        else:
            assert state.plan is not None
            assert np.flatnonzero(state.plan[1]).tolist() == list(range(1, 24 - hour, 3))


@pytest.mark.parametrize("name", ["greedy", "rolling"])
def test_a_station_that_was_busier_than_forecast_keeps_its_neighbour_awake(name: str) -> None:
    # the wide station should carry 48 of 100 but carries twice that: no capacity for another 9
    expected = np.array([[48.0], [9.0]])
    past = expected * persistent(0.9, 3 * WEEK) / 20
    traffic = np.hstack([past, expected * [[2.0], [1.0]] * np.ones(24)])
    ahead = np.broadcast_to(expected[:, :, None], (2, 1, 24))
    schedule = operated(pair(), POLICIES[name](), traffic, ahead)
    assert schedule["asleep"].sel(station="small")[0]
    assert not schedule["asleep"].sel(station="small")[-1]


def test_a_plan_is_kept_for_a_day_and_revised_where_more_can_sleep() -> None:
    network = pair()
    ahead = Forecast(np.full((2, 1, 48), 1.0), np.arange(48) % 24, np.empty((2, 0)))
    state = State(network, np.zeros(2, dtype=bool), np.empty((2, 0)), 0.99)
    first = POLICIES["greedy"]().decide(ahead, state)
    assert first.asleep.shape == (2, 30)
    awake = replace(state, plan=np.zeros((2, 20), dtype=bool))
    later = POLICIES["greedy"]().decide(ahead, awake).asleep
    assert later.shape == (2, 20)
    assert np.flatnonzero(later[1]).tolist() == [0, 1, 2, 3]
    binding = POLICIES["greedy"](least_sleep=3).decide(ahead, awake).asleep
    assert not binding.any()


def test_a_revision_keeps_the_margin_that_the_qoe_needs() -> None:
    wide = np.array([40.0, 40, 40, 40, 99])
    samples = np.stack([wide, np.full(5, 9.0)])[:, :, None] * np.ones(12)
    ahead = Forecast(samples, np.arange(12), np.empty((2, 0)))
    plan = np.zeros((2, 12), dtype=bool)
    state = State(pair(), np.zeros(2, dtype=bool), np.empty((2, 0)), 0.99, plan)
    assert not POLICIES["greedy"]().decide(ahead, state).asleep.any()
    careless = POLICIES["greedy"]().decide(ahead, replace(state, qoe_min=0.5))
    assert careless.asleep[1, :2].all()
