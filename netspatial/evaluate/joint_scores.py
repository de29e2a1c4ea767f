"""Scores of ensembles of several places at once: energy and variogram score, coverage of sums."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import scoringrules
from scipy.spatial.distance import cdist

from netspatial.arrays import AnyFloats, Floats, Indices
from netspatial.scores import coverage, crps
from netspatial.timeline import HOURS_PER_DAY

GROUP = 10
HOUR_STEP = 7
"""Every seventh hour is scored jointly, all hours of the day in turn."""
POWER = 0.5
"""Order of the variogram score."""


@dataclass(frozen=True)
class JointScores:
    """Scores of groups of neighbours; errors in the unit of the data.

    energy_score, variogram_score : of the traffic of a group in one hour
    district_cov90_* : share of sums over a group inside their 90 % range, of an hour, of a day and
        of the largest hour
    crps : of single places
    """

    energy_score: float
    variogram_score: float
    district_cov90_1h: float
    district_cov90_24h: float
    district_cov90_peak: float
    crps: float


def joint_scores(samples: AnyFloats, truth: AnyFloats, groups: Sequence[Indices]) -> JointScores:
    """Score an ensemble (n, S, T) of 19, 39 or 99 samples against truth (n, T)."""
    sums = np.stack([samples[group].sum(axis=0, dtype=np.float64) for group in groups])
    true_sums = np.stack([truth[group].sum(axis=0, dtype=np.float64) for group in groups])
    some = np.concatenate(groups)
    return JointScores(
        energy_score=float(np.mean([energy(samples[g], truth[g]) for g in groups])),
        variogram_score=float(np.mean([variogram(samples[g], truth[g]) for g in groups])),
        district_cov90_1h=float(coverage(sums, true_sums).mean()),
        district_cov90_24h=float(coverage(_daily(sums), _daily(true_sums)).mean()),
        district_cov90_peak=float(
            coverage(sums.max(axis=-1, keepdims=True), true_sums.max(axis=-1, keepdims=True)).mean()
        ),
        crps=float(crps(samples[some], truth[some]).mean()),
    )


def mean_scores(several: Sequence[JointScores]) -> JointScores:
    """Return the mean of each score over draws of the same places."""
    return JointScores(
        *(
            float(np.mean([getattr(one, part.name) for one in several]))
            for part in fields(JointScores)
        )
    )


def energy(samples: AnyFloats, truth: AnyFloats) -> float:
    """Fair energy score of a group's traffic in one hour, (d, S, T) against (d, T), mean over T."""
    x, y = _by_hour(samples, truth)
    found = scoringrules.es_ensemble(y, x, estimator="fair", backend="numpy")
    return float(np.mean(found))


def variogram(samples: AnyFloats, truth: AnyFloats) -> float:
    """Variogram score of order 0.5 per pair of places, (d, S, T) against (d, T), mean over T."""
    x, y = _by_hour(samples, truth)
    found = scoringrules.vs_ensemble(y, x, p=POWER, backend="numpy")
    d = len(truth)
    return float(np.mean(found) / max(d * (d - 1), 1))


def neighbour_groups(xy: Floats, size: int = GROUP) -> list[Indices]:
    """Return disjoint groups of neighbours: the outermost place left with those nearest to it."""
    left = np.arange(len(xy))
    found = []
    middle = xy.mean(axis=0)
    while len(left) >= size:
        outermost = int(np.argmax(np.square(xy[left] - middle).sum(axis=1)))
        apart = cdist(xy[left[[outermost]]], xy[left])[0]
        nearest = np.argsort(apart, kind="stable")[:size]
        found.append(np.sort(left[nearest]))
        left = np.delete(left, nearest)
    return found


def _by_hour(samples: AnyFloats, truth: AnyFloats) -> tuple[Floats, Floats]:
    """Return (hours, S, d) and (hours, d)."""
    x = np.transpose(samples[..., ::HOUR_STEP], (2, 1, 0)).astype(np.float64)
    return x, truth[:, ::HOUR_STEP].T.astype(np.float64)


def _daily(x: Floats) -> Floats:
    """Sums of whole days of series (..., T)."""
    days = x.shape[-1] // HOURS_PER_DAY
    whole = x[..., : days * HOURS_PER_DAY]
    found: Floats = whole.reshape(*x.shape[:-1], days, HOURS_PER_DAY).sum(axis=-1)
    return found
