"""`netspatial bench scenario`: predicted against true change of traffic near a changed quarter.

The simulator really builds the quarter, with the stations where they were; the prediction reads
only the city folder and the scenario.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyproj import Transformer
from scipy.stats import pearsonr, spearmanr

from netspatial.arrays import Floats, Mask
from netspatial.city.city import City
from netspatial.context.embed import ContextModel, load_context
from netspatial.errors import BadInput
from netspatial.evaluate.generate_data import UNSEEN_SEEDS, simulated_city
from netspatial.generate.generator import Generator
from netspatial.progress import Progress, silent
from netspatial.randomness import stream
from netspatial.scenario.changed_city import apply
from netspatial.scenario.place_kinds import PLACE_KINDS
from netspatial.scenario.places import AddPlaces, RemovePlaces
from netspatial.scenario.response import expected_change
from netspatial.scenario.scenario import Scenario
from netspatial.simulate.growth import Grown, grow
from netspatial.simulate.rebuilding import RebuiltQuarter, rebuild
from netspatial.simulate.town import Use, use_at

USE_OF: dict[str, Use] = {
    "mall": Use.COMMERCIAL,
    "campus": Use.UNIVERSITY,
    "homes": Use.RESIDENTIAL,
    "offices": Use.OFFICE,
    "nightlife": Use.ENTERTAINMENT,
    "industry": Use.INDUSTRIAL,
}
"""The simulator's land use of each kind of quarter."""
SIZES: dict[str, tuple[float, float]] = {
    "mall": (20, 80),
    "campus": (10, 40),
    "homes": (500, 4000),
    "offices": (20, 120),
    "nightlife": (10, 50),
    "industry": (2, 12),
}
"""Smallest and largest number of units that is built."""
CLEARED = "cleared"
CLEARED_M = (120.0, 350.0)
"""Radius of a cleared quarter, m."""
OFFSET_M = 300.0
"""Farthest distance of a quarter's middle from some station, m."""
BESIDE_M = 500.0
"""Stations at most so far from the changed ground are near it, m."""
LEAST_CHANGE = 0.01
"""A smaller true log change has no sign worth predicting."""
QUICK_CASES, CASES = 6, 24
"""Cases in each city."""


@dataclass(frozen=True)
class ScenarioCase:
    """One changed quarter.

    kind            : what was built, or "cleared"
    stations        : stations near it
    true, predicted : log of the traffic of these stations together, after over before
    """

    city: str
    kind: str
    stations: int
    true: float
    predicted: float


@dataclass(frozen=True)
class ScenarioRow:
    """The cases of one kind, or all of them.

    sign_pct              : share with the right sign, %, where the true change is at least 1 %
    correlation, spearman : of predicted and true log change; NaN for fewer than three cases
    """

    kind: str
    cases: int
    sign_pct: float
    correlation: float
    spearman: float


@dataclass(frozen=True)
class ScenarioReport:
    """Rows by kind, the row of all kinds first, and every case."""

    rows: list[ScenarioRow]
    cases: list[ScenarioCase]

    def record(self) -> dict[str, Any]:
        """Return the report for JSON; what is not known is null."""
        rows = [
            {name: None if pd.isna(value) else value for name, value in asdict(row).items()}
            for row in self.rows
        ]
        return {"rows": rows, "cases": [asdict(case) for case in self.cases]}


def bench_scenario(
    work: Path, *, model: Path | None = None, quick: bool = False, report: Progress = silent
) -> ScenarioReport:
    """Measure on unseen cities, kept in `work`.

    model : folder of a generator; by default the built-in one
    """
    generator, context = Generator.load(model), load_context()
    seeds = list(UNSEEN_SEEDS)[: 1 if quick else 3]
    cases: list[ScenarioCase] = []
    for number, seed in enumerate(seeds):
        report(f"scenarios in unseen city {seed}", number / len(seeds))
        city = simulated_city(work, "unseen", seed)
        cases += measure(city, QUICK_CASES if quick else CASES, context, generator)
    return ScenarioReport(summarise(cases), cases)


def measure(
    city: City, count: int, context: ContextModel, generator: Generator
) -> list[ScenarioCase]:
    """Return cases in one simulated city: quarters of every kind, each second one is cleared."""
    grown = grown_of(city)
    return [
        _measured(city, grown, kind, scenario, quarter, context, generator)
        for kind, scenario, quarter in quarters(city, grown, count)
    ]


