"""A plan for upcoming hours: nothing is measured in them, and any sample may occur."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from netspatial.errors import BadInput
from netspatial.operate.metrics import ScheduleMetrics, mean_of, ranges_of, schedule_metrics
from netspatial.operate.network import Network
from netspatial.operate.over_samples import RANGED, over_samples
from netspatial.operate.policies import POLICIES, Decision, Forecast, State
from netspatial.operate.simulator import plan_ahead, simulate_policy
from tests.operate.made_up_network import drawn_network, drawn_traffic, pair

PAST_H, HOURS = 2 * 168, 24
WITHOUT_TRUTH = [name for name in POLICIES if name not in ("milp", "chance", "oracle")]


def series(network: Network, values: np.ndarray, start: str = "2024-01-15") -> xr.DataArray:
    """Traffic (N, T), or its samples (N, S, T)."""
    dims = ("station", "time") if values.ndim == 2 else ("station", "sample", "time")
    return xr.DataArray(
        values,
        dims=dims,
        coords={
            "station": list(network.station_ids),
            "time": pd.date_range(start, periods=values.shape[-1], freq="h"),
        },
        attrs={"timezone": "UTC", "units": "GB/h", "provenance": "generated"},
    )


def history(network: Network, values: np.ndarray) -> xr.DataArray:
    return series(network, values, "2024-01-01")


@dataclass(frozen=True)
class Recorder:
    """Lets the small station sleep, records its inputs, and is reactive."""

    inputs_seen: list[tuple[Forecast, State]] = field(default_factory=list)
    replan_every_h: int = 5
    perfect_information: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Let all stations sleep that may."""
        self.inputs_seen.append((forecast, state))
        asleep = np.repeat(state.network.may_sleep[:, None], forecast.hours, axis=1)
        return Decision(asleep, reactive=True)


def test_upcoming_hours_neither_correct_forecasts_nor_wake_stations() -> None:
    network, past = pair(), np.full((2, PAST_H), 1.0)
    # the wide station is full in all samples: a reaction would wake the small one
    full = np.array([[97.5], [1.0]])[:, None] * np.ones((2, 3, HOURS))
    policy = Recorder()
    plan = plan_ahead(
        network, policy, [series(network, full)], past=history(network, past), qoe_min=0.999
    )
    assert plan.asleep[1].all()
    for number, (forecast, state) in enumerate(policy.inputs_seen):
        assert np.array_equal(state.past, past[:, : PAST_H - max(network.lead_h - 5 * number, 0)])
        assert state.age_h == max(5 * number, network.lead_h)
        assert forecast.before.shape == (2, 0)


@pytest.mark.parametrize("name", WITHOUT_TRUTH)
def test_a_plan_depends_on_the_forecast_and_past_measurements_only(name: str) -> None:
    network = drawn_network(3)
    traffic = drawn_traffic(network, 3, PAST_H + HOURS, 0.2)
    samples = np.stack([traffic[:, PAST_H:] * scale for scale in (0.8, 1.0, 1.2)], axis=1)
    one, two = (
        plan_ahead(
            network,
            POLICIES[name](),
            [series(network, drawn)],
            past=history(network, traffic[:, :PAST_H]),
        )
        for drawn in (samples, samples[:, ::-1])
    )
    assert np.array_equal(one.asleep, two.asleep)
    assert name in ("always-on", "paper") or one.asleep.any()


def test_a_policy_with_perfect_information_is_refused() -> None:
    network = pair()
    forecast = series(network, np.ones((2, 2, HOURS)))
    with pytest.raises(BadInput, match="back-test"):
        plan_ahead(
            network,
            POLICIES["oracle"](),
            [forecast],
            past=history(network, np.ones((2, PAST_H))),
        )


