"""Every policy under the same rules, on small networks where the best schedule is known."""

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.errors import BadInput
from netspatial.operate.coverage import keep_covered
from netspatial.operate.dispatch.dispatch import dispatch, energy_kwh
from netspatial.operate.dispatch.traffic_assignment import TrafficAssignment
from netspatial.operate.metrics import schedule_metrics
from netspatial.operate.network import Network
from netspatial.operate.plan_selection import evaluate_plan
from netspatial.operate.policies import POLICIES, Forecast, State
from netspatial.operate.policies.greedy import expected_qoe, greedy_sleep, swap_sleepers
from netspatial.operate.policies.milp import best_sleep
from netspatial.operate.policies.paper import volatile_windows
from netspatial.operate.policies.sleep_program import Sleeping, SolverLimits, solve
from netspatial.operate.simulator import simulate_policy
from netspatial.radio.service_graph import ServiceGraph
from netspatial.randomness import stream
from tests.operate.made_up_network import drawn_network, drawn_traffic, pair

HOURS = 24
QUICK = [name for name in POLICIES if name not in ("milp", "chance", "oracle")]


def series(network: Network, values: np.ndarray, start: str = "2024-01-01") -> xr.DataArray:
    return xr.DataArray(
        values,
        dims=("station", "time"),
        coords={
            "station": list(network.station_ids),
            "time": pd.date_range(start, periods=values.shape[1], freq="h"),
        },
        attrs={"timezone": "UTC", "units": "GB/h", "provenance": "simulated"},
    )


def ensemble(truth: xr.DataArray, seed: int, spread: float, samples: int = 5) -> xr.DataArray:
    """The truth with log-normal errors, issued at its first hour."""
    noise = stream(seed, "ensemble").lognormal(0, spread, (truth.shape[0], samples, truth.shape[1]))
    return truth.expand_dims(sample=samples).transpose("station", "sample", "time") * noise


def run(
    network: Network, name: str, traffic: np.ndarray, seed: int = 0, spread: float = 0.3
) -> xr.Dataset:
    truth = series(network, traffic)
    return simulate_policy(network, POLICIES[name](), truth, [ensemble(truth, seed, spread)])


@cache
def week_of(name: str) -> xr.Dataset:
    network = drawn_network(5)
    return run(network, name, drawn_traffic(network, 5, HOURS, 0.15))


@pytest.mark.parametrize("name", POLICIES)
def test_no_policy_uses_more_energy_than_always_on_with_an_unbiased_forecast(name: str) -> None:
    assert schedule_metrics(week_of(name)).saving_pct >= -1e-9


@given(
    st.sampled_from(["swes", "static-night", "paper", "always-on"]),
    st.integers(0, 10_000),
    st.floats(0.05, 1.5),
    st.sampled_from(["earth-macro", "earth-pico", "tr38864-set1-cat1", "tr38864-set3-cat2-light"]),
)
@settings(max_examples=15)
def test_a_fixed_plan_saves_energy_with_a_perfect_forecast(
    name: str, seed: int, level: float, power: str
) -> None:
    network = drawn_network(seed, power=power)
    schedule = run(network, name, drawn_traffic(network, seed, 12, level), seed, spread=0.0)
    assert schedule_metrics(schedule).saving_pct >= -1e-6


@given(
    st.sampled_from(QUICK),
    st.integers(0, 10_000),
    st.floats(0.05, 1.5),
    st.floats(0, 2),
    st.sampled_from(["earth-macro", "earth-pico", "tr38864-set1-cat1", "tr38864-set3-cat2-light"]),
)
@settings(max_examples=25)
def test_excess_over_always_on_is_reported_for_any_forecast_error(
    name: str, seed: int, level: float, spread: float, power: str
) -> None:
    network = drawn_network(seed, power=power)
    schedule = run(network, name, drawn_traffic(network, seed, 5, level), seed, spread)
    figures = schedule_metrics(schedule)
    more = (schedule["energy"] - schedule["energy_before"]).sum("station").to_numpy()
    assert figures.kwh_above == pytest.approx(more.clip(0).sum(), abs=1e-9)
    assert figures.debt_kwh >= max(-figures.saved_kwh, 0) - 1e-9
    assert (figures.hours_above == 0) == (figures.share_above == 0) == (figures.kwh_above == 0)
    assert np.allclose(schedule["served"] + schedule["unserved"], schedule["demand"])
    assert not schedule["asleep"].to_numpy()[~network.may_sleep].any()
    assert float(schedule["load_after"].max()) <= network.most_load + 1e-6


