"""Two simple forecasts by the hour of the week: last week again, and the mean of the weeks.

Rivals of the generator. Their spread is that of whole past days, drawn for all stations at once,
so that a busy day is busy everywhere.
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from netspatial.operate.forecasting_history import Past, measured
from netspatial.randomness import stream
from netspatial.timeline import HOURS_PER_WEEK

Floats = NDArray[np.float64]

WEEKS = 4
"""Weeks that are looked back on: rhythms of months ago are not next week's."""
DAY = 24


def seasonal_naive(history: xr.DataArray, hours: int, samples: int, seed: int) -> xr.DataArray:
    """Last week's value at the same local hour, plus how days differed from a week before them.

    From a single week nothing is known of such differences: all samples are then last week.
    """
    past = measured(history, hours, samples)
    latest = past.x[:, _latest(past)]
    changes = past.x[:, HOURS_PER_WEEK:] - past.x[:, :-HOURS_PER_WEEK]
    drawn = _whole_days(changes[:, -WEEKS * HOURS_PER_WEEK :], past, samples, seed)
    return past.ensemble(latest[:, None] + drawn, "seasonal-naive", seed)


def hour_of_week_mean(history: xr.DataArray, hours: int, samples: int, seed: int) -> xr.DataArray:
    """Mean of the last four weeks at the same local hour, plus whole days of what it missed."""
    past = measured(history, hours, samples)
    profile, missed = weekly_mean(past)
    drawn = _whole_days(missed, past, samples, seed)
    return past.ensemble(profile[:, None, past.ahead] + drawn, "hour-of-week", seed)


def weekly_mean(past: Past) -> tuple[Floats, Floats]:
    """Mean of the last four weeks by the local hour of the week (n, 168), and what it missed.

    The latter (n, R) ends with the history. A mean of W weeks misses too little of those same
    weeks, by the root of (W - 1) / W, which is made good.
    """
    x, week = past.x[:, -WEEKS * HOURS_PER_WEEK :], past.week[-WEEKS * HOURS_PER_WEEK :]
    count = np.bincount(week, minlength=HOURS_PER_WEEK)
    total = np.stack([np.bincount(week, series, HOURS_PER_WEEK) for series in x])
    known = _filled(count > 0)
    profile = total[:, known] / count[known]
    weeks = x.shape[1] / HOURS_PER_WEEK
    missed = (x - profile[:, week]) * (np.sqrt(weeks / (weeks - 1)) if weeks > 1 else 0.0)
    return profile, missed


def _latest(past: Past) -> NDArray[np.int64]:
    """Where the history last had each coming hour of the week, (A,)."""
    last = np.full(HOURS_PER_WEEK, -1)
    last[past.week] = np.arange(len(past.week))
    found: NDArray[np.int64] = last[_filled(last >= 0)][past.ahead]
    return found


def _filled(known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For each hour of the week itself, or the hour before where a week of history lacks it."""
    hour = np.arange(len(known))
    filled: NDArray[np.int64] = np.where(known, hour, (hour - 1) % len(known))
    return filled


def _whole_days(residual: Floats, past: Past, samples: int, seed: int) -> Floats:
    """Draw for each sample and each coming 24 hours one past stretch of the same hours of day.

    residual : (n, R), ending with the history. Returns (n, samples, A).
    """
    hours = len(past.ahead)
    length = residual.shape[1]
    drawn = np.zeros((len(residual), samples, hours))
    days = length // DAY
    if days == 0:
        return drawn
    random = stream(seed, "whole days", past.times[-1].isoformat())
    for start in range(0, hours, DAY):
        back = random.integers(1, days + 1, samples)
        span = min(DAY, hours - start)
        index = length - DAY * back[:, None] + np.arange(span)
        drawn[:, :, start : start + span] = residual[:, index]
    return drawn
