"""AR(1) correction of a forecast by the error of the last measured hour.

Forecast errors are autocorrelated: a station that was busier than forecast in the last hour is
likely to be so in the next. Policies that decide every few hours plan on the corrected forecast.
"""

from dataclasses import replace

import numpy as np

from netspatial.arrays import Floats
from netspatial.operate.policies.contract import Forecast, State
from netspatial.timeline import HOURS_PER_WEEK

WEEKS = 4
"""Weeks of history from which the autocorrelation is estimated."""
QUIET = 0.02
"""Part of a station's mean traffic that is added before logarithms, for hours near zero."""
MOST = 1.5
"""Limit of an hour's error, in natural logarithms."""


def ar1_update(forecast: Forecast, state: State) -> Forecast:
    """Forecast corrected by the error of the last measured hour, which decays as an AR(1) process.

    Parameters
    ----------
    forecast : Forecast
        Forecast of the hours ahead, with earlier medians.
    state : State
        Measured traffic, and its age.

    Returns
    -------
    Forecast
        Unchanged with less than two weeks of history, and before an operated hour is measured.

    Notes
    -----
    With e the logarithm of the traffic of the last measured hour over its forecast median, and rho
    the autocorrelation of such errors at a lag of one hour, the k-th hour after it is shifted by
    e rho^k, and its spread around the median, in logarithms, shrinks by sqrt(1 - rho^2k).
    """
    if forecast.before.shape[1] == 0 or (lasting := persistence(state.past)) is None:
        return forecast
    quiet = _quiet(state.past)
    error = np.log((state.past[:, -1] + quiet) / (forecast.before[:, -1] + quiet))
    since = 1 + state.age_h
    fades = lasting[:, None] ** np.arange(since, since + forecast.hours)
    middle = np.median(forecast.samples, axis=1, keepdims=True) + quiet[:, None, None]
    spread = np.log((forecast.samples + quiet[:, None, None]) / middle)
    moved = (
        np.sqrt(1 - fades**2)[:, None] * spread
        + (fades * np.clip(error, -MOST, MOST)[:, None])[:, None]
    )
    samples = middle * np.exp(moved) - quiet[:, None, None]
    return replace(forecast, samples=np.maximum(samples, 0))


def persistence(past: Floats) -> Floats | None:
    """Autocorrelation at a lag of one hour of the log change of traffic over one week.

    Parameters
    ----------
    past : array (N, h)
        Hourly traffic, the latest hour last.

    Returns
    -------
    array (N,) or None
        In [0, 1]; None where the history is shorter than two weeks.
    """
    recent = past[:, -WEEKS * HOURS_PER_WEEK :]
    if recent.shape[1] < 2 * HOURS_PER_WEEK:
        return None
    level = np.log(recent + _quiet(recent)[:, None])
    change = level[:, HOURS_PER_WEEK:] - level[:, :-HOURS_PER_WEEK]
    change -= change.mean(axis=1, keepdims=True)
    power = np.square(change).sum(axis=1)
    lasting = (change[:, 1:] * change[:, :-1]).sum(axis=1) / np.where(power > 0, power, 1)
    kept: Floats = np.clip(lasting, 0, 1)
    return kept


def _quiet(past: Floats) -> Floats:
    """Offset (N,) before logarithms, positive, in the unit of the traffic."""
    mean = past.mean(axis=1)
    return np.where(mean > 0, QUIET * mean, 1.0)