def grown_of(city: City) -> Grown:
    """Simulate the town and network of a city again."""
    record = city.record
    if record.provenance != "simulated" or record.seed is None or "radio" in record.parameters:
        raise BadInput(
            f"The true change of '{city.name}' is not known: it is not simulated by distance."
        )
    drawn = record.parameters
    return grow(record.seed, drawn["family"], drawn["size_km"], drawn["stations"])


def quarters(
    city: City, grown: Grown, count: int
) -> Iterator[tuple[str, Scenario, RebuiltQuarter]]:
    """Yield kind, scenario and simulated quarter of cases near stations, on dry land."""
    random = stream(grown.town.seed, "scenario bench")
    town, network = grown.town, grown.network
    to_degrees = Transformer.from_crs(town.crs, "EPSG:4326", always_xy=True)
    tree = city.pois.to_crs(town.crs).geometry
    pois = np.column_stack([tree.x, tree.y])
    kinds = list(PLACE_KINDS)
    made = 0
    while made < count:
        station = random.integers(len(network.x))
        away, turn = OFFSET_M * np.sqrt(random.uniform()), random.uniform(0, 2 * np.pi)
        x = float(network.x[station] + away * np.cos(turn))
        y = float(network.y[station] + away * np.sin(turn))
        cleared = made % 2 == 1
        kind = CLEARED if cleared else kinds[made // 2 % len(kinds)]
        low, high = CLEARED_M if cleared else SIZES[kind]
        size = float(np.exp(random.uniform(np.log(low), np.log(high))))
        lon, lat = to_degrees.transform(x, y)
        inside = town.left < x < town.left + town.size_m
        inside &= town.bottom < y < town.bottom + town.size_m
        if not inside or use_at(town, x, y) == Use.WATER:
            continue
        if cleared:
            if not (np.hypot(*(pois - [x, y]).T) <= size).any():
                continue
            change: AddPlaces | RemovePlaces = RemovePlaces(lon=lon, lat=lat, radius_m=size)
            quarter = RebuiltQuarter(x, y, size, Use.PARK)
        else:
            change = AddPlaces(kind=kind, count=round(size), lon=lon, lat=lat)
            quarter = RebuiltQuarter(x, y, change.extent_m, USE_OF[kind])
        made += 1
        yield kind, Scenario(name=f"case {made}", changes=(change,)), quarter


def near_stations(grown: Grown, quarter: RebuiltQuarter) -> Mask:
    """Return which stations are at most 500 m from the quarter's ground, (stations,)."""
    away = np.hypot(grown.network.x - quarter.x, grown.network.y - quarter.y)
    near: Mask = away <= quarter.radius_m + BESIDE_M
    return near


def true_change(grown: Grown, quarter: RebuiltQuarter) -> Floats:
    """Return the log change of each station's expected traffic by the quarter, (stations,)."""
    after = rebuild(grown, quarter).sites.expected
    return np.asarray(np.log(after / grown.sites.expected))


def summarise(cases: list[ScenarioCase]) -> list[ScenarioRow]:
    """Return the rows of all cases and of each kind."""
    kinds = list(dict.fromkeys(case.kind for case in cases))
    grouped = {"all": cases} | {k: [case for case in cases if case.kind == k] for k in kinds}
    return [_row(kind, some) for kind, some in grouped.items()]


def _row(kind: str, cases: list[ScenarioCase]) -> ScenarioRow:
    true = np.array([case.true for case in cases])
    predicted = np.array([case.predicted for case in cases])
    signed = np.abs(true) >= LEAST_CHANGE
    right = np.sign(true[signed]) == np.sign(predicted[signed])
    spread = len(cases) >= 3 and np.ptp(true) > 0 and np.ptp(predicted) > 0
    return ScenarioRow(
        kind,
        len(cases),
        100 * float(right.mean()) if signed.any() else float("nan"),
        float(pearsonr(true, predicted).statistic) if spread else float("nan"),
        float(spearmanr(true, predicted).statistic) if spread else float("nan"),
    )


def _measured(
    city: City,
    grown: Grown,
    kind: str,
    scenario: Scenario,
    quarter: RebuiltQuarter,
    context: ContextModel,
    generator: Generator,
) -> ScenarioCase:
    near = near_stations(grown, quarter)
    stations = city.stations[near]
    before = grown.sites.expected[near]
    predicted = expected_change(city, apply(city, scenario), stations, context, generator)
    return ScenarioCase(
        city=city.name,
        kind=kind,
        stations=int(near.sum()),
        true=_together(before, true_change(grown, quarter)[near]),
        predicted=_together(before, predicted),
    )


def _together(before: Floats, change: Floats) -> float:
    """Return the log change of a sum from those of its parts."""
    return float(np.log((before * np.exp(change)).sum() / before.sum()))
