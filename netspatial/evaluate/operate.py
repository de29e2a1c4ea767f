"""`bench operate`: sleep policies in unseen cities, planned on forecasts, scored on true traffic.

One dense district of each city, its last measured week; all policies have the same forecasts and
the same dispatch. Also scores of the forecasts, and targets.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import xarray as xr

from netspatial.city.city import City
from netspatial.evaluate.forecast_rolling import rolling_scores
from netspatial.evaluate.generate_data import UNSEEN_SEEDS, simulated_city
from netspatial.evaluate.operate_report import OperateReport, PolicyRow
from netspatial.evaluate.operate_scale import scale_rows
from netspatial.evaluate.operate_targets import QOE, targets
from netspatial.forecast import DEFAULT as DEFAULT_FORECASTER
from netspatial.forecast import FORECASTERS
from netspatial.operate.interference import couple_schedule
from netspatial.operate.metrics import ScheduleMetrics, schedule_metrics
from netspatial.operate.network import Network
from netspatial.operate.pareto import paper_point
from netspatial.operate.policies import DEFAULT as DEFAULT_POLICY
from netspatial.operate.policies import POLICIES, Policy
from netspatial.operate.policies.chance import PATIENCE_S
from netspatial.operate.power import LEAD_H, power_model
from netspatial.operate.simulator import simulate_policy
from netspatial.operate.stations import Stations, district, stations_of
from netspatial.progress import Progress, silent

POWERS = ("earth-macro", "tr38864-set1-cat1")
ORACLE, PAPER, CHANCE = "oracle", "paper", "chance"
NEEDED = (DEFAULT_POLICY, "threshold", PAPER, ORACLE)
"""Policies that the targets need."""


@dataclass(frozen=True)
class OperateBenchSize:
    """Size of the bench.

    stations : stations of each city's densest district; few enough for a bound by integer programs
    patience : time limit of each hourly chance-constrained program, s
    """

    cities: int = 3
    stations: int = 40
    hours: int = 168
    powers: tuple[str, ...] = POWERS
    policies: tuple[str, ...] = tuple(POLICIES)
    scale: bool = True
    patience: float = PATIENCE_S


FULL = OperateBenchSize()
QUICK = OperateBenchSize(cities=1, stations=16, hours=48, powers=POWERS[:1], scale=False)


def bench_operate(
    work: Path, size: OperateBenchSize = FULL, report: Progress = silent, seed: int = 0
) -> OperateReport:
    """Measure every policy. work : folder in which simulated cities are kept."""
    found = OperateReport()
    cities = [simulated_city(work, "unseen", number) for number in UNSEEN_SEEDS[: size.cities]]
    for number, city in enumerate(cities):
        _measure(found, city, size, seed, partial(_within, report, number, len(cities)))
    if size.scale:
        report("timing larger networks", 0.92)
        cities.append(simulated_city(work, "unseen", UNSEEN_SEEDS[size.cities]))
        found.scale.extend(scale_rows(cities))
    found.targets.extend(targets(found.rows, found.forecast, found.scale))
    return found


def _within(report: Progress, number: int, of: int, text: str, share: float) -> None:
    """Report the progress of one of several cities as progress of all."""
    report(text, 0.9 * (number + share) / of)


def _measure(
    found: OperateReport, city: City, size: OperateBenchSize, seed: int, report: Progress
) -> None:
    stations = stations_of(city, district(city, size.stations), seed=seed)
    name = city.folder.name
    first = stations.times[-size.hours]
    made = {key: build(city, stations.table) for key, build in FORECASTERS.items()}
    score = partial(
        rolling_scores,
        name,
        made,
        stations.measured,
        first,
        size.hours,
        report=lambda text: report(text, 0.0),
        seed=seed,
        lead_h=LEAD_H,
    )
    rows, forecasts = score()
    found.forecast.extend(rows)
    found.ahead.extend(score(ahead_h=size.hours)[0])
    week = MeasuredSpan(stations, size.hours, forecasts[DEFAULT_FORECASTER])
    scale = None
    for place, power in enumerate(size.powers):
        network = stations.network(power_model(power))
        runs = []
        for step, policy in enumerate(size.policies):
            report(
                f"{name}: {policy}, {power}",
                0.2 + 0.8 * (place + step / len(size.policies)) / len(size.powers),
            )
            policy_params = {}
            if policy == PAPER:
                # its scale depends on the traffic, not on the power model
                scale = scale or paper_point(partial(week.run, network)).value
                policy_params = {"scale": scale}
            if policy == CHANCE:
                policy_params = {"patience": size.patience}
            begun = time.process_time()
            schedule = week.run(network, POLICIES[policy](**policy_params))
            runs.append((policy, schedule, time.process_time() - begun))
        found.rows.extend(_rows(name, power, runs))
        for policy, schedule, _ in runs:
            notes = [line for line in schedule.attrs["notes"].split("\n") if line]
            found.notes.extend(f"{name}, {policy}, {power}: {line}" for line in notes)
            if policy == DEFAULT_POLICY and place == 0:
                found.coupled[name] = couple_schedule(stations, network, schedule)


@dataclass(frozen=True)
class MeasuredSpan:
    """The last measured hours of some stations, and their forecasts."""

    stations: Stations
    hours: int
    forecasts: Sequence[xr.DataArray]

    def run(self, network: Network, policy: Policy) -> xr.Dataset:
        """Execute a policy on the actual traffic."""
        traffic = self.stations.traffic
        return simulate_policy(
            network,
            policy,
            traffic.isel(time=slice(-self.hours, None)),
            self.forecasts,
            past=traffic.isel(time=slice(0, -self.hours)),
            qoe_min=QOE,
        )


def _rows(city: str, power: str, runs: Sequence[tuple[str, xr.Dataset, float]]) -> list[PolicyRow]:
    """Return the rows of one city and power model; the oracle's bound is that of all policies."""
    bound = next(float(one.attrs["bound_kwh"]) for name, one, _ in runs if name == ORACLE)
    return [
        _row(city, name, power, schedule_metrics(one, bound_kwh=bound), s) for name, one, s in runs
    ]


def _row(city: str, policy: str, power: str, metrics: ScheduleMetrics, seconds: float) -> PolicyRow:
    return PolicyRow(
        city=city,
        policy=policy,
        power=power,
        saving_pct=metrics.saving_pct,
        qoe=metrics.qoe,
        worst_hour=metrics.worst_hour,
        traffic_reduction_ratio=metrics.traffic_reduction_ratio,
        wakeups_per_cell_day=metrics.wakeups_per_station_day,
        seconds=seconds,
        bound_gap_pp=metrics.regret_pp if metrics.regret_pp is not None else float("nan"),
        hours_above=metrics.hours_above,
        kwh_above=metrics.kwh_above,
        debt_kwh=metrics.debt_kwh,
    )