@pytest.mark.parametrize("name", POLICIES)
def test_no_policy_that_serves_as_much_uses_less_than_the_bound(name: str) -> None:
    bound = week_of("oracle").attrs["bound_kwh"]
    oracle, figures = schedule_metrics(week_of("oracle")), schedule_metrics(week_of(name))
    if figures.unserved <= oracle.unserved + 1e-6:
        assert figures.energy_kwh >= bound * (1 - 3e-4)
        assert figures.energy_kwh >= oracle.energy_kwh * (1 - 3e-3)
    assert oracle.energy_kwh >= bound * (1 - 1e-9)
    assert oracle.regret_pp is not None


@pytest.mark.parametrize("name", POLICIES)
def test_the_same_seed_gives_the_same_schedule(name: str) -> None:
    network = drawn_network(5)
    again = run(network, name, drawn_traffic(network, 5, HOURS, 0.15))
    xr.testing.assert_identical(again, week_of(name))


@pytest.mark.parametrize("name", POLICIES)
def test_a_station_that_no_neighbour_can_cover_never_sleeps(name: str) -> None:
    alone = pair(reached=False)
    assert not run(alone, name, np.full((2, HOURS), 0.01))["asleep"].any()


def test_an_idle_covered_station_sleeps_and_saves_idle_minus_sleep_power() -> None:
    schedule = run(pair(), "greedy", np.full((2, HOURS), 0.0))
    figures = schedule_metrics(schedule)
    assert schedule["asleep"].sel(station="small").all()
    assert not schedule["asleep"].sel(station="wide").any()
    assert figures.saved_kwh == pytest.approx(HOURS * (0.780 - 0.450))
    assert figures.saving_pct == pytest.approx(100 * 0.33 / 1.56)
    assert figures.qoe == 1


def test_qoe_is_one_when_all_is_served() -> None:
    figures = schedule_metrics(week_of("always-on"))
    assert figures.qoe == figures.worst_hour == figures.worst_station == 1
    assert (
        figures.saving_pct
        == figures.wakeups_per_station_day
        == figures.traffic_reduction_ratio
        == 0
    )


@given(st.integers(0, 10_000), st.floats(0.05, 0.8))
@settings(max_examples=25)
def test_greedy_leaves_nothing_unserved_when_its_forecast_is_true(seed: int, level: float) -> None:
    network = drawn_network(seed)
    demand = drawn_traffic(network, seed, 6, level)
    asleep = greedy_sleep(network, demand, np.zeros(network.size, dtype=bool))
    awake = dispatch(network, demand, np.zeros(demand.shape, dtype=bool))
    result = dispatch(network, demand, asleep)
    lost = network.links.share * network.lost
    allowed = (demand * asleep)[network.links.owner] * lost[:, None]
    assert result.unserved.sum() <= awake.unserved.sum() + allowed.sum() + 1e-6
    assert (keep_covered(network, asleep) == asleep).all()


def test_a_sleeping_station_wakes_where_two_neighbours_can_then_sleep() -> None:
    # 0 and 1 can each be served by 2 alone, 2 by either: while 2 sleeps, both must be awake
    network = replace(
        drawn_network(0, stations=3, pixels=1),
        capacity=np.full(3, 10.0),
        coverage=np.zeros(3, dtype=bool),
        service_graph=ServiceGraph(
            np.arange(3),
            np.ones(3),
            np.array([0, 0, 1, 1, 2, 2, 2]),
            np.array([0, 2, 1, 2, 2, 0, 1]),
            np.ones(7),
        ),
    )
    demand = np.ones((3, 2))
    two = np.array([[False, True], [False, True], [True, False]])
    assignment = TrafficAssignment(network, demand, two, np.zeros((3, 2)))
    swap_sleepers(assignment)
    assert assignment.asleep.tolist() == [[True, True], [True, True], [False, False]]


@given(st.integers(0, 10_000), st.floats(0.05, 1.2), st.integers(1, 5))
@settings(max_examples=25)
def test_the_expected_qoe_equals_the_dispatch_of_the_samples(
    seed: int, level: float, samples: int
) -> None:
    network = drawn_network(seed)
    drawn = [drawn_traffic(network, seed + n, 4, level) for n in range(samples)]
    asleep = stream(seed, "asleep").random((network.size, 4)) < 0.5
    results = [dispatch(network, demand, asleep) for demand in drawn]
    served = sum(result.served.sum() for result in results)
    ahead = Forecast(np.stack(drawn, axis=1), np.arange(4), np.zeros((network.size, 0)))
    assert expected_qoe(network, ahead, asleep) == pytest.approx(
        served / sum(demand.sum() for demand in drawn), abs=1e-7
    )


