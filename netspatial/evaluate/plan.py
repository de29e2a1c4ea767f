"""`netspatial bench plan`: how much of the truly unserved demand the chosen sites capture.

Plans are made for unseen simulated cities as for any other, from image, places and stations; only
the judgement knows the truth. Beside every rule and utility stand chance, the count of points of
interest that planners go by, and an oracle that is told the truth.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import xarray as xr

from netspatial.area import Area
from netspatial.arrays import Floats, Indices, Mask
from netspatial.city.city import City
from netspatial.context.embed import load_context
from netspatial.context.features.neighbourhood import read_pois
from netspatial.evaluate.generate_data import UNSEEN_SEEDS, simulated_city
from netspatial.evaluate.plan_scale import SIZES, Stage, measure_scale
from netspatial.evaluate.plan_truth import Truth, truth_of
from netspatial.feasibility import feasibility
from netspatial.generate.generator import Generator
from netspatial.grid import make_grid
from netspatial.plan import RULES, UTILITIES, PlanSettings, Surroundings, make_plan, statistics
from netspatial.plan.catchment import catchment
from netspatial.plan.explain.site_facts import POI_RADIUS_M
from netspatial.plan.siting import Problem
from netspatial.plan.siting.exact import best_sites
from netspatial.randomness import stream

Report = Callable[[str, float], None]

DRAWS = 200
"""Random plans whose mean is the row of chance."""

NO_FLOOR = "lsi, no floor"
"""The paper's literal rule: Eq. 6 and Eq. 7 without a floor on demand."""

ORACLE_LIMIT_S = 30.0
RULE_LIMIT_S = 10.0


@dataclass(frozen=True)
class Row:
    """One rule with one utility in one city.

    captured_pct : share of the true unserved demand of the area that the sites capture
    regret_pct   : how much less that is than what the oracle captures, of the latter
    """

    city: str
    rule: str
    utility: str
    captured_pct: float
    regret_pct: float


@dataclass(frozen=True)
class PlanReport:
    """All rows, and what planning takes at growing sizes."""

    rows: list[Row]
    scale: list[Stage]

    def record(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "rows": [asdict(row) for row in self.rows],
            "scale": [asdict(stage) for stage in self.scale],
        }


@dataclass(frozen=True)
class Scope:
    """How much is measured. The square of `side_m` lies amid each city; `k` sites are chosen."""

    cities: int
    side_m: float
    cell_m: float
    samples: int
    k: int
    sizes: tuple[int, ...]


WHOLE = Scope(cities=3, side_m=3000.0, cell_m=100.0, samples=16, k=10, sizes=SIZES)
QUICK = Scope(cities=1, side_m=3000.0, cell_m=200.0, samples=4, k=5, sizes=SIZES[:1])


def bench_plan(
    work: Path,
    *,
    model: Path | None = None,
    quick: bool = False,
    report: Report = lambda *_: None,
) -> PlanReport:
    """Measure on unseen cities, kept in `work`, and time the stages of planning.

    model : folder of a generator; else the shipped one
    """
    scope = QUICK if quick else WHOLE
    scale = measure_scale(scope.sizes, lambda what: report(what, 0.0))
    generator, context = Generator.load(model), load_context()
    rows: list[Row] = []
    for number, seed in enumerate(list(UNSEEN_SEEDS)[: scope.cities]):
        report(f"simulating and generating unseen city {seed}", (number + 0.2) / scope.cities)
        city = simulated_city(work, "unseen", seed)
        cells = feasibility(_cells(city, scope), city)
        traffic = generator.sample(
            context.embed(city, cells), scope.samples, timezone=city.record.timezone
        )
        report(f"planning in unseen city {seed}", (number + 0.6) / scope.cities)
        rows += judge(f"unseen-{seed}", city, cells, statistics(traffic), scope.k)
    return PlanReport(rows, scale)


