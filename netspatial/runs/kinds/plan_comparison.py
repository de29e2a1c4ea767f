"""Comparison of two plans: different settings and different sites."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from netspatial.runs.kinds.plan_result import PlanRun


@dataclass(frozen=True)
class Comparison:
    """Differences between a first and a second run.

    asked    : (setting, value of the first, value of the second) where they differ
    sites    : cells that at least one of them selected: cell_id, and for both rank, demand_mean
               and utility_mean with the suffixes _a and _b; NA where missing in a run
    both     : number of cells selected in both
    cells    : number of cells in both
    agreement: Spearman correlation of the utility over those, NaN for fewer than three
    """

    asked: list[tuple[str, Any, Any]]
    sites: pd.DataFrame
    both: int
    cells: int
    agreement: float


def compare(a: PlanRun, b: PlanRun) -> Comparison:
    """Return the differences of two planning runs; cells are matched by id."""
    columns = ["cell_id", "rank", "demand_mean", "utility_mean"]
    one, other = (pd.DataFrame(run.cells[columns]) for run in (a, b))
    joined = one.merge(other, on="cell_id", how="outer", suffixes=("_a", "_b"))
    chosen = joined[joined["rank_a"].notna() | joined["rank_b"].notna()]
    known = joined.dropna(subset=["utility_mean_a", "utility_mean_b"])
    return Comparison(
        asked=_different_settings(a, b),
        sites=chosen.sort_values(["rank_a", "rank_b"], na_position="last", ignore_index=True),
        both=int((joined["rank_a"].notna() & joined["rank_b"].notna()).sum()),
        cells=len(known),
        agreement=_agreement(known),
    )


def _agreement(known: pd.DataFrame) -> float:
    pair = known["utility_mean_a"].to_numpy(), known["utility_mean_b"].to_numpy()
    if len(known) < 3 or any(np.ptp(values) == 0 for values in pair):
        return float("nan")
    return float(spearmanr(*pair).statistic)


def _different_settings(a: PlanRun, b: PlanRun) -> list[tuple[str, Any, Any]]:
    one, other = (_flat(run.request.model_dump(mode="json")) for run in (a, b))
    models = [_models(run) for run in (a, b)]
    rows = [(name, one[name], other[name]) for name in one if one[name] != other[name]]
    return rows + [
        (name, models[0][name], models[1][name])
        for name in models[0]
        if models[0][name] != models[1][name]
    ]


def _models(run: PlanRun) -> dict[str, str]:
    return {name: str(run.facts[name]["fingerprint"]) for name in ("generator", "context")}


def _flat(request: dict[str, Any]) -> dict[str, Any]:
    settings = request.pop("settings")
    area = request.pop("area")
    return {**request, "area": area["geometry"], **settings}