def test_an_overloaded_sample_counts_although_the_mean_is_not_overloaded() -> None:
    network = pair()
    wide = np.array([60.0, 60, 60, 60, 110.0])
    samples = np.stack([wide, np.full(5, 1.0)])[:, :, None] * np.ones(HOURS)
    forecast = series(network, samples)
    plan = plan_ahead(
        network, POLICIES["always-on"](), [forecast], past=history(network, np.ones((2, PAST_H)))
    )
    found = over_samples(network, plan, forecast)
    figures, ranges = mean_of(found.figures), ranges_of(found.figures)
    assert [one.qoe < 1 for one in found.figures] == [False] * 4 + [True]
    assert figures.qoe == pytest.approx(1 - (110 - 98) / 111 / 5)
    assert figures.overload_hours == pytest.approx(HOURS / 5)
    assert ranges["overload_hours"] == pytest.approx((0, 0.6 * HOURS))
    assert ranges["qoe"][1] == 1
    mean = found.schedule["load_after"].sel(station="wide")
    # the wide station is the cheaper one for the small one's traffic, too: 0.61, and 0.98 when full
    assert mean.to_numpy() == pytest.approx((4 * 0.61 + 0.98) / 5)
    high = found.schedule["load_after_p90"].sel(station="wide").to_numpy()
    assert high == pytest.approx(0.61 + 0.6 * (0.98 - 0.61))


@given(st.integers(0, 10_000), st.floats(0.05, 1.0), st.integers(1, 4))
@settings(max_examples=10)
def test_the_outcome_over_samples_is_the_mean_of_the_outcomes_of_each(
    seed: int, level: float, count: int
) -> None:
    network = drawn_network(seed)
    drawn = np.stack([drawn_traffic(network, seed + n, 6, level) for n in range(count)], axis=1)
    forecast, past = series(network, drawn), history(network, np.ones((network.size, PAST_H)))
    plan = plan_ahead(network, POLICIES["static-night"](start=2), [forecast], past=past)
    found = over_samples(network, plan, forecast)
    each = []
    for number in range(count):
        # runs that wake all stations, because sleep saves nothing, execute another plan
        truth = forecast.isel(sample=number)
        one = simulate_policy(network, _Fixed(plan.asleep), truth, [forecast], past=past)
        assume(np.array_equal(one["asleep"], plan.asleep))
        each.append(schedule_metrics(one))
        assert found.figures[number].energy_kwh == pytest.approx(each[-1].energy_kwh)
        assert found.figures[number].qoe == pytest.approx(each[-1].qoe)
    assert mean_of(found.figures).energy_kwh == pytest.approx(
        np.mean([one.energy_kwh for one in each])
    )
    schedule = found.schedule
    assert float(schedule["energy"].sum()) == pytest.approx(mean_of(found.figures).energy_kwh)
    assert np.array_equal(schedule["asleep"], plan.asleep)
    for name in RANGED:
        low, high = schedule[f"{name}_p10"], schedule[f"{name}_p90"]
        assert (low <= high).all()
    saved = schedule["saved_kwh"].sum("station").to_numpy()
    assert saved == pytest.approx([one.saved_kwh for one in found.figures], rel=1e-3, abs=1e-4)


@dataclass(frozen=True)
class _Fixed:
    """A fixed plan."""

    asleep: np.ndarray
    replan_every_h: int = 168
    perfect_information: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Return the plan."""
        del forecast, state
        return Decision(self.asleep)


def test_ranges_cover_80_percent_and_unknown_metrics_have_none() -> None:
    network = pair()
    forecast = series(network, np.ones((2, 11, HOURS)))
    plan = plan_ahead(
        network, POLICIES["greedy"](), [forecast], past=history(network, np.ones((2, PAST_H)))
    )
    one: ScheduleMetrics = over_samples(network, plan, forecast).figures[0]
    figures = [
        replace(one, saving_pct=float(n), always_on_kwh=100.0, energy_kwh=100.0 - n)
        for n in range(11)
    ]
    ranges = ranges_of(figures)
    assert ranges["saving_pct"] == pytest.approx((1, 9))
    assert ranges["saved_kwh"] == pytest.approx((1, 9))
    assert "bound_pct" not in ranges
    assert mean_of(figures).saving_pct == 5
    assert mean_of(figures).bound_pct is None
