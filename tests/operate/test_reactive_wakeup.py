"""Stations wake for an unexpected overload as soon as it has been measured."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from netspatial.operate.dispatch.dispatch import dispatch
from netspatial.operate.policies import Decision, Forecast, State
from netspatial.operate.reactive_wakeup import select_wakeups
from netspatial.operate.simulator import simulate_policy
from netspatial.radio.service_graph import ServiceGraph
from tests.operate.made_up_network import drawn_network, drawn_traffic, pair

OVERLOAD = slice(10, 14)


class _Asleep:
    """The small station always sleeps; decided every few hours."""

    perfect_information = False

    def __init__(self, reactive: bool, replan_every_h: int = 24) -> None:
        self.reactive, self.replan_every_h = reactive, replan_every_h

    def decide(self, forecast: Forecast, state: State) -> Decision:
        asleep = np.repeat(state.network.may_sleep[:, None], forecast.hours, axis=1)
        return Decision(asleep, reactive=self.reactive)


def overloaded_day(policy: _Asleep, qoe_min: float = 0.99, lead: int = 0) -> xr.Dataset:
    network = pair()
    network = replace(network, power=tuple(replace(one, lead_h=lead) for one in network.power))
    demand = np.array([[90.0], [1.0]]) * np.ones(24)
    demand[0, OVERLOAD] = 97.5
    truth = xr.DataArray(
        demand,
        dims=("station", "time"),
        coords={
            "station": list(network.station_ids),
            "time": pd.date_range("2024-01-01", periods=24, freq="h"),
        },
        attrs={"timezone": "UTC", "units": "GB/h", "provenance": "simulated"},
    )
    calm = (0 * truth).expand_dims(sample=2).transpose("station", "sample", "time")
    return simulate_policy(network, policy, truth, [calm], qoe_min=qoe_min)


@pytest.mark.parametrize("replan_every_h", [24, 1, 11])
@pytest.mark.parametrize("lead", [0, 1, 2])
def test_an_overload_wakes_stations_once_it_is_known_and_sleep_continues_after_it(
    replan_every_h: int, lead: int
) -> None:
    # 97.5 + 1 of the wide station's 98: half a unit short, 0.5 % of the hour
    schedule = overloaded_day(
        _Asleep(reactive=True, replan_every_h=replan_every_h), qoe_min=0.999, lead=lead
    )
    awake = np.flatnonzero(schedule["asleep"].sel(station="small") == 0)
    assert awake.tolist() == list(range(11 + lead, 15 + lead))
    short = np.flatnonzero(schedule["unserved"].sum("station") > 1e-9)
    assert short.tolist() == list(range(10, 11 + lead))
    assert "In 4 of 24 hours stations woke against the plan" in schedule.notes


def test_without_reaction_the_station_sleeps_on() -> None:
    schedule = overloaded_day(_Asleep(reactive=False), qoe_min=0.999)
    assert schedule["asleep"].sel(station="small").all()
    short = np.flatnonzero(schedule["unserved"].sum("station") > 1e-9)
    assert short.tolist() == list(range(24))[OVERLOAD]


def test_a_loss_within_the_minimum_qoe_wakes_no_station() -> None:
    assert overloaded_day(_Asleep(reactive=True), qoe_min=0.99)["asleep"].sel(station="small").all()


@pytest.mark.parametrize("seed", range(6))
def test_an_hour_serves_more_with_the_selected_stations_awake(seed: int) -> None:
    network = drawn_network(seed, stations=9)
    demand = drawn_traffic(network, seed, 24, 0.5)
    plan = np.repeat(network.may_sleep[:, None], 24, axis=1)
    awake = dispatch(network, demand, np.zeros(plan.shape, dtype=bool))
    before = dispatch(network, demand, plan)
    wakeups = select_wakeups(network, demand, plan, before, awake.unserved.sum(axis=0), 0.99)
    after = dispatch(network, demand, plan & ~wakeups)
    changed = (wakeups & plan).any(axis=0)
    assert changed.any()
    gained = (before.unserved - after.unserved).sum(axis=0)
    assert (gained[changed] > 0).all()
    assert gained[~changed] == pytest.approx(0)


def test_a_full_station_that_serves_all_traffic_wakes_no_station() -> None:
    one = pair()
    network = replace(
        one,
        station_ids=("wide", "small", "other wide", "other small"),
        capacity=np.tile(one.capacity, 2),
        coverage=np.tile(one.coverage, 2),
        power=one.power * 2,
        service_graph=ServiceGraph(
            np.arange(4),
            np.ones(4),
            np.array([0, 1, 1, 2, 3, 3]),
            np.array([0, 1, 0, 2, 3, 2]),
            np.ones(6),
        ),
    )
    demand = np.array([[99.0], [1.0], [97.0], [1.0]])
    plan = np.array([[False], [True], [False], [True]])
    result = dispatch(network, demand, plan)
    assert result.load[[0, 2], 0] == pytest.approx(0.98)
    wakeups = select_wakeups(network, demand, plan, result, np.zeros(1), 0.999)
    assert wakeups[:, 0].tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    ("own", "woken"), [(88.0, []), (90.0, [4]), (93.0, [3, 4]), (97.0, [1, 2, 3, 4])]
)
def test_no_more_stations_wake_than_necessary(own: float, woken: list[int]) -> None:
    # the wide station can carry 98; sleeping ones add 1, 2, 3 and 4
    one = pair()
    network = replace(
        one,
        station_ids=("wide", "one", "two", "three", "four"),
        capacity=np.array([100.0, 10, 10, 10, 10]),
        coverage=np.arange(5) == 0,
        power=one.power[:1] * 5,
        service_graph=ServiceGraph(
            np.arange(5),
            np.ones(5),
            np.array([0, 1, 1, 2, 2, 3, 3, 4, 4]),
            np.array([0, 1, 0, 2, 0, 3, 0, 4, 0]),
            np.ones(9),
        ),
    )
    demand = np.array([[own], [1.0], [2.0], [3.0], [4.0]])
    plan = ~network.coverage[:, None]
    wakeups = select_wakeups(
        network, demand, plan, dispatch(network, demand, plan), np.zeros(1), 0.999
    )
    assert np.flatnonzero(wakeups[:, 0]).tolist() == woken
