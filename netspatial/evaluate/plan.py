"""`netspatial bench plan`: share of the true unserved demand that the selected sites capture.

Plans for unseen simulated cities use image, points of interest and stations; only the score uses
the truth. All methods and utilities are compared with random plans, plans by POI counts, and an
oracle that knows the truth.
"""

from collections.abc import Iterator
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
from netspatial.evaluate.plan_scale import SIZES, StageCost, measure_scale
from netspatial.evaluate.plan_truth import Truth, truth_of
from netspatial.feasibility import feasibility
from netspatial.generate.generator import Generator
from netspatial.grid import make_grid
from netspatial.plan import METHODS, UTILITIES, PlanSettings, Surroundings, make_plan, statistics
from netspatial.plan.catchment import catchment
from netspatial.plan.explain.site_facts import POI_RADIUS_M
from netspatial.plan.siting import Problem
from netspatial.plan.siting.exact import best_sites
from netspatial.plan.standing_network import standing_network
from netspatial.progress import Progress, silent
from netspatial.randomness import stream

DRAWS = 200
"""Number of random plans whose mean is a row."""

NO_FLOOR = "lsi, no floor"
"""The paper's rule as published: Eq. 6 and Eq. 7 without a minimum demand."""

ORACLE_LIMIT_S = 30.0
METHOD_LIMIT_S = 10.0


@dataclass(frozen=True)
class PlanRow:
    """One selection method with one utility in one city.

    captured_pct : share of the true unserved demand of the area that the sites capture, %
    regret_pct   : relative loss against the oracle's share, %
    """

    city: str
    method: str
    utility: str
    captured_pct: float
    regret_pct: float


@dataclass(frozen=True)
class PlanReport:
    """All rows, and time and memory of planning by size."""

    rows: list[PlanRow]
    scale: list[StageCost]

    def record(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "rows": [asdict(row) for row in self.rows],
            "scale": [asdict(stage) for stage in self.scale],
        }


@dataclass(frozen=True)
class PlanScope:
    """Size of the bench: a square of `side_m` in the middle of each city, `k` sites."""

    cities: int
    side_m: float
    cell_m: float
    samples: int
    k: int
    sizes: tuple[int, ...]


WHOLE = PlanScope(cities=3, side_m=3000.0, cell_m=100.0, samples=16, k=10, sizes=SIZES)
QUICK = PlanScope(cities=1, side_m=3000.0, cell_m=200.0, samples=4, k=5, sizes=SIZES[:1])


def bench_plan(
    work: Path,
    *,
    model: Path | None = None,
    quick: bool = False,
    report: Progress = silent,
) -> PlanReport:
    """Measure on unseen cities, kept in `work`, and time the stages of planning.

    model : folder of a generator; by default the built-in one
    """
    scope = QUICK if quick else WHOLE
    scale = measure_scale(scope.sizes, lambda what: report(what, 0.0))
    generator, context = Generator.load(model), load_context()
    rows: list[PlanRow] = []
    for number, seed in enumerate(list(UNSEEN_SEEDS)[: scope.cities]):
        report(f"simulating and generating unseen city {seed}", (number + 0.2) / scope.cities)
        city = simulated_city(work, "unseen", seed)
        cells = feasibility(_cells(city, scope), city)
        traffic = generator.sample(
            context.embed(city, cells), scope.samples, timezone=city.record.timezone
        )
        report(f"planning in unseen city {seed}", (number + 0.6) / scope.cities)
        rows += score_plans(f"unseen-{seed}", city, cells, statistics(traffic), scope.k)
    return PlanReport(rows, scale)


def score_plans(
    name: str, city: City, cells: gpd.GeoDataFrame, known: xr.Dataset, k: int
) -> list[PlanRow]:
    """Return the rows of one city, the oracle's first.

    cells : with the columns of `feasibility`; known : statistics of their ensemble
    """
    truth = truth_of(city, cells)
    xy = cells[["x", "y"]].to_numpy(dtype=np.float64)
    feasible = (cells["feasible"] != "no").to_numpy()
    best = truth.captured(xy[oracle(truth, cells, feasible, k)])
    found = [("max-coverage", "true unserved demand", best)]
    found.append(("random", "none", _random_plans(truth, xy[feasible], k)))
    found += [
        (method, "poi_count", truth.captured(sites))
        for method, sites in _by_pois(city, cells, feasible, k)
    ]
    network = standing_network(city, str(known.attrs["units"]), cells.crs)
    around = Surroundings(city.stations, pois=city.pois, network=lambda: network)
    for method, utility, settings in _plans(k):
        plan = make_plan(cells, known, settings, around)
        sites = plan.sites[["x", "y"]].to_numpy(dtype=np.float64)
        found.append((method, utility, truth.captured(sites)))
    return [
        PlanRow(name, method, utility, 100 * captured, 100 * (1 - captured / best))
        for method, utility, captured in found
    ]


def oracle(truth: Truth, cells: gpd.GeoDataFrame, feasible: Mask, k: int) -> Indices:
    """Return the feasible cells that capture the most, by the exact method within 30 s."""
    problem = Problem(
        score=np.zeros(len(cells)),
        coverage_weight=truth.demand,
        candidates=feasible,
        must=np.array([], dtype=np.int64),
        sites=k,
        spacing_m=0.0,
        catchment=catchment(cells, None, PlanSettings()),
        time_limit_s=ORACLE_LIMIT_S,
    )
    return best_sites(truth.gains(problem.catchment.xy), problem).sites


def _cells(city: City, scope: PlanScope) -> gpd.GeoDataFrame:
    """Return the whole cells of a square in the middle of the city."""
    west, south, east, north = city.record.bounds
    area = Area.around((west + east) / 2, (south + north) / 2, scope.side_m)
    cells = make_grid(area, scope.cell_m, city.crs)
    return cells[cells["inside"] > 0.5].reset_index(drop=True)


def _plans(k: int) -> Iterator[tuple[str, str, PlanSettings]]:
    """Yield all methods with all utilities, otherwise by default, and the published rule."""
    yield "top-k", NO_FLOOR, PlanSettings(method="top-k", utility="lsi", min_demand=0.0, sites=k)
    for utility in UTILITIES:
        for method in METHODS:
            yield (
                method,
                utility,
                PlanSettings(method=method, utility=utility, sites=k, time_limit_s=METHOD_LIMIT_S),
            )


def _random_plans(truth: Truth, xy: Floats, k: int) -> float:
    """Return the mean captured share of random plans among the feasible cells."""
    random = stream(0, "random plans")
    drawn = [random.choice(len(xy), min(k, len(xy)), replace=False) for _ in range(DRAWS)]
    return float(np.mean([truth.captured(xy[sites]) for sites in drawn]))


def _by_pois(
    city: City, cells: gpd.GeoDataFrame, feasible: Mask, k: int
) -> Iterator[tuple[str, Floats]]:
    """Yield the sites of some methods with the number of POIs within 300 m as the utility."""
    xy = cells[["x", "y"]].to_numpy(dtype=np.float64)
    tree = read_pois(city.pois, cells.crs).tree
    count = np.asarray(tree.query_ball_point(xy, POI_RADIUS_M, return_length=True), dtype=float)
    settings = PlanSettings()
    problem = Problem(
        score=count,
        coverage_weight=count,
        candidates=feasible,
        must=np.array([], dtype=np.int64),
        sites=k,
        spacing_m=settings.spacing_m,
        catchment=catchment(cells, city.stations, settings),
    )
    for method in ("top-k", "exclusion", "greedy"):
        yield method, xy[METHODS[method].choose(problem).sites]
