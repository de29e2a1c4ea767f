"""A forecast that has learned: what the last hour carried against what was said of it.

Errors of a forecast last: where a station was busier than forecast in the last hour, it will most
likely be so in the next. Policies that decide hour by hour plan with the forecast moved so.
"""

from dataclasses import replace

import numpy as np

from netspatial.arrays import Floats
from netspatial.operate.policies.contract import Forecast, State
from netspatial.timeline import HOURS_PER_WEEK

WEEKS = 4
"""Weeks of history that tell how long errors last."""
QUIET = 0.02
"""Part of a station's mean traffic that is added before logarithms, so that idle hours are tame."""
MOST = 1.5
"""An hour's error counts as at most this, in natural logarithms."""


def ar1_update(forecast: Forecast, state: State) -> Forecast:
    """Move a forecast by the error of the last hour, which fades as an AR(1) process does.

    With e the logarithm of what the last measured hour carried over the median that was forecast of
    it, and rho the correlation of such errors from hour to hour, the k-th hour after it is moved by
    e rho^k, and its spread around the median, in logarithms, shrinks by sqrt(1 - rho^2k). With less
    than two weeks measured nothing is known of rho, and while none of the operated hours is
    measured there is no error: the forecast then stays as it is.
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
    """Correlation (N,) from hour to hour of what hours carry against the same a week before.

    past : (N, h) traffic; None where it is shorter than two weeks
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
    """What is added before logarithms (N,): never zero, in the unit of the traffic."""
    mean = past.mean(axis=1)
    return np.where(mean > 0, QUIET * mean, 1.0)
