"""What the learned correction reads of a place: its kriged level and its support stations.

All levels are relative to the support's mean log level, so that the unit of traffic cancels.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from netspatial.arrays import Floats, Floats32, Indices, Mask
from netspatial.kriging.gaussian_process import Posterior, Regression
from netspatial.kriging.kernels import Kernels, Places
from netspatial.kriging.leave_one_out import leave_one_out, leave_two_out
from netspatial.kriging.support_tokens import choose_tokens

READ_GROUPS = ("embedding", "counts", "network")
"""Groups of features that the network reads."""
FIELD_SIZE, TOKEN_SIZE = 8, 12
FARTHEST_ERROR, FARTHEST_LEVEL, FARTHEST_EMBEDDING = 5.0, 4.0, 4.0
"""Bounds on standardised errors, log levels and distances of embeddings."""
NEARBY_M = 100.0


@dataclass(frozen=True)
class Support:
    """Measured levels of n stations, and the regression on them.

    level, zero_shot : (n,) measured and expected log mean traffic
    error            : (n,) variance of the measurement
    """

    places: Places
    level: Floats
    zero_shot: Floats
    error: Floats
    kernels: Kernels
    regression: Regression

    def __len__(self) -> int:
        """Number of stations."""
        return len(self.places)


@dataclass(frozen=True)
class Inputs:
    """Inputs of the network for m places, with n stations and K tokens per place.

    places, stations : features by group less the stations' mean, (m, p) and (n, p)
    field  : (m, FIELD_SIZE) what the regression says of the place
    tokens : (m, K, TOKEN_SIZE) what is known of each token's station
    index  : (m, K) station of each token; known : (m, K) false where there is none
    """

    places: Mapping[str, Floats32]
    stations: Mapping[str, Floats32]
    field: Floats32
    tokens: Floats32
    index: Indices
    known: Mask


def inputs_at(support: Support, places: Places, posterior: Posterior) -> Inputs:
    """Return the inputs for places outside the support; posterior : of their level."""
    errors = leave_one_out(support.regression)
    own = np.zeros((len(places), 0), dtype=np.int64)
    return _inputs(
        support, places, places.level, posterior, errors.error[None], errors.variance[None], own
    )


def inputs_left_out(support: Support) -> tuple[Inputs, Posterior]:
    """Return inputs and posterior of each station, as if it were not measured itself."""
    one, two = leave_one_out(support.regression), leave_two_out(support.regression)
    variances = np.exp(support.regression.log_variances)
    prior = variances[:-1] @ support.kernels.diagonal(support.places) + variances[-1]
    mean = support.level - support.zero_shot - one.error
    posterior = Posterior(mean[:, None], one.variance, prior)
    own = np.arange(len(support))[:, None]
    inputs = _inputs(
        support, support.places, support.zero_shot, posterior, two.error, two.variance, own
    )
    return inputs, posterior


def _inputs(
    support: Support,
    places: Places,
    zero_shot: Floats,
    posterior: Posterior,
    errors: Floats,
    variances: Floats,
    own: Indices,
) -> Inputs:
    """Return the inputs. errors, variances : (m or 1, n) leave-one-out errors of the stations.

    own : (m, 0 or 1) the station that a place is itself
    """
    stations = support.places
    distance = np.nan_to_num(cdist(places.xy, stations.xy), nan=np.inf)
    unlike = support.kernels.embedding_distance(places, stations)
    index, known = choose_tokens(stations, places, distance, unlike, own)
    y = support.level - support.zero_shot
    level, expected, offset = (
        _mean_without(values, own, len(places)) for values in (support.level, support.zero_shot, y)
    )
    at = (np.arange(len(places))[:, None], index)
    metres = distance[at]
    nearest = np.where(known, metres, np.inf).min(axis=1)
    mean, deviation = posterior.mean[:, 0], 0.5 * np.log(posterior.variance)
    field = np.column_stack(
        [
            _bounded(zero_shot + mean - level, FARTHEST_LEVEL),
            _bounded(mean - offset, FARTHEST_LEVEL),
            deviation,
            deviation - 0.5 * np.log(posterior.prior_variance),
            _bounded(zero_shot - expected, FARTHEST_LEVEL),
            places.coverage,
            np.full(len(places), np.log1p(len(support) - own.shape[1]) / 5),
            _log_distance(nearest),
        ]
    )
    error = np.broadcast_to(errors, distance.shape)[at]
    spread = np.sqrt(np.broadcast_to(variances, distance.shape)[at])
    away = np.nan_to_num(stations.xy[index] - places.xy[:, None])
    direction = away / np.maximum(metres, 1.0)[..., None]
    tokens = np.stack(
        [
            _bounded(error / spread, FARTHEST_ERROR),
            _bounded(error, FARTHEST_LEVEL),
            _bounded(support.level[index] - level[:, None], FARTHEST_LEVEL),
            _bounded(y[index] - offset[:, None], FARTHEST_LEVEL),
            np.log(spread),
            _log_distance(metres),
            direction[..., 0],
            direction[..., 1],
            np.minimum(unlike[at], FARTHEST_EMBEDDING),
            stations.coverage[index] == places.coverage[:, None],
            stations.coverage[index],
            0.2 * np.log(support.error[index] + 1e-4),
        ],
        axis=2,
    )
    return Inputs(
        _features(places, stations),
        _features(stations, stations),
        field.astype(np.float32),
        np.where(known[..., None], tokens, 0.0).astype(np.float32),
        index,
        known,
    )


def _features(places: Places, stations: Places) -> dict[str, Floats32]:
    """Return each group's features less the stations' mean, (m, p)."""
    return {
        name: (places.features[name] - stations.features[name].mean(axis=0)).astype(np.float32)
        for name in READ_GROUPS
    }


def _mean_without(values: Floats, own: Indices, places: int) -> Floats:
    """Return the stations' mean for each place, without the station that it is, (places,)."""
    left = len(values) - own.shape[1]
    total: Floats = values.sum() - values[own].sum(axis=1)
    return np.broadcast_to(total / max(left, 1), (places,))


def _log_distance(metres: Floats) -> Floats:
    """Return a distance as a number from 0, near 1 at 2 km; farther than any at infinity."""
    found: Floats = np.log1p(np.minimum(metres, 1e6) / NEARBY_M) / 3
    return found


def _bounded(values: Floats, bound: float) -> Floats:
    found: Floats = np.clip(values, -bound, bound)
    return found
