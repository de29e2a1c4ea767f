"""Means over seeds of the forecasting bench, compared with its targets."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netspatial.baselines.forecast import BASELINES
from netspatial.evaluate.forecast_models import DEFAULT_PARTS, OURS, PARTS
from netspatial.evaluate.forecast_rows import ForecasterRow
from netspatial.evaluate.operate_report import Target
from netspatial.forecast import RULES

PEERS = (*RULES, *BASELINES)
COVERED = (0.87, 0.93)
LOWERED = 0.15
"""Target reduction of the MAE by simulations with `FEW` days of history."""
FEW = 3
UNIT = "hour-of-week"
"""Errors of tasks with different units are compared over the MAE of this rule."""


@dataclass(frozen=True)
class Mean:
    """Scores of one model on one task: means over seeds, and the standard deviation of the MAE.

    unit : mean MAE of the rule UNIT over the same seeds; NaN where one is missing
    """

    table: int
    data: str
    model: str
    task: str
    mae: float
    mae_spread: float
    rmse: float
    crps: float
    cov90: float
    seconds: float
    seeds: int
    unit: float


def means(rows: Sequence[ForecasterRow]) -> list[Mean]:
    """Return the means of rows over seeds."""
    groups: dict[tuple[int, str, str, str], list[ForecasterRow]] = {}
    unit = {(row.data, row.task, row.seed): row.mae for row in rows if row.model == UNIT}
    for row in rows:
        groups.setdefault((row.table, row.data, row.model, row.task), []).append(row)
    return [
        Mean(
            *key,
            mae=_mean(found, "mae"),
            mae_spread=float(np.std([row.mae for row in found])),
            rmse=_mean(found, "rmse"),
            crps=_mean(found, "crps"),
            cov90=_mean(found, "cov90"),
            seconds=_mean(found, "seconds"),
            seeds=len(found),
            unit=float(
                np.mean([unit.get((row.data, row.task, row.seed), math.nan) for row in found])
            ),
        )
        for key, found in groups.items()
    ]


def relative(found: Sequence[Mean], data: str) -> dict[tuple[int, str], float]:
    """Return the MAE over that of UNIT, averaged over tasks, by table and model."""
    shares: dict[tuple[int, str], list[float]] = {}
    for row in found:
        if row.data == data and row.unit > 0:  # zero for an exactly periodic task
            shares.setdefault((row.table, row.model), []).append(row.mae / row.unit)
    return {model: float(np.mean(values)) for model, values in shares.items()}


def targets(found: Sequence[Mean], sim2real: Sequence[dict[str, Any]]) -> list[Target]:
    """Return the targets that the rows suffice for, with their measured values."""
    found_bars = []
    for data in dict.fromkeys(row.data for row in found):
        share = relative(found, data)
        baselines = {name: value for (_, name), value in share.items() if name in PEERS}
        for name in OURS:
            if (2, name) in share:
                found_bars += _of_ours(found, data, name, share[2, name], baselines)
    return [*found_bars, *_costs(found), *_lowered(sim2real)]


def _costs(found: Sequence[Mean]) -> list[Target]:
    """Return the increase of the error by each ablation, as a mean over data sets."""
    costs: dict[str, list[float]] = {}
    for data in dict.fromkeys(row.data for row in found):
        share = relative(found, data)
        for part in PARTS:
            if part != DEFAULT_PARTS and {(3, part), (3, DEFAULT_PARTS)} <= share.keys():
                costs.setdefault(part, []).append(share[3, part] / share[3, DEFAULT_PARTS] - 1)
    return [
        Target(
            f"ablation increases the MAE, {part}",
            f"{np.mean(over):+.1%} on the mean of {len(over)} data sets, "
            f"{min(over):+.1%} to {max(over):+.1%}",
            bool(np.mean(over) > 0),
        )
        for part, over in costs.items()
    ]


def _of_ours(
    found: Sequence[Mean], data: str, name: str, share: float, baselines: Mapping[str, float]
) -> list[Target]:
    """Return the targets of our models: MAE below all baselines, and calibrated intervals."""
    found_bars = []
    if baselines:
        best = min(baselines, key=baselines.__getitem__)
        found_bars.append(
            Target(
                f"{data}: mean MAE of {name} below every baseline's",
                f"{share:.3f} of {UNIT}'s; best baseline {best} {baselines[best]:.3f}",
                share < baselines[best],
            )
        )
    covered = [row.cov90 for row in found if (row.data, row.model) == (data, name)]
    low, high = min(covered), max(covered)
    return [
        *found_bars,
        Target(
            f"{data}: 90 % intervals of {name} cover {COVERED[0]:.0%} to {COVERED[1]:.0%}",
            f"{low:.1%} to {high:.1%}",
            COVERED[0] <= low and high <= COVERED[1],
        ),
    ]


def _lowered(sim2real: Sequence[dict[str, Any]]) -> list[Target]:
    """Return the reduction of each network's MAE by simulations with few measured days."""
    few: dict[str, dict[str, list[float]]] = {}
    for row in sim2real:
        if row["days"] == FEW:
            few.setdefault(row["network"], {}).setdefault(row["method"], []).append(row["mae"])
    found_bars = []
    for network, by_method in few.items():
        mean = {method: float(np.mean(values)) for method, values in by_method.items()}
        alone = mean.pop("real-only", None)
        if alone is None or not mean:
            continue
        best = min(mean, key=mean.__getitem__)
        lowered = 1 - mean[best] / alone
        found_bars.append(
            Target(
                f"simulation lowers the MAE at {FEW} days by at least {LOWERED:.0%}, {network}",
                f"{lowered:.1%} ({best})",
                lowered >= LOWERED,
            )
        )
    return found_bars


def _mean(rows: Sequence[ForecasterRow], name: str) -> float:
    return float(np.mean([getattr(row, name) for row in rows]))
