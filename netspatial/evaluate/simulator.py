"""`netspatial bench simulator`: features of simulated and measured traffic, with a verdict.

A simulated median should lie between the smallest and the largest median of the measured sets,
widened by 0.05; otherwise the table gives the known reason. Each measured median has a percentile
among the simulated cities: inside 5 to 95 the simulator reaches it.
"""

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, get_args

import numpy as np

from netspatial.arrays import Floats
from netspatial.evaluate import series_features
from netspatial.evaluate.peak_memory import peak_mb
from netspatial.evaluate.realdata import MeasuredDataSet, read_all, real_folder
from netspatial.gaps import fill_gaps
from netspatial.progress import Progress, silent
from netspatial.simulate import simulate
from netspatial.simulate.growth import grow
from netspatial.simulate.parameters import Family
from netspatial.simulate.traffic import draw_calendar, draw_traffic
from netspatial.timeline import on_local_clock

WIDENING = 0.05
FIRST_SEED = 1000
"""First seed of the bench's cities; they were not used to choose the parameter ranges."""

SIZE_KM, STATIONS, POIS, WEEKS = 12.0, 300, 10_000, 4

LAST_HOUR_OF_DAY = 24
DISTANCES_M = ((200, 400), (400, 700), (700, 1400))

WHY_NOT = {
    "log_mean_sd": "Beijing's means were made equal by its publisher, Milan's 25 squares are one "
    "quarter; whole networks spread by 0.6 to 1",
    "log_mean_ks": "Beijing's means were made equal by its publisher, Milan has 25 squares only",
    **dict.fromkeys(
        (f"neighbour_{nearest}_{farthest}m" for nearest, farthest in DISTANCES_M),
        "only 25 squares of central Milan have positions, and they mix all uses within 1 km; "
        "simulated districts are of one use over about that distance",
    ),
}
"""Known reasons for which a simulated city should differ from the measured sets at hand."""


@dataclass(frozen=True)
class SimulatorRow:
    """One metric of one data set; the verdict is empty for measured sets.

    percentile : of a measured value among the simulated cities of both families, 0 to 100
    """

    data: str
    metric: str
    value: float
    low: float | None = None
    high: float | None = None
    verdict: str = ""
    percentile: float | None = None

    def record(self) -> dict[str, Any]:
        """Return the row for JSON, without empty fields."""
        record: dict[str, Any] = {"data": self.data, "metric": self.metric, "value": self.value}
        if self.verdict:
            record |= {"low": self.low, "high": self.high, "verdict": self.verdict}
        if self.percentile is not None:
            record["percentile"] = self.percentile
        return record


@dataclass(frozen=True)
class SimulatorReport:
    """All rows; seconds and peak_mb (MiB) are those of simulating one city of default size."""

    rows: list[SimulatorRow]
    seconds: float
    peak_mb: float

    def record(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "rows": [row.record() for row in self.rows],
            "seconds": self.seconds,
            "peak_mb": self.peak_mb,
        }


def bench_simulator(
    real: Path | None = None, cities: int = 8, progress: Progress = silent
) -> SimulatorReport:
    """Measure `cities` simulated cities of each family against the measured sets.

    real     : folder of the measured sets; by default the one that `real_folder` finds
    progress : called with a text and the share done, 0 to 1
    """
    folder = real_folder(real)
    progress("timing one full city", 0.0)
    seconds, peak_mb = time_one_city()
    families = get_args(Family)
    simulated: dict[str, dict[str, float]] = {}
    each: list[dict[str, float]] = []
    for f, family in enumerate(families):
        several = []
        for c in range(cities):
            progress(f"simulating {family} cities", 0.4 + 0.6 * (f * cities + c) / (2 * cities))
            several.append(simulated_set(FIRST_SEED + c, family))
        simulated[f"simulated-{family}"] = median_features(several)
        each += [median_features([city]) for city in several]
    measured = {found.name: median_features([found.whole_weeks()]) for found in read_all(folder)}
    progress("done", 1.0)
    return SimulatorReport(compare(simulated, measured, each), seconds, peak_mb)


