"""Metrics of a schedule, trade-off over a policy parameter, and the paper's operating point."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from netspatial.errors import BadInput
from netspatial.operate.metrics import schedule_metrics
from netspatial.operate.pareto import Point, front, paper_point, trade_off
from netspatial.operate.policies import Policy
from netspatial.operate.simulator import simulate_policy
from tests.operate.made_up_network import drawn_network, drawn_traffic


def schedule(**changes: list[list[float]]) -> xr.Dataset:
    """Two stations for four hours: all served, none asleep, unless changed."""
    values: dict[str, list[list[float]]] = {
        "asleep": [[0, 0, 0, 0], [0, 0, 0, 0]],
        "demand": [[4, 4, 4, 4], [1, 1, 1, 1]],
        "served": [[4, 4, 4, 4], [1, 1, 1, 1]],
        "unserved": [[0, 0, 0, 0], [0, 0, 0, 0]],
        "control": [[4, 4, 4, 4], [1, 1, 1, 1]],
        "load_before": [[0.4] * 4, [0.1] * 4],
        "load_after": [[0.4] * 4, [0.1] * 4],
        "energy": [[1.0] * 4, [1.0] * 4],
        "energy_before": [[1.0] * 4, [1.0] * 4],
    } | changes
    times = pd.date_range("2024-01-01", periods=4, freq="h")
    return xr.Dataset(
        {name: (("station", "time"), np.array(value)) for name, value in values.items()},
        coords={"station": ["a", "b"], "time": times},
    )


def test_saving_is_relative_to_all_energy_with_its_carbon_and_cost() -> None:
    figures = schedule_metrics(
        schedule(energy=[[1, 1, 1, 1], [0.5, 0.5, 0.5, 0.5]]),
        bound_kwh=5.0,
        co2_kg_per_kwh=0.4,
        cost_per_kwh=0.3,
    )
    assert (figures.energy_kwh, figures.always_on_kwh, figures.saved_kwh) == (6, 8, 2)
    assert figures.saving_pct == 25
    assert figures.co2_kg == pytest.approx(0.8)
    assert figures.cost == pytest.approx(0.6)
    assert figures.bound_pct == pytest.approx(37.5)
    assert figures.regret_pp == pytest.approx(12.5)


def test_qoe_and_the_worst_of_hours_and_stations() -> None:
    figures = schedule_metrics(
        schedule(served=[[4, 4, 4, 4], [1, 1, 0, 1]], unserved=[[0] * 4, [0, 0, 1, 0]])
    )
    assert figures.qoe == 0.95
    assert figures.worst_hour == 0.8
    assert figures.worst_station == 0.75
    assert figures.unserved == 1


def test_the_energy_ratio_is_curtailed_less_excess_traffic() -> None:
    figures = schedule_metrics(schedule(control=[[2, 4, 4, 4], [1, 1, 1, 2]]))
    assert figures.traffic_reduction_ratio == pytest.approx((2 - 1) / 20)  # η = U - O


def test_hours_above_always_on_are_counted_with_their_excess_and_cumulative_debt() -> None:
    figures = schedule_metrics(schedule(energy=[[1.5, 0.5, 1.0, 1.75], [1.0] * 4]))
    assert figures.hours_above == 2
    assert figures.share_above == 0.5
    assert figures.kwh_above == pytest.approx(0.5 + 0.75)
    assert figures.debt_kwh == pytest.approx(0.5 - 0.5 + 0.75)
    calm = schedule_metrics(schedule(energy=[[0.5, 1.25, 1.0, 1.0], [1.0] * 4]))
    assert (calm.hours_above, calm.kwh_above, calm.debt_kwh) == (1, 0.25, 0)


def test_activations_sleep_and_overload_are_counted() -> None:
    figures = schedule_metrics(
        schedule(asleep=[[0, 0, 0, 0], [1, 0, 1, 1]], load_after=[[0.95, 0.4, 0.91, 0.9], [0] * 4])
    )
    assert figures.wakeups_per_station_day == pytest.approx(1 / (2 * 4 / 24))
    assert figures.asleep_share == 3 / 8
    assert (figures.overload_hours, figures.overload_hours_before) == (2, 0)


def run(policy: Policy) -> xr.Dataset:
    network = drawn_network(5)
    traffic = drawn_traffic(network, 5, 48, 0.2)
    truth = xr.DataArray(
        traffic,
        dims=("station", "time"),
        coords={
            "station": list(network.station_ids),
            "time": pd.date_range("2024-01-01", periods=48, freq="h"),
        },
        attrs={"timezone": "UTC"},
    )
    noise = np.random.default_rng(0).lognormal(0, 0.2, (network.size, 9, 48))
    forecast = xr.DataArray(
        traffic[:, None] * noise, dims=("station", "sample", "time"), coords=truth.coords
    )
    return simulate_policy(network, policy, truth, [forecast])


def test_the_papers_operating_point_saves_less_energy_than_its_ratio() -> None:
    figures = paper_point(run, 0.10).figures
    assert figures.traffic_reduction_ratio == pytest.approx(0.10, abs=1e-3)
    assert figures.qoe > 0.80
    assert 0 < figures.saving_pct < 10  # not the 10 % of the ratio


def test_an_unreachable_operating_point_names_the_maximum() -> None:
    with pytest.raises(BadInput, match="its maximum here is"):
        paper_point(run, 0.9)


def test_the_pareto_front_holds_all_undominated_points() -> None:
    points = trade_off(run, "threshold")
    best = front(points)
    for point in points:
        dominated = any(
            other.figures.saving_pct >= point.figures.saving_pct
            and other.figures.qoe >= point.figures.qoe
            and other.figures != point.figures
            for other in points
        )
        same = any(other.figures == point.figures for other in best)
        assert same is not dominated
    with pytest.raises(BadInput, match="has no parameter that trades QoE"):
        trade_off(run, "always-on")


def test_points_hold_their_parameter_value() -> None:
    points = trade_off(run, "static-night", (3, 6))
    assert [point.value for point in points] == [3, 6]
    assert isinstance(points[0], Point)