@given(st.integers(0, 10_000), st.floats(0.05, 0.8))
@settings(max_examples=15)
def test_the_program_finds_the_optimal_schedule(seed: int, level: float) -> None:
    network = drawn_network(seed)
    demand = drawn_traffic(network, seed, 1, level)
    all_awake = np.zeros(network.size, dtype=bool)
    budget = dispatch(network, demand, all_awake[:, None]).unserved.sum(axis=0)
    found = solve(
        network,
        demand[None],
        budget[None],
        Sleeping(all_awake, priced=False),
        SolverLimits(gap=1e-7),
    )
    relaxed = solve(
        network,
        demand[None],
        budget[None],
        Sleeping(all_awake, priced=False),
        SolverLimits(relaxed=True),
    )
    best = np.inf
    for choice in product([False, True], repeat=int(network.may_sleep.sum())):
        asleep = np.zeros((network.size, 1), dtype=bool)
        asleep[network.may_sleep, 0] = choice
        result = dispatch(network, demand, asleep)
        covered = (keep_covered(network, asleep) == asleep).all()
        lost = (demand * asleep)[network.links.owner, 0] @ (network.links.share * network.lost)
        if covered and result.unserved.sum() <= budget[0] + lost + 1e-6:
            best = min(best, energy_kwh(network, result.load, asleep).sum())
    assert found.asleep is not None
    assert found.bound_kwh == pytest.approx(best, abs=2e-3)
    assert relaxed.bound_kwh <= best + 1e-6


def test_the_whole_program_pays_activations_and_keeps_the_minimum_sleep() -> None:
    network = pair()
    # the small station wakes for one busy hour, or stays awake around it
    demand = np.array([[96.0, 96.0, 96.0, 96.0], [1.0, 9.0, 1.0, 1.0]])
    before = np.array([False, False])
    decision = best_sleep(network, demand, before)
    assert decision.asleep[1].tolist() == [True, False, True, True]
    longer = best_sleep(network, demand, before, least_sleep=2)
    assert longer.asleep[1].tolist() == [False, False, True, True]


@given(st.integers(0, 10_000), st.floats(0.05, 0.6))
@settings(max_examples=8)
def test_the_bound_holds_for_all_schedules_activations_included(seed: int, level: float) -> None:
    network = drawn_network(seed, stations=4)
    demand = drawn_traffic(network, seed, 3, level) * [1.0, 3.0, 1.0]
    all_awake = np.zeros(network.size, dtype=bool)
    budget = dispatch(network, demand, np.zeros(demand.shape, dtype=bool)).unserved.sum(axis=0)
    free = np.flatnonzero(network.may_sleep)
    best = np.inf
    for choice in product([False, True], repeat=len(free) * demand.shape[1]):
        asleep = np.zeros(demand.shape, dtype=bool)
        asleep[free] = np.reshape(choice, (len(free), demand.shape[1]))
        kwh = evaluate_plan(network, demand, asleep, budget).kwh
        woken = network.wake_kwh @ (asleep[:, :-1] & ~asleep[:, 1:]).sum(axis=1)
        best = min(best, kwh.sum() + woken)
    bound = best_sleep(network, demand, all_awake).bound_kwh
    assert bound is not None
    assert bound <= best + 1e-6


@pytest.mark.parametrize("relaxed", [False, True])
def test_an_infeasible_program_returns_no_schedule(relaxed: bool) -> None:
    network = pair(reached=False)
    demand = np.array([[200.0], [5.0]])
    all_awake = np.array([False, False])
    found = solve(
        network,
        demand[None],
        np.zeros((1, 1)),
        Sleeping(all_awake, False),
        SolverLimits(relaxed=relaxed),
    )
    assert found.asleep is None
    assert found.bound_kwh == np.inf


@pytest.mark.parametrize("relaxed", [False, True])
def test_the_bound_holds_after_a_timeout(relaxed: bool) -> None:
    network = drawn_network(5)
    demand = drawn_traffic(network, 5, 4, 0.2)
    sleeping = Sleeping(np.zeros(network.size, dtype=bool))
    budget = np.zeros((1, 4))
    found = solve(
        network, demand[None], budget, sleeping, SolverLimits(seconds=0.0, relaxed=relaxed)
    )
    best = solve(network, demand[None], budget, sleeping, SolverLimits())
    assert best.proven
    assert network.sleep_kw.sum() * 4 - 1e-9 <= found.bound_kwh <= best.bound_kwh + 1e-9


