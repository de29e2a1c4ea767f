"""Means over seeds of the forecasting bench, and what it must reach held against them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netspatial.baselines.forecast import BASELINES
from netspatial.evaluate.forecast_models import DEFAULT_PARTS, OURS, PARTS
from netspatial.evaluate.forecast_rows import Row
from netspatial.evaluate.operate_report import Bar
from netspatial.forecast import RULES

PEERS = (*RULES, *BASELINES)
COVERED = (0.87, 0.93)
LOWERED = 0.15
"""By how much simulation must lower the error of a forecaster that knows `FEW` days."""
FEW = 3
UNIT = "hour-of-week"
"""Tasks have units of their own: their errors are compared in those of this rule."""


@dataclass(frozen=True)
class Mean:
    """One model on one task: means over its seeds, and the deviation of the MAE among them.

    unit : MAE of the rule UNIT over the same seeds, whose data may differ; NaN where one is missing
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


def means(rows: Sequence[Row]) -> list[Mean]:
    """Average what differs in its seed alone."""
    alike: dict[tuple[int, str, str, str], list[Row]] = {}
    unit = {(row.data, row.task, row.seed): row.mae for row in rows if row.model == UNIT}
    for row in rows:
        alike.setdefault((row.table, row.data, row.model, row.task), []).append(row)
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
        for key, found in alike.items()
    ]


def relative(found: Sequence[Mean], data: str) -> dict[tuple[int, str], float]:
    """MAE over that of the hour-of-week mean, averaged over tasks, by table and model."""
    shares: dict[tuple[int, str], list[float]] = {}
    for row in found:
        if row.data == data and row.unit > 0:  # a task that repeats itself exactly has no share
            shares.setdefault((row.table, row.model), []).append(row.mae / row.unit)
    return {model: float(np.mean(values)) for model, values in shares.items()}


def bars(found: Sequence[Mean], sim2real: Sequence[dict[str, Any]]) -> list[Bar]:
    """Every bar that the rows suffice for, with its measured value."""
    metadata = []
    for data in dict.fromkeys(row.data for row in found):
        share = relative(found, data)
        baselines = {name: value for (_, name), value in share.items() if name in PEERS}
        for name in OURS:
            if (2, name) in share:
                metadata += _of_ours(found, data, name, share[2, name], baselines)
    return [*metadata, *_costs(found), *_lowered(sim2real)]


def _costs(found: Sequence[Mean]) -> list[Bar]:
    """What other parts add to the error, on the mean over data: one city tells little."""
    costs: dict[str, list[float]] = {}
    for data in dict.fromkeys(row.data for row in found):
        share = relative(found, data)
        for part in PARTS:
            if part != DEFAULT_PARTS and {(3, part), (3, DEFAULT_PARTS)} <= share.keys():
                costs.setdefault(part, []).append(share[3, part] / share[3, DEFAULT_PARTS] - 1)
    return [
        Bar(
            f"costs something, {part}",
            f"{np.mean(over):+.1%} on the mean of {len(over)} data, "
            f"{min(over):+.1%} to {max(over):+.1%}",
            bool(np.mean(over) > 0),
        )
        for part, over in costs.items()
    ]


def _of_ours(
    found: Sequence[Mean], data: str, name: str, share: float, baselines: Mapping[str, float]
) -> list[Bar]:
    """Errors of ours under every rival's, and intervals that cover what they promise."""
    metadata = []
    if baselines:
        best = min(baselines, key=baselines.__getitem__)
        metadata.append(
            Bar(
                f"{data}: mean MAE of {name} under every rival's",
                f"{share:.3f} of {UNIT}'s; best rival {best} {baselines[best]:.3f}",
                share < baselines[best],
            )
        )
    covered = [row.cov90 for row in found if (row.data, row.model) == (data, name)]
    low, high = min(covered), max(covered)
    return [
        *metadata,
        Bar(
            f"{data}: 90 % intervals of {name} cover {COVERED[0]:.0%} to {COVERED[1]:.0%}",
            f"{low:.1%} to {high:.1%}",
            COVERED[0] <= low and high <= COVERED[1],
        ),
    ]


def _lowered(sim2real: Sequence[dict[str, Any]]) -> list[Bar]:
    """What simulation saves each network where few days were measured."""
    few: dict[str, dict[str, list[float]]] = {}
    for row in sim2real:
        if row["days"] == FEW:
            few.setdefault(row["network"], {}).setdefault(row["method"], []).append(row["mae"])
    metadata = []
    for network, by_method in few.items():
        mean = {method: float(np.mean(values)) for method, values in by_method.items()}
        alone = mean.pop("real-only", None)
        if alone is None or not mean:
            continue
        best = min(mean, key=mean.__getitem__)
        lowered = 1 - mean[best] / alone
        metadata.append(
            Bar(
                f"simulation lowers the MAE at {FEW} days by at least {LOWERED:.0%}, {network}",
                f"{lowered:.1%} ({best})",
                lowered >= LOWERED,
            )
        )
    return metadata


def _mean(rows: Sequence[Row], name: str) -> float:
    return float(np.mean([getattr(row, name) for row in rows]))
