"""`bench operate`: policies side by side in unseen cities, decided on forecasts, judged on truth.

One dense district of each city, its last measured week; every policy sees the same forecasts and
is carried out by the same dispatch. Beside them the forecasts themselves, and the bars.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import xarray as xr

from netspatial.city.city import City
from netspatial.evaluate.forecast_rolling import rolling_scores
from netspatial.evaluate.generate_data import UNSEEN_SEEDS, simulated_city
from netspatial.evaluate.operate_report import OperateReport, PolicyRow
from netspatial.evaluate.operate_scale import scale_rows
from netspatial.evaluate.operate_targets import QOE, bars
from netspatial.forecast import DEFAULT as DEFAULT_FORECASTER
from netspatial.forecast import FORECASTERS
from netspatial.operate.interference import coupled_week
from netspatial.operate.metrics import ScheduleMetrics, measures
from netspatial.operate.network import Network
from netspatial.operate.pareto import paper_point
from netspatial.operate.policies import DEFAULT as DEFAULT_POLICY
from netspatial.operate.policies import POLICIES, Policy
from netspatial.operate.policies.chance import PATIENCE_S
from netspatial.operate.power import LEAD_H, power_model
from netspatial.operate.simulator import simulate_policy
from netspatial.operate.stations import Stations, district, stations_of

Report = Callable[[str, float], None]

POWERS = ("earth-macro", "tr38864-set1-cat1")
ORACLE, PAPER, CHANCE = "oracle", "paper", "chance"
NEEDED = (DEFAULT_POLICY, "threshold", PAPER, ORACLE)
"""Policies that the bars speak of."""


@dataclass(frozen=True)
class Size:
    """How much is measured.

    stations : of each city's densest district; a bound by integer programs is affordable for these
    patience : seconds for each of the chance-constrained programs, one an hour
    """

    cities: int = 3
    stations: int = 40
    hours: int = 168
    powers: tuple[str, ...] = POWERS
    policies: tuple[str, ...] = tuple(POLICIES)
    scale: bool = True
    patience: float = PATIENCE_S


FULL = Size()
QUICK = Size(cities=1, stations=16, hours=48, powers=POWERS[:1], scale=False)


def bench_operate(
    work: Path, size: Size = FULL, report: Report = lambda *_: None, seed: int = 0
) -> OperateReport:
    """Measure every policy. work : where simulated cities are kept."""
    found = OperateReport()
    cities = [simulated_city(work, "unseen", number) for number in UNSEEN_SEEDS[: size.cities]]
    for number, city in enumerate(cities):
        _measure(found, city, size, seed, partial(_within, report, number, len(cities)))
    if size.scale:
        report("timing larger networks", 0.92)
        cities.append(simulated_city(work, "unseen", UNSEEN_SEEDS[size.cities]))
        found.scale.extend(scale_rows(cities))
    found.bars.extend(bars(found.rows, found.forecast, found.scale))
    return found


def _within(report: Report, number: int, of: int, text: str, share: float) -> None:
    """Tell the progress of one of several cities as progress of all."""
    report(text, 0.9 * (number + share) / of)


def _measure(found: OperateReport, city: City, size: Size, seed: int, report: Report) -> None:
    stations = stations_of(city, district(city, size.stations), seed=seed)
    name = city.folder.name
    first = stations.times[-size.hours]
    made = {key: build(city, stations.table) for key, build in FORECASTERS.items()}
    score = partial(
        rolling_scores, name, made, stations.measured, first, size.hours,
        report=lambda text: report(text, 0.0), seed=seed, lead_h=LEAD_H,
    )  # fmt: skip
    rows, forecasts = score()
    found.forecast.extend(rows)
    found.ahead.extend(score(ahead_h=size.hours)[0])
    week = Week(stations, size.hours, forecasts[DEFAULT_FORECASTER])
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
                # its scale belongs to the traffic, not to the power
                scale = scale or paper_point(partial(week.run, network)).value
                policy_params = {"scale": scale}
            if policy == CHANCE:
                policy_params = {"patience": size.patience}
            begun = time.process_time()
            schedule = week.run(network, POLICIES[policy](**policy_params))
            runs.append((policy, schedule, time.process_time() - begun))
        found.rows.extend(_rows(name, power, runs))
        for policy, schedule, _ in runs:
            said = [line for line in schedule.attrs["notes"].split("\n") if line]
            found.notes.extend(f"{name}, {policy}, {power}: {line}" for line in said)
            if policy == DEFAULT_POLICY and place == 0:
                found.coupled[name] = coupled_week(stations, network, schedule)


@dataclass(frozen=True)
class Week:
    """The last measured hours of some stations, and what was forecast of them."""

    stations: Stations
    hours: int
    forecasts: Sequence[xr.DataArray]

    def run(self, network: Network, policy: Policy) -> xr.Dataset:
        """Carry out a policy on what truly came."""
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
    """Rows of one city and power model; the oracle's bound holds for all of them."""
    bound = next(float(one.attrs["bound_kwh"]) for name, one, _ in runs if name == ORACLE)
    return [_row(city, name, power, measures(one, bound_kwh=bound), s) for name, one, s in runs]


def _row(
    city: str, policy: str, power: str, metadata: ScheduleMetrics, seconds: float
) -> PolicyRow:
    return PolicyRow(
        city=city,
        policy=policy,
        power=power,
        saving_pct=metadata.saving_pct,
        qoe=metadata.qoe,
        worst_hour=metadata.worst_hour,
        traffic_reduction_ratio=metadata.traffic_reduction_ratio,
        wakeups_per_cell_day=metadata.wakeups_per_station_day,
        seconds=seconds,
        bound_gap_pp=metadata.regret_pp if metadata.regret_pp is not None else float("nan"),
        hours_above=metadata.hours_above,
        kwh_above=metadata.kwh_above,
        debt_kwh=metadata.debt_kwh,
    )