def test_load_above_capacity_is_served_up_to_the_capacity() -> None:
    schedule = run(pair(), "greedy", np.array([[150.0], [20.0]]) * np.ones(4))
    figures = schedule_metrics(schedule)
    assert figures.qoe == pytest.approx((98 + 9.8) / 170)
    assert "cannot be reached; with all stations awake it is 0.6341" in schedule.notes


def test_threshold_follows_its_hysteresis() -> None:
    network = pair()
    ahead = Forecast(np.zeros((2, 1, 1)), np.zeros(1, dtype=int), np.zeros((2, 0)))

    def small(load: float, asleep: bool) -> bool:
        past = np.array([[50.0], [load * 10]])
        state = State(network, np.array([False, asleep]), past, 0.99)
        return bool(POLICIES["threshold"]().decide(ahead, state).asleep[1, 0])

    assert [small(0.05, False), small(0.15, False), small(0.25, False)] == [True, False, False]
    assert [small(0.05, True), small(0.15, True), small(0.25, True)] == [True, True, False]


def test_static_night_sleeps_in_its_local_hours() -> None:
    asleep = run(pair(), "static-night", np.full((2, HOURS), 0.1))["asleep"].sel(station="small")
    assert np.flatnonzero(asleep).tolist() == [1, 2, 3, 4, 5]


def test_volatile_windows_are_high_and_two_hours_long() -> None:
    spread = np.array([0, 0, 3, 3, 0, 0, 3, 0, 0, 0, 0, 0], dtype=float)
    samples = 10 + np.array([-1, 1])[None, :, None] * spread
    assert np.flatnonzero(volatile_windows(samples, 0.7)[0]).tolist() == [2, 3]


def test_the_papers_control_counts_lost_traffic_as_saving() -> None:
    figures = schedule_metrics(week_of("paper"))
    assert figures.qoe <= 1 - figures.traffic_reduction_ratio + 1e-9  # QoE = 1 - η - O
    assert figures.asleep_share == 0
    assert figures.saving_pct < 100 * max(figures.traffic_reduction_ratio, 0.05)


def test_decisions_use_the_last_forecast_issued() -> None:
    network = pair()
    truth = series(network, np.full((2, 48), 0.0))
    busy = ensemble(truth.isel(time=slice(24, 48)) + 9.9, 0, 0.0)
    calm = ensemble(truth, 0, 0.0)
    full = busy.copy(data=np.broadcast_to([[[98.0]], [[9.0]]], busy.shape))
    asleep = simulate_policy(network, POLICIES["greedy"](), truth, [calm, full])["asleep"]
    assert asleep.sel(station="small").to_numpy().tolist() == [True] * 24 + [False] * 24


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda forecast: forecast.isel(time=slice(5, None)), "No forecast issued by"),
        (lambda forecast: forecast.isel(station=[1, 0]), "in order"),
        (lambda forecast: -forecast, "negative"),
    ],
)
def test_a_wrong_forecast_is_refused(change, problem: str) -> None:
    network = pair()
    truth = series(network, np.full((2, HOURS), 0.5))
    with pytest.raises(BadInput, match=problem):
        simulate_policy(network, POLICIES["greedy"](), truth, [change(ensemble(truth, 0, 0.1))])


def test_hours_after_a_timeout_use_the_greedy_plan_and_a_note(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("netspatial.operate.policies.milp.HOUR_S", 0.0)
    network = drawn_network(5)
    demand = drawn_traffic(network, 5, 4, 0.2)
    all_awake = np.zeros(network.size, dtype=bool)
    decision = best_sleep(network, demand, all_awake)
    assert "these use the greedy plan" in decision.notes[0]
    assert (decision.asleep == greedy_sleep(network, demand, all_awake)).all()
    assert decision.bound_kwh is not None
    assert 0 < decision.bound_kwh < np.inf


def test_chance_constraints_after_a_timeout_use_the_greedy_plan() -> None:
    network = drawn_network(5)
    samples = np.stack([drawn_traffic(network, seed, 4, 0.2) for seed in range(4)], axis=1)
    ahead = Forecast(samples, np.arange(4), np.empty((network.size, 0)))
    state = State(network, np.zeros(network.size, dtype=bool), np.empty((network.size, 0)), 0.99)
    decision = POLICIES["chance"](patience=0.0).decide(ahead, state)
    assert decision.notes == (
        (
            "The program over scenarios found no schedule for 4 hours in 0 s each; "
            "these use the greedy plan."
        ),
    )
    greedy = greedy_sleep(network, ahead.quantile(0.75), state.asleep)
    assert (decision.asleep == greedy).all()
