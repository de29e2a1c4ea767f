"""Training tasks of the learned correction: support, asked places and their true levels.

Some tasks have levels drawn as random functions of features and place, so that the network moves
the kriged level only where the support agrees.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial.distance import cdist

from netspatial.arrays import Floats, Indices
from netspatial.kriging.conditioning import free_offset
from netspatial.kriging.gaussian_process import (
    BOUNDS,
    Posterior,
    Prior,
    Regression,
    fit_log_variances,
)
from netspatial.kriging.kernels import OFFSET, Kernels, Places
from netspatial.kriging.network_inputs import READ_GROUPS, Support
from netspatial.kriging.stations import USUAL_WEEKLY_VARIANCE

RANDOM_FUNCTIONS = 0.2
"""Share of the tasks whose levels are random functions."""
OTHER_UNITS = 0.25
"""Share of the tasks whose unit is not the model's."""
FEWEST, MOST_ASKED = 4, 96
"""Stations in the smallest support, and places asked at once."""
BLOCK_M = (500.0, 3000.0)
WEEKS = (0.3, 8.0)
FITTED_STATIONS = 60
"""Stations from which kernel weights are fitted in a task."""
HIDDEN = 16


@dataclass(frozen=True)
class TrainingCity:
    """Stations of a city with several draws of their log mean traffic, levels (draws, n)."""

    name: str
    places: Places
    levels: Floats

    @cached_property
    def kernels(self) -> Kernels:
        """Kernels standardised over all stations, whatever the support: computed once."""
        return Kernels.of(self.places)

    @cached_property
    def matrices(self) -> Floats:
        """The kernels between the stations, (kernels, n, n)."""
        return self.kernels.between(self.places, self.places)


@dataclass(frozen=True)
class Task:
    """Support of one city, asked places, layer 1's posterior there and the true residuals (m,)."""

    support: Support
    asked: Places
    posterior: Posterior
    truth: Floats


def draw_task(city: TrainingCity, prior: Prior, random: np.random.Generator) -> Task:
    """Draw levels, a support and asked places of a city. prior : of the level's kernel weights."""
    if random.random() < RANDOM_FUNCTIONS:
        level = _random_function(city, prior, random)
    else:
        level = city.levels[random.integers(len(city.levels))]
        level = level + random.uniform(0, 0.3) * _field(city.places.xy, random)
    if random.random() < OTHER_UNITS:
        level = level + random.normal(0, 5)
        prior = free_offset(prior)
    known, asked = split(city.places.xy, random)
    return make_task(city, level, known, asked, prior, random)


def make_task(
    city: TrainingCity,
    level: Floats,
    known: Indices,
    asked: Indices,
    prior: Prior,
    random: np.random.Generator,
) -> Task:
    """Return the task of these stations and asked places, with histories of random length."""
    weeks = WEEKS[0] * (WEEKS[1] / WEEKS[0]) ** random.random(len(known))
    error = USUAL_WEEKLY_VARIANCE / weeks
    measured = level[known] + np.sqrt(error) * random.standard_normal(len(known))
    stations, elsewhere = city.places.take(known), city.places.take(asked)
    matrices = city.matrices[:, known][:, :, known]
    y = (measured - stations.level)[:, None]
    some = np.sort(random.permutation(len(known))[:FITTED_STATIONS])
    fitted = fit_log_variances(matrices[:, some][:, :, some], y[some], error[some], prior)
    regression = Regression.fit(matrices, y, error, prior, fitted)
    cross = city.matrices[:, asked][:, :, known]
    posterior = regression.predict(cross, city.kernels.diagonal(elsewhere))
    support = Support(stations, measured, stations.level, error, city.kernels, regression)
    return Task(support, elsewhere, posterior, level[asked] - elsewhere.level)


def split(xy: Floats, random: np.random.Generator) -> tuple[Indices, Indices]:
    """Return support and asked places, by a block half of the time; support is log-uniform."""
    n = len(xy)
    asked = random.permutation(n) < n // 4
    if random.random() < 0.5:
        away = np.abs(xy - xy[random.integers(n)]).max(axis=1)
        block = away < random.uniform(*BLOCK_M) / 2
        if FEWEST <= block.sum() <= n - 2 * FEWEST:
            asked = block
    outside = random.permutation(np.flatnonzero(~asked))
    size = int(np.exp(random.uniform(np.log(FEWEST), np.log(len(outside)))))
    wanted = random.permutation(np.flatnonzero(asked))[:MOST_ASKED]
    return np.sort(outside[:size]), np.sort(wanted)


def _random_function(city: TrainingCity, prior: Prior, random: np.random.Generator) -> Floats:
    """Return levels (n,) from a Gaussian process or a random network of the features."""
    places = city.places
    if random.random() < 0.5:
        drawn = np.clip(random.normal(prior.mean, prior.sd), *BOUNDS)
        drawn[OFFSET] = BOUNDS[0]
        covariance = np.tensordot(np.exp(drawn[:-1]), city.matrices, 1)
        covariance[np.diag_indices(len(places))] += np.exp(drawn[-1]) + 1e-6
        y = np.linalg.cholesky(covariance) @ random.standard_normal(len(places))
        return places.level + y
    groups = [name for name in READ_GROUPS if random.random() < 0.6 and places.features[name].size]
    function = np.zeros(len(places))
    if groups:
        x = np.concatenate([places.features[name] for name in groups], axis=1)
        x = (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-6)
        x = np.clip(x, -5, 5) * (random.random(x.shape[1]) < random.uniform(0.05, 1))
        hidden = np.tanh(x @ random.normal(0, 2 / x.shape[1] ** 0.5, (x.shape[1], HIDDEN)))
        function = hidden @ random.standard_normal(HIDDEN)
        function = (function - function.mean()) / max(function.std(), 1e-6)
    return (
        random.uniform(0, 1) * places.level
        + random.uniform(0.2, 0.9) * function
        + random.uniform(0, 0.6) * _field(places.xy, random)
        + random.uniform(0.1, 0.6) * random.standard_normal(len(places))
    )


def _field(xy: Floats, random: np.random.Generator) -> Floats:
    """Draw a field (n,) of unit variance that falls to 1/e of correlation in 0.3 to 6 km."""
    range_m = np.exp(random.uniform(np.log(300), np.log(6000)))
    covariance = np.exp(-cdist(xy, xy) / range_m) + 1e-6 * np.eye(len(xy))
    drawn: Floats = np.linalg.cholesky(covariance) @ random.standard_normal(len(xy))
    return drawn