def judge(name: str, city: City, cells: gpd.GeoDataFrame, known: xr.Dataset, k: int) -> list[Row]:
    """Return the rows of one city, the oracle's first.

    cells : judged by `feasibility`; known : statistics of their ensemble
    """
    truth = truth_of(city, cells)
    xy = cells[["x", "y"]].to_numpy(dtype=np.float64)
    feasible = (cells["feasible"] != "no").to_numpy()
    best = truth.captured(xy[oracle(truth, cells, feasible, k)])
    found = [("max-coverage", "true unserved demand", best)]
    found.append(("random", "none", _by_chance(truth, xy[feasible], k)))
    found += [
        (rule, "poi_count", truth.captured(sites))
        for rule, sites in _by_pois(city, cells, feasible, k)
    ]
    around = Surroundings(city.stations, pois=city.pois)
    for rule, utility, settings in _plans(k):
        plan = make_plan(cells, known, settings, around)
        sites = plan.sites[["x", "y"]].to_numpy(dtype=np.float64)
        found.append((rule, utility, truth.captured(sites)))
    return [
        Row(name, rule, utility, 100 * captured, 100 * (1 - captured / best))
        for rule, utility, captured in found
    ]


def oracle(truth: Truth, cells: gpd.GeoDataFrame, feasible: Mask, k: int) -> Indices:
    """Return the feasible cells that capture the most, searched exactly for half a minute."""
    problem = Problem(
        score=np.zeros(len(cells)),
        coverage_weight=truth.demand,
        candidates=feasible,
        must=np.array([], dtype=np.int64),
        k=k,
        spacing_m=0.0,
        catchment=catchment(cells, None, PlanSettings()),
        time_limit_s=ORACLE_LIMIT_S,
    )
    return best_sites(truth.gains(problem.catchment.xy), problem).sites


def _cells(city: City, scope: Scope) -> gpd.GeoDataFrame:
    """Whole cells in a square amid the city."""
    west, south, east, north = city.record.bounds
    area = Area.around((west + east) / 2, (south + north) / 2, scope.side_m)
    cells = make_grid(area, scope.cell_m, city.crs)
    return cells[cells["inside"] > 0.5].reset_index(drop=True)


def _plans(k: int) -> Iterator[tuple[str, str, PlanSettings]]:
    """Every rule with every utility, under otherwise default settings, and the literal rule."""
    yield "top-k", NO_FLOOR, PlanSettings(rule="top-k", utility="lsi", floor=0.0, k=k)
    for utility in UTILITIES:
        for rule in RULES:
            yield (
                rule,
                utility,
                PlanSettings(rule=rule, utility=utility, k=k, time_limit_s=RULE_LIMIT_S),
            )


def _by_chance(truth: Truth, xy: Floats, k: int) -> float:
    """Mean over random plans among the feasible cells."""
    random = stream(0, "random plans")
    drawn = [random.choice(len(xy), min(k, len(xy)), replace=False) for _ in range(DRAWS)]
    return float(np.mean([truth.captured(xy[sites]) for sites in drawn]))


def _by_pois(
    city: City, cells: gpd.GeoDataFrame, feasible: Mask, k: int
) -> Iterator[tuple[str, Floats]]:
    """The cells with the most points of interest within 300 m, as a planner would pick them."""
    xy = cells[["x", "y"]].to_numpy(dtype=np.float64)
    tree = read_pois(city.pois, cells.crs).tree
    count = np.asarray(tree.query_ball_point(xy, POI_RADIUS_M, return_length=True), dtype=float)
    settings = PlanSettings()
    problem = Problem(
        score=count,
        coverage_weight=count,
        candidates=feasible,
        must=np.array([], dtype=np.int64),
        k=k,
        spacing_m=settings.spacing_m,
        catchment=catchment(cells, city.stations, settings),
    )
    for rule in ("top-k", "exclusion", "greedy"):
        yield rule, xy[RULES[rule].choose(problem).sites]
