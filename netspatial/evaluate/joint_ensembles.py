"""Ensembles of a city's stations: ours, independent ones, and ours with other dependence.

Two settings: the model alone, scaled to the city's mean traffic; and groups of neighbours held out,
generated from the other stations' measurements.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from netspatial.arrays import Floats32, Indices
from netspatial.baselines.dependence import copula, shuffle
from netspatial.city.city import City
from netspatial.context.embed import ContextModel
from netspatial.generate.city_data import load_series
from netspatial.generate.dependence import LearntNoise
from netspatial.generate.dependence_training import CitySeries, series_of
from netspatial.generate.generator import Generator
from netspatial.generate.measured import moments_of, read_places
from netspatial.kriging.conditioning import fit_fields
from netspatial.kriging.joint_posterior import level_scores
from netspatial.kriging.kernels import Places
from netspatial.kriging.priors import load_priors
from netspatial.kriging.series import MOMENT_SAMPLES, Parts
from netspatial.kriging.stations import measured_stations

SAMPLES = 19
FOLDS = 5
OURS, INDEPENDENT = "ours", "independent"
PERMUTED, SHUFFLE, COPULA = "ours, permuted", "shuffle", "copula"
"""Our samples with other dependence between places: none, of other days, of the mean loads."""
MODELS = (OURS, INDEPENDENT, PERMUTED, SHUFFLE, COPULA)

Ensembles = dict[str, Floats32]


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


def zero_shot(
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


def from_measured(
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
