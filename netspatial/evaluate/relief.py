"""`netspatial bench plan --only relief`: predicted and true change at existing stations.

Sites are drawn among the feasible cells of unseen cities; for each alone, the city is simulated
again with a station there.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import xarray as xr
from scipy.stats import spearmanr

from netspatial.area import Area
from netspatial.arrays import Floats
from netspatial.checked import read_json
from netspatial.city.city import City
from netspatial.context.embed import load_context
from netspatial.disk import atomic_file
from netspatial.evaluate.generate_data import TRAIN_SEEDS, TRAIN_SIZE, UNSEEN_SEEDS, simulated_city
from netspatial.evaluate.relief_truth import (
    GrownCity,
    grown_city,
    grown_town,
    true_relief,
    true_shares,
)
from netspatial.feasibility import feasibility
from netspatial.generate.generator import Generator
from netspatial.grid import make_grid
from netspatial.plan import PlanSettings, Surroundings, make_plan, statistics
from netspatial.plan.share_response import ShareResponse
from netspatial.plan.site_change import MIN_SHARE, site_change
from netspatial.plan.standing_network import StandingNetwork, generated_demand
from netspatial.progress import Progress, silent
from netspatial.radio.new_sites import capacity_sites, mean_shares
from netspatial.randomness import stream

UTILITIES = ("relief", "busy_hour", "demand", "coverage_gain")
"""Ours first; the others do not read the load of existing stations."""
CORRELATION_TARGET, CAPTURED_TARGET_PCT = 0.7, 80.0
SIDE_M = 3000.0
TRAIN_CITIES, TRAIN_SITES = 6, 20
FIT_SHARE = 0.05
"""Pairs of which the site takes less of the demand say little about the exponent."""


@dataclass(frozen=True)
class ReliefScope:
    """Size of the bench: sites drawn in each city, `chosen` of them selected."""

    cities: int
    sites: int
    chosen: int
    cell_m: float
    samples: int


WHOLE = ReliefScope(cities=3, sites=40, chosen=10, cell_m=100.0, samples=16)
QUICK = ReliefScope(cities=1, sites=24, chosen=6, cell_m=200.0, samples=4)


@dataclass(frozen=True)
class ReliefRow:
    """One utility in one city.

    sites        : sites drawn, each simulated alone
    correlation  : Spearman correlation of the utility with the true relief over them
    captured_pct : true relief of the sites that the utility selects, over that of the best, %
    share_mae    : mean error of the share taken over, percentage points, over pairs of site and
                   station; share_bias the same with its sign. Of "relief" only
    share_mean   : mean true share of the same pairs, percentage points
    cov80        : part of these pairs whose true share lies in the 80 % range
    """

    data: str
    utility: str
    sites: int
    correlation: float
    captured_pct: float
    share_mae: float | None = None
    share_bias: float | None = None
    share_mean: float | None = None
    cov80: float | None = None


@dataclass(frozen=True)
class ExponentRow:
    """Exponent ε that fits the true change in one city: log(1 - lost) = ε log(1 - share).

    log_sd : standard deviation of the logarithm of the pairs' own ε, weighted by the share
    """

    data: str
    pairs: int
    exponent: float
    log_sd: float


def bench_relief(
    work: Path,
    *,
    model: Path | None = None,
    quick: bool = False,
    results: Path | None = None,
    report: Progress = silent,
) -> list[ReliefRow]:
    """Measure on unseen cities, kept in `work`.

    results : JSON file whose rows are kept, so that a killed bench resumes
    """
    scope = QUICK if quick else WHOLE
    rows = _kept(results)
    generator, context = Generator.load(model), load_context()
    for number, seed in enumerate(list(UNSEEN_SEEDS)[: scope.cities]):
        name = f"unseen-{seed}"
        if any(row.data == name and row.sites == scope.sites for row in rows):
            continue
        report(f"simulating unseen city {seed}", number / scope.cities)
        city = simulated_city(work, "unseen", seed)
        cells = area_cells(city, scope.cell_m)
        traffic = generator.sample(
            context.embed(city, cells), scope.samples, timezone=city.record.timezone
        )

        def within(share: float, begun: int = number) -> None:
            report(f"simulating unseen city {begun} with each site", (begun + share) / scope.cities)

        rows += score_relief(name, city, cells, traffic, scope, within)
        if results is not None:
            with atomic_file(results) as draft:
                draft.write_text(json.dumps({"relief": [asdict(row) for row in rows]}, indent=1))
    return rows


def bench_exponent(
    cities: int = TRAIN_CITIES, sites: int = TRAIN_SITES, report: Progress = silent
) -> list[ExponentRow]:
    """Fit the exponent of `plan.share_response.SIMULATED` on cities of the family `train`."""
    rows = []
    for number, seed in enumerate(list(TRAIN_SEEDS)[:cities]):
        report(f"simulating train city {seed}", number / cities)
        grown = grown_town(seed, "train", TRAIN_SIZE)
        xy = _near_stations(grown, sites)
        rows.append(fit_exponent(f"train-{seed}", grown, xy))
    return rows


def score_relief(
    name: str,
    city: City,
    cells: gpd.GeoDataFrame,
    traffic: xr.DataArray,
    scope: ReliefScope,
    within: Callable[[float], None] = lambda _: None,
) -> list[ReliefRow]:
    """Return the rows of one city, that of "relief" first.

    cells : of an area, with the columns of `feasibility`; traffic : their ensemble
    """
    known, densification = statistics(traffic), PlanSettings().densification
    grown = grown_city(city)
    before = replace(grown.network, known=generated_demand(cells, known, densification))
    sites = drawn_sites(cells, scope.sites, grown.seed)
    relief, true, found = [], [], []
    for number, (x, y) in enumerate(sites[["x", "y"]].to_numpy(dtype=np.float64)):
        after = grown.with_station(x, y)
        relief.append(true_relief(before, after))
        true.append(true_shares(before, after))
        found.append(_predicted(sites.iloc[[number]], traffic, before))
        within((number + 1) / len(sites))
    shares = _share_scores(np.stack(true), np.stack(found))
    around = Surroundings(city.stations, network=lambda: before)
    truth = np.array(relief)
    best = np.sort(truth)[::-1][: scope.chosen].sum()
    rows = []
    for utility in UTILITIES:
        settings = PlanSettings(utility=utility, method="top-k", sites=scope.chosen, min_demand=0.0)
        plan = make_plan(sites, known, settings, around)
        picked = sites["cell_id"].isin(plan.sites["cell_id"]).to_numpy()
        rows.append(
            ReliefRow(
                data=name,
                utility=utility,
                sites=len(sites),
                correlation=float(spearmanr(plan.cells["utility_mean"], truth).statistic),
                captured_pct=float(100 * truth[picked].sum() / best),
                **(shares if utility == "relief" else {}),
            )
        )
    return rows


def fit_exponent(name: str, grown: GrownCity, xy: Floats) -> ExponentRow:
    """Return the exponent that fits the true change by a station at each place (k, 2), alone."""
    before = grown.network
    alone = capacity_sites([""] * len(xy), xy, before.radio)
    taken = mean_shares(alone, before.service_area, before.radio).toarray()
    lost = np.stack([true_shares(before, grown.with_station(x, y)) for x, y in xy])
    kept = (taken >= FIT_SHARE) & (lost > 0)
    log_kept, log_left = np.log1p(-taken[kept]), np.log1p(-lost[kept])
    exponent = float(log_kept @ log_left / (log_kept @ log_kept))
    own = np.log(log_left / log_kept / exponent)
    spread = np.average(np.square(own - np.average(own, weights=log_kept)), weights=log_kept)
    return ExponentRow(name, int(kept.sum()), exponent, float(np.sqrt(spread)))


def response_of(rows: list[ExponentRow]) -> ShareResponse:
    """Return the response that fits several cities: the mean exponent, and the spread of pairs."""
    between = np.log([row.exponent for row in rows])
    spread = np.hypot(np.mean([row.log_sd for row in rows]), between.std())
    return ShareResponse(float(np.exp(between.mean())), float(spread))


def verdicts(rows: list[ReliefRow]) -> list[str]:
    """Return whether each target is met in the worst city, one line each."""
    ours = [row for row in rows if row.utility == "relief"]
    said = []
    for name, value, target in (
        ("rank correlation of relief", min(row.correlation for row in ours), CORRELATION_TARGET),
        (
            "% of the best sites' relief captured",
            min(row.captured_pct for row in ours),
            CAPTURED_TARGET_PCT,
        ),
    ):
        met = "met   " if value >= target else "MISSED"
        said.append(f"{met} {name}: {value:.2f} in the worst city, target {target:g}")
    return said


def area_cells(city: City, cell_m: float) -> gpd.GeoDataFrame:
    """Return the whole cells of a square in the middle of the city, with their feasibility."""
    west, south, east, north = city.record.bounds
    area = Area.around((west + east) / 2, (south + north) / 2, SIDE_M)
    cells = feasibility(make_grid(area, cell_m, city.crs), city)
    return cells[cells["inside"] > 0.5].reset_index(drop=True)


def drawn_sites(cells: gpd.GeoDataFrame, count: int, seed: int) -> gpd.GeoDataFrame:
    """Return feasible cells drawn among these."""
    feasible = np.flatnonzero((cells["feasible"] != "no").to_numpy())
    drawn = stream(seed, "relief", "sites").permutation(feasible)[:count]
    return cells.iloc[np.sort(drawn)].reset_index(drop=True)


def _predicted(site: gpd.GeoDataFrame, traffic: xr.DataArray, network: StandingNetwork) -> Floats:
    """Return mean, p10 and p90 of the share that a site takes of each station, (n, 3)."""
    change = site_change(site, traffic, network)
    ids = network.stations["station_id"].astype(str).tolist()
    found = np.zeros((len(ids), 3))
    columns = ["taken_share_mean", "taken_share_p10", "taken_share_p90"]
    rows = [ids.index(name) for name in change.stations["station"]]
    found[rows] = change.stations[columns].to_numpy()
    return found


def _share_scores(true: Floats, found: Floats) -> dict[str, float]:
    """Return the scores of shares; true : (k, n), found : (k, n, 3) mean, p10, p90."""
    kept = (true >= MIN_SHARE) | (found[..., 0] >= MIN_SHARE)
    truth, (mean, low, high) = true[kept], found[kept].T
    return {
        "share_mae": float(100 * np.abs(mean - truth).mean()),
        "share_bias": float(100 * (mean - truth).mean()),
        "share_mean": float(100 * truth.mean()),
        "cov80": float(((low <= truth) & (truth <= high)).mean()),
    }


def _near_stations(grown: GrownCity, count: int) -> Floats:
    """Return places drawn between 100 and 300 m from stations in the middle of the town."""
    random = stream(grown.seed, "relief", "places")
    layout = grown.grown.network
    xy = np.column_stack([layout.x, layout.y])
    inner = np.flatnonzero(np.abs(xy - np.median(xy, axis=0)).max(axis=1) < SIDE_M)
    beside = xy[random.choice(inner, count)]
    angle, metres = random.uniform(0, 2 * np.pi, count), random.uniform(100, 300, count)
    return np.asarray(beside + metres[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]))


def _kept(results: Path | None) -> list[ReliefRow]:
    if results is None or not results.exists():
        return []
    held = read_json(results, dict[str, Any])
    return [ReliefRow(**row) for row in held.get("relief", [])]