def simulated_set(seed: int, family: Family) -> MeasuredDataSet:
    """Simulate the stations and the traffic of one city, without its image."""
    grown = grow(seed, family, SIZE_KM, STATIONS)
    calendar = draw_calendar(seed, grown.town.timezone, WEEKS)
    services, _ = draw_traffic(
        seed, 0, grown.network, grown.sites, calendar, grown.drawn["traffic"]
    )
    traffic = fill_gaps(on_local_clock(services["total"], calendar.steps, calendar.hours))
    return MeasuredDataSet(
        name=f"simulated-{family}",
        traffic=traffic,
        first_hour=0,
        places=np.column_stack([grown.network.x, grown.network.y]),
        licence="CC0-1.0",
    )


def median_features(sets: list[MeasuredDataSet]) -> dict[str, float]:
    """Return each metric's median over all stations of these sets, which hold whole weeks.

    Level metrics are medians over sets. Undefined metrics are left out: a lag of a week in one
    week of data, neighbours without positions.
    """
    per_station: dict[str, Callable[[Floats], Floats]] = {
        "acf24": lambda x: series_features.lag_correlation(x, 24),
        "acf168": lambda x: series_features.lag_correlation(x, 168),
        "weekday_weekend": series_features.weekday_weekend_ratio,
        "cv": series_features.variation,
        "spectrum_168h": lambda x: series_features.spectrum_share(x, 168),
        "spectrum_24h": lambda x: series_features.spectrum_share(x, 24),
        "spectrum_12h": lambda x: series_features.spectrum_share(x, 12),
        "spectrum_8h": lambda x: series_features.spectrum_share(x, 8),
    }
    traffic = [_varying(found.traffic) for found in sets]
    if traffic[0].shape[1] <= 168:
        del per_station["acf168"]
    found = {
        name: float(np.median(np.concatenate([measure(x) for x in traffic])))
        for name, measure in per_station.items()
    }
    shapes = np.concatenate([series_features.day_shape(x) for x in traffic])
    for hour in range(LAST_HOUR_OF_DAY):
        found[f"profile_{hour:02d}h"] = float(np.median(shapes[:, hour]))
    found["log_mean_sd"] = float(np.median([series_features.level_spread(x) for x in traffic]))
    found["log_mean_ks"] = float(
        np.median([series_features.level_lognormality(x) for x in traffic])
    )
    for nearest, farthest in DISTANCES_M:
        pairs = [
            series_features.neighbour_correlation(one.traffic, one.places, nearest, farthest)
            for one in sets
            if one.places is not None
        ]
        if pairs:
            name = f"neighbour_{nearest}_{farthest}m"
            found[name] = float(np.median(np.concatenate(pairs)))
    return found


def compare(
    simulated: dict[str, dict[str, float]],
    measured: dict[str, dict[str, float]],
    each: list[dict[str, float]],
) -> list[SimulatorRow]:
    """Return the rows of simulated sets with their verdicts, and those of measured sets.

    each : features of each simulated city, among which measured values have a percentile
    """
    rows = []
    for metric in next(iter(simulated.values())):
        known = [values[metric] for values in measured.values() if metric in values]
        low = min(known) - WIDENING if known else None
        high = max(known) + WIDENING if known else None
        cities = [values[metric] for values in each if metric in values]
        for name, values in simulated.items():
            verdict = _verdict(metric, values[metric], low, high)
            rows.append(SimulatorRow(name, metric, values[metric], low, high, verdict))
        rows += [
            SimulatorRow(name, metric, value, percentile=percentile_of(value, cities))
            for name, values in measured.items()
            if (value := values.get(metric)) is not None
        ]
    return rows


def percentile_of(value: float, among: list[float]) -> float | None:
    """Return the share of values below this one, ties counting half, in percent; None of none."""
    if not among:
        return None
    known = np.asarray(among)
    return float(100 * ((known < value).mean() + 0.5 * (known == value).mean()))


def time_one_city() -> tuple[float, float]:
    """Simulate one city of default size in a separate process; return seconds and peak MiB."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        return other.submit(_one_city).result()


def _one_city() -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        simulate(Path(folder) / "city", FIRST_SEED, "train", SIZE_KM, STATIONS, POIS, weeks=WEEKS)
        seconds = time.perf_counter() - begun
    return seconds, peak_mb()


def _verdict(metric: str, value: float, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "no measured set shows this"
    if low <= value <= high:
        return "in range"
    return f"out of range: {WHY_NOT[metric]}" if metric in WHY_NOT else "out of range"


def _varying(traffic: Floats) -> Floats:
    """Return the stations whose traffic is not constant."""
    return np.asarray(traffic[traffic.std(axis=1) > 0])
