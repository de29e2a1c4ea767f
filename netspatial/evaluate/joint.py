"""Joint samples of neighbouring places against independent ones and their reorderings.

Behind `netspatial bench generate --only joint`. Two settings: the model alone, scaled to the city's
mean traffic; and groups of ten stations held out, generated from the measured others.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from netspatial.arrays import Floats, Floats32, Indices
from netspatial.baselines.dependence import copula, shuffle
from netspatial.checked import as_kind, read_json
from netspatial.city.city import City
from netspatial.context.embed import ContextModel
from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.evaluate.joint_scores import (
    JointScores,
    joint_scores,
    mean_scores,
    neighbour_groups,
)
from netspatial.generate.city_data import load_series
from netspatial.generate.dependence import (
    FEWEST_STATIONS,
    PRIOR_PAIRS,
    LearntNoise,
    correlogram,
    load_dependence,
)
from netspatial.generate.dependence_training import CitySeries, series_of
from netspatial.generate.generator import Generator
from netspatial.generate.measured import moments_of, read_places
from netspatial.kriging.conditioning import fit_fields
from netspatial.kriging.joint_posterior import level_scores
from netspatial.kriging.kernels import Places
from netspatial.kriging.priors import load_priors
from netspatial.kriging.series import MOMENT_SAMPLES, Parts
from netspatial.kriging.stations import measured_stations
from netspatial.progress import Progress, silent

SAMPLES = 19
FOLDS = 5
SCORED_STATIONS = 300
"""Small cities are drawn with several seeds, so that about as many stations are scored."""
MAX_SEEDS = 8
OURS, INDEPENDENT = "ours", "independent"
PERMUTED, SHUFFLE, COPULA = "ours, permuted", "shuffle", "copula"
"""Our samples with other dependence between places: none, of other days, of the mean loads."""
MODELS = (OURS, INDEPENDENT, PERMUTED, SHUFFLE, COPULA)
COMPARED_SAMPLES = 4
"""Samples whose residuals are correlated against distance."""

Ensembles = dict[str, Floats32]


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


@dataclass(frozen=True)
class JointData:
    """A city's stations with complete series."""

    name: str
    series: CitySeries
    places: Places
    unit: str
    same_unit: bool

    @property
    def fingerprint(self) -> str:
        """Changes with the series, the places and what they are embedded to."""
        digest = hashlib.blake2b(digest_size=8)
        for values in (self.series.x, self.series.z, self.series.xy):
            digest.update(np.ascontiguousarray(values).data)
        return digest.hexdigest()


def joint_data(city: City, context_model: ContextModel, generator: Generator) -> JointData:
    """Read the stations of a city and embed them."""
    loaded = load_series(city)
    context = context_model.embed(city, loaded.stations)
    places = read_places(city, loaded.stations, context, context_model, generator)
    return JointData(
        city.name,
        series_of(city, loaded, context),
        places,
        loaded.unit,
        loaded.unit == generator.facts.unit,
    )


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
        scaled = _zero_shot(data, alone, joint, learnt, seed)
        if seed == 0:
            correlation += [
                _correlation(data, name, scaled[name]) for name in (OURS, INDEPENDENT, SHUFFLE)
            ]
        progress(f"{data.name}: with measured stations", (seed + 0.5) / seeds)
        measured = _measured(data, generator, alone, groups, learnt, seed)
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


def _zero_shot(
    data: JointData, alone: Floats32, joint: Floats32, learnt: LearntNoise, seed: int
) -> Ensembles:
    """Ensembles of the model alone, each scaled to the city's mean traffic."""
    mean = float(data.series.x.mean())
    ours = joint * np.float32(mean / joint.mean())
    return {
        OURS: ours,
        INDEPENDENT: alone * np.float32(mean / alone.mean()),
        **_reordered(data, np.arange(len(alone)), ours, learnt, seed),
    }


def _measured(
    data: JointData,
    generator: Generator,
    alone: Floats32,
    groups: Sequence[Indices],
    learnt: LearntNoise,
    seed: int,
) -> Ensembles:
    """Ensembles of every group from the stations outside of its fold; others are zero."""
    found: Ensembles = {name: np.zeros_like(alone) for name in MODELS}
    for held in _folds(groups):
        for name, samples in _held_out(data, generator, alone, held, learnt, seed).items():
            found[name][held] = samples
    return found


def _held_out(
    data: JointData,
    generator: Generator,
    alone: Floats32,
    held: Indices,
    learnt: LearntNoise,
    seed: int,
) -> Ensembles:
    series, hours = data.series, data.series.hours
    known = np.setdiff1d(np.arange(len(series.x)), held)
    near = series.take(known)
    stations = measured_stations(
        near.ids,
        data.places.take(known),
        moments_of(alone[known][:, :MOMENT_SAMPLES], hours, data.places.take(known)),
        near.x,
        hours,
        data.unit,
    )
    fields = fit_fields(stations, load_priors(), same_unit=data.same_unit)
    places = data.places.take(held)
    correction = fields.at(places)
    moments = moments_of(alone[held][:, :MOMENT_SAMPLES], hours, places)
    independent = correction.apply(alone[held], hours, moments)
    residual = Parts.of(near.x, hours).residual
    levels = learnt.for_city(
        residual / np.maximum(residual.std(axis=1, keepdims=True), 1e-6), near.xy
    ).levels
    asked = series.take(held)
    scores = level_scores(fields, places, asked.ids, SAMPLES, seed)
    drawn = asked.draw(generator, levels, SAMPLES, scores, seed)
    moments = moments_of(drawn[:, :MOMENT_SAMPLES], hours, places)
    ours = correction.apply(drawn, hours, moments)
    return {
        OURS: ours,
        INDEPENDENT: independent,
        **_reordered(data, held, ours, learnt, seed),
    }


def _reordered(
    data: JointData, rows: Indices, ours: Floats32, learnt: LearntNoise, seed: int
) -> Ensembles:
    """Our samples of some places with other dependence; each place keeps its own samples."""
    series = data.series.take(rows)
    correlation = learnt.levels["level"].correlation(cdist(series.xy, series.xy))
    np.fill_diagonal(correlation, 1.0)
    alone = np.eye(len(rows))
    return {
        PERMUTED: copula(ours, alone, seed),
        SHUFFLE: shuffle(ours, series.x, series.hours, seed),
        COPULA: copula(ours, correlation, seed),
    }


def _folds(groups: Sequence[Indices]) -> Iterator[Indices]:
    """Yield the stations of a part of the groups, held out together."""
    folds = min(FOLDS, len(groups))
    for fold in range(folds):
        yield np.sort(np.concatenate(groups[fold::folds]))


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
