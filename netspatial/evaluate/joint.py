"""Joint samples of neighbouring places against independent ones and their reorderings.

Behind `netspatial bench generate --only joint`. Two settings: the model alone, scaled to the city's
mean traffic; and groups of ten stations held out, generated from the measured others.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netspatial.arrays import Floats, Floats32, Indices
from netspatial.checked import as_kind, read_json
from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.evaluate.joint_ensembles import (
    INDEPENDENT,
    OURS,
    SAMPLES,
    SHUFFLE,
    JointData,
    from_measured,
    zero_shot,
)
from netspatial.evaluate.joint_scores import (
    JointScores,
    joint_scores,
    mean_scores,
    neighbour_groups,
)
from netspatial.generate.dependence import (
    FEWEST_STATIONS,
    PRIOR_PAIRS,
    correlogram,
    load_dependence,
)
from netspatial.generate.generator import Generator
from netspatial.kriging.series import Parts
from netspatial.progress import Progress, silent

SCORED_STATIONS = 300
"""Small cities are drawn with several seeds, so that about as many stations are scored."""
MAX_SEEDS = 8
COMPARED_SAMPLES = 4
"""Samples whose residuals are correlated against distance."""


@dataclass(frozen=True)
class JointRow:
    """One model in one city and setting; errors over the 99.9 % quantile of the city's traffic."""

    data: str
    model: str
    scores: JointScores

    def record(self) -> dict[str, Any]:
        """Return the row flat, for JSON."""
        return {"data": self.data, "model": self.model, **asdict(self.scores)}


@dataclass(frozen=True)
class JointReport:
    """Rows, and correlation of log residuals against distance beside the measured one."""

    rows: list[JointRow]
    correlation: list[dict[str, Any]]

    def record(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {"rows": [row.record() for row in self.rows], "correlation": self.correlation}


def score_joint(
    data: JointData,
    generator: Generator,
    *,
    results: Path | None = None,
    progress: Progress = silent,
) -> JointReport:
    """Score every model in both settings.

    results : file in which the city's scores are kept; a call with the same settings reads them
    """
    groups = neighbour_groups(data.series.xy)
    if len(groups) < 2:
        raise BadInput(
            f"'{data.name}' has {len(data.series.xy)} stations that can be scored; two groups of "
            "ten are needed."
        )
    learnt = load_dependence()
    settings = f"{data.fingerprint} {generator.fingerprint} {learnt.fingerprint} {PRIOR_PAIRS:g}"
    kept = _read(results, settings)
    if kept is not None:
        return kept
    correlation = [_correlation(data, "measured", data.series.x[:, None])]
    scores: dict[tuple[str, str], list[JointScores]] = {}
    seeds = int(np.clip(SCORED_STATIONS // len(data.series.xy), 1, MAX_SEEDS))
    for seed in range(seeds):
        progress(f"{data.name}: the model alone", seed / seeds)
        alone = data.series.draw(generator, {}, SAMPLES, seed=seed)
        joint = data.series.draw(generator, learnt.levels, SAMPLES, seed=seed)
        scaled = zero_shot(data, alone, joint, learnt, seed)
        if seed == 0:
            correlation += [
                _correlation(data, name, scaled[name]) for name in (OURS, INDEPENDENT, SHUFFLE)
            ]
        progress(f"{data.name}: with measured stations", (seed + 0.5) / seeds)
        measured = from_measured(data, generator, alone, groups, learnt, seed)
        for setting, ensembles in (("model alone", scaled), ("measured", measured)):
            for model, found in _scored(data, ensembles, groups).items():
                scores.setdefault((setting, model), []).append(found)
    rows = [
        JointRow(f"{data.name}, {setting}", model, mean_scores(found))
        for (setting, model), found in scores.items()
    ]
    report = JointReport(rows, correlation)
    _write(results, settings, report)
    return report


def _scored(
    data: JointData, ensembles: Mapping[str, Floats32], groups: Sequence[Indices]
) -> dict[str, JointScores]:
    unit = np.float32(np.quantile(data.series.x, 0.999))
    truth = data.series.x / unit
    return {
        model: joint_scores(samples / unit, truth, groups) for model, samples in ensembles.items()
    }


def _correlation(data: JointData, model: str, samples: Floats32) -> dict[str, Any]:
    """Correlation of log residuals against distance of series (n, S, T), by class of distance."""
    residual: Floats = Parts.of(samples[:, :COMPARED_SAMPLES], data.series.hours).residual
    deviation = np.maximum(residual.std(axis=-1, keepdims=True), 1e-6)
    found = correlogram((residual / deviation).reshape(len(samples), -1), data.series.xy)
    seen = found.pairs >= FEWEST_STATIONS
    return {
        "data": data.name,
        "model": model,
        "metres": [round(float(metres)) for metres in found.metres[seen]],
        "correlation": [round(float(value), 4) for value in found.value[seen]],
    }


def _read(results: Path | None, settings: str) -> JointReport | None:
    """Return the finished scores of the same settings."""
    if results is None or not results.is_file():
        return None
    kept = read_json(results, dict[str, Any])
    if kept.get("settings") != settings:
        return None
    rows = as_kind(kept.get("rows"), list[dict[str, Any]], f"The rows of '{results}'")
    correlation = as_kind(kept.get("correlation"), list[dict[str, Any]], f"'{results}'")
    return JointReport(
        [
            JointRow(row.pop("data"), row.pop("model"), JointScores(**row))
            for row in (dict(row) for row in rows)
        ],
        correlation,
    )


def _write(results: Path | None, settings: str, report: JointReport) -> None:
    if results is not None:
        with atomic_file(results) as draft:
            draft.write_text(json.dumps({"settings": settings, **report.record()}) + "\n")
