"""Joint samples of the level given the stations: neighbouring places deviate together.

Pathwise conditioning (Matheron's rule): a sample of the prior, minus what the regression would
predict from it at the stations. The prior is a sum of features with normal weights that depend on
the seed alone, so that a place gets the same sample in any selection of places.
"""

from collections.abc import Sequence

import numpy as np

from netspatial.arrays import Floats
from netspatial.kriging.conditioning import FittedFields
from netspatial.kriging.gaussian_process import Regression
from netspatial.kriging.kernels import NAMES, Kernels, Places
from netspatial.kriging.stations import MeasuredStations
from netspatial.randomness import stream

WAVES = 192
"""Random Fourier frequencies of a kernel; correlations are exact to about 1/√(2 WAVES)."""
FREEDOM = {"exponential": 1, "matern": 3}
"""Degrees of freedom of the frequencies of Matérn kernels: twice their smoothness."""
MIN_SHARE = 1e-3
"""Share of the sum of variances below which a kernel is left out of the samples."""
PLACES_AT_ONCE = 512


def level_scores(
    fields: FittedFields, places: Places, ids: Sequence[str], samples: int, seed: int
) -> Floats:
    """Return normal scores of the level of places, (m, samples).

    Each is N(0, 1); those of two places are correlated as in the joint posterior of their levels,
    of which each place's own noise is a part.
    """
    found = np.empty((len(places), samples))
    for first in range(0, len(places), PLACES_AT_ONCE):
        rows = slice(first, first + PLACES_AT_ONCE)
        some = places.take(rows)
        stations, regression = fields.level_regression(some)
        found[rows] = _block(
            fields.kernels, stations, regression, some, list(ids[rows]), samples, seed
        )
    return found


def prior_features(
    kernels: Kernels, places: Places, log_variances: Floats, seed: int, *, smooth: bool = False
) -> Floats:
    """Return features (n, F) whose products are the prior covariances, without own noise.

    Linear kernels are exact. The others are random Fourier features with frequencies of the normal
    and of Student's t distribution; their variance is exact.

    smooth : as in `Kernels.forms`
    """
    variances = np.exp(log_variances)
    columns = [np.zeros((len(places), 1))]
    for name, variance, (form, x) in zip(
        NAMES, variances[:-1], kernels.forms(places, smooth=smooth), strict=True
    ):
        if variance < MIN_SHARE * variances.sum():
            continue
        if form == "linear":
            columns.append(np.sqrt(variance) * x)
            continue
        random = stream(seed, "kernel waves", name)
        waves = random.standard_normal((x.shape[1], WAVES))
        if form == "squared exponential":
            waves *= np.sqrt(2)
        else:
            freedom = FREEDOM[form]
            waves *= np.sqrt(freedom / random.chisquare(freedom, WAVES))
        phase = x @ waves
        columns += [np.sqrt(variance / WAVES) * wave(phase) for wave in (np.cos, np.sin)]
    return np.hstack(columns)


def _block(
    kernels: Kernels,
    stations: MeasuredStations,
    regression: Regression,
    places: Places,
    ids: Sequence[str],
    samples: int,
    seed: int,
) -> Floats:
    theta = regression.log_variances
    weights = regression.weights(kernels.between(places, stations.places))
    smooth = stations.places.square_m > 0
    prior, known = (
        prior_features(kernels, some, theta, seed, smooth=smooth)
        for some in (places, stations.places)
    )
    left = prior - weights @ known
    own = np.exp(theta[-1])
    errors = np.sqrt(own + stations.level_error)
    drawn = left @ _normals(seed, "prior", [str(at) for at in range(left.shape[1])], samples)
    drawn -= (weights * errors) @ _normals(seed, "station", stations.ids, samples)
    drawn += np.sqrt(own) * _normals(seed, "place", ids, samples)
    variance = np.square(left).sum(axis=1) + np.square(weights * errors).sum(axis=1) + own
    found: Floats = drawn / np.sqrt(variance)[:, None]
    return found


def _normals(seed: int, kind: str, names: Sequence[str], samples: int) -> Floats:
    """Return N(0, 1) of each name, (n, samples); more samples begin with the same ones."""
    return np.array(
        [stream(seed, "level", kind, name).standard_normal(samples) for name in names]
    ).reshape(len(names), samples)
