"""Level, weekly shape and scatter of traffic series, and their moments over an ensemble."""

from dataclasses import dataclass

import numpy as np

from netspatial.arrays import AnyFloats, Floats, Indices, Mask
from netspatial.timeline import HOURS_PER_WEEK

EPSILON = 0.02
"""Added before logarithms, as a share of a place's mean: traffic of zero stays finite."""
MIN_SCATTER = 0.02
MOMENT_SAMPLES = 4
"""Samples per place from which zero-shot moments are taken; 19 lower the CRPS by under 0.1 %."""


@dataclass(frozen=True)
class Moments:
    """Zero-shot moments of n places.

    Attributes
    ----------
    level, level_sd : ndarray of float64, (n,)
        Mean and deviation of the log mean traffic, in the model's unit.
    shape : ndarray of float64, (n, 168)
        Mean log weekly shape.
    scatter : ndarray of float64, (n,)
        Mean log standard deviation of the log residual.
    """

    level: Floats
    level_sd: Floats
    shape: Floats
    scatter: Floats

    @classmethod
    def unknown(cls, count: int) -> "Moments":
        """Return zeros for places of which no generator expects anything.

        Parameters
        ----------
        count : int
            Number of places.

        Returns
        -------
        Moments
        """
        zeros = np.zeros(count)
        return cls(zeros, zeros, np.zeros((count, HOURS_PER_WEEK)), zeros)

    def take(self, rows: Indices | slice) -> "Moments":
        """Return those of some places.

        Parameters
        ----------
        rows : ndarray of int or slice
            Rows to return.

        Returns
        -------
        Moments
            The moments of these places.
        """
        return Moments(self.level[rows], self.level_sd[rows], self.shape[rows], self.scatter[rows])


@dataclass(frozen=True)
class Parts:
    """Series (..., T) as level, shape and residual.

    level : (...) log of the mean week; shape : (..., 168) log weekly shape over its mean;
    residual : (..., T) log ratio to the weekly shape; scatter : (...) its log deviation
    """

    level: Floats
    shape: Floats
    residual: Floats
    scatter: Floats

    @classmethod
    def of(cls, x: AnyFloats, hours: Indices) -> "Parts":
        """Take series apart along hours of the week (T,)."""
        series: Floats = np.asarray(x, dtype=np.float64)
        week = weekly_mean(series, hours)
        mean = np.maximum(week.mean(axis=-1, keepdims=True), 1e-12)
        share = np.log(week / mean + EPSILON)
        residual = np.log(series / mean + EPSILON) - share[..., hours]
        scatter = np.log(np.maximum(residual.std(axis=-1), MIN_SCATTER))
        return cls(np.log(mean[..., 0]), share, residual, scatter)


def put_together(level: Floats, shape: Floats, residual: Floats, hours: Indices) -> Floats:
    """Return series (..., T) from parts; the mean week has exactly the mean `level`."""
    week = np.maximum(np.exp(shape) - EPSILON, 0.0)
    week /= np.maximum(week.mean(axis=-1, keepdims=True), 1e-12)
    x = np.maximum((week[..., hours] + EPSILON) * np.exp(residual) - EPSILON, 0.0)
    mean = weekly_mean(x, hours).mean(axis=-1, keepdims=True)
    x *= np.exp(level)[..., None] / np.maximum(mean, 1e-12)
    return x


def weekly_mean(x: Floats, hours: Indices) -> Floats:
    """Mean of each hour of the week, (..., 168), for series (..., T); hours not seen are zero."""
    if _whole_weeks(hours):
        week = x.reshape(*x.shape[:-1], -1, HOURS_PER_WEEK).mean(axis=-2)
        found: Floats = week[..., np.argsort(hours[:HOURS_PER_WEEK])]
        return found
    at, count = _membership(hours)
    seen: Floats = (x @ at) / np.maximum(count, 1)
    return seen


def known_weekly_mean(x: Floats, hours: Indices) -> tuple[Floats, Mask]:
    """The same of series (n, T) with NaN, and which hours were measured, (n, 168)."""
    at, _ = _membership(hours)
    known = np.isfinite(x)
    count = known.astype(np.float64) @ at
    total = np.where(known, x, 0.0) @ at
    return total / np.maximum(count, 1), count > 0


def _whole_weeks(hours: Indices) -> bool:
    """Return whether every week has each hour once, in the same order."""
    if len(hours) % HOURS_PER_WEEK or not len(hours):
        return False
    weeks = hours.reshape(-1, HOURS_PER_WEEK)
    in_order = np.array_equal(np.sort(weeks[0]), np.arange(HOURS_PER_WEEK))
    return in_order and bool((weeks == weeks[0]).all())


def _membership(hours: Indices) -> tuple[Floats, Floats]:
    at = np.zeros((len(hours), HOURS_PER_WEEK))
    at[np.arange(len(hours)), hours] = 1.0
    return at, at.sum(axis=0)
