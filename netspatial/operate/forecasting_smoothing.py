"""Exponential smoothing with a weekly season: the classical forecast of the field.

A rival of the generator, through statsmodels.
"""

import warnings

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from netspatial.errors import BadInput, MissingPart
from netspatial.operate.forecasting_history import measured
from netspatial.randomness import stream
from netspatial.timeline import HOURS_PER_WEEK

Floats = NDArray[np.float64]


def exponential_smoothing(
    history: xr.DataArray, hours: int, samples: int, seed: int
) -> xr.DataArray:
    """Holt-Winters: level and additive weekly season, both smoothed; errors drawn from the past.

    Two weeks are needed to tell the season from the level.
    """
    past = measured(history, hours, samples)
    if past.x.shape[1] < 2 * HOURS_PER_WEEK:
        raise BadInput(
            f"The history is {past.x.shape[1]} local hours long; exponential smoothing needs two "
            "weeks (336)."
        )
    values = np.empty((len(past.ids), samples, len(past.ahead)))
    for number, (name, series) in enumerate(zip(past.ids, past.x, strict=True)):
        random = stream(seed, "smoothing", name, past.times[-1].isoformat())
        values[number] = _simulated(series, len(past.ahead), samples, random)
    return past.ensemble(values, "exponential-smoothing", seed)


def _simulated(series: Floats, hours: int, samples: int, random: np.random.Generator) -> Floats:
    try:
        from statsmodels.tools.sm_exceptions import ConvergenceWarning  # noqa: PLC0415  bench extra
        from statsmodels.tsa.holtwinters import ExponentialSmoothing  # noqa: PLC0415
    except ImportError as error:
        raise MissingPart(
            "Exponential smoothing needs statsmodels: pip install 'netspatial[bench]'."
        ) from error
    # the season is estimated from whole weeks and must end with the history
    whole = series[-(len(series) // HOURS_PER_WEEK) * HOURS_PER_WEEK :]
    level, season = _start(whole)
    model = ExponentialSmoothing(
        whole,
        seasonal="add",
        seasonal_periods=HOURS_PER_WEEK,
        initialization_method="known",
        initial_level=level,
        initial_seasonal=season,
    )
    with warnings.catch_warnings():
        # a flat optimum still smooths; what it is worth shows in the scores
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = model.fit()
    drawn: Floats = fitted.simulate(
        hours, repetitions=samples, random_errors="bootstrap", rng=random
    )
    return np.asarray(drawn, dtype=np.float64).reshape(hours, samples).T


def _start(whole: Floats) -> tuple[float, Floats]:
    """Level and season before the first hour: the means of the weeks."""
    level = float(whole.mean())
    season: Floats = whole.reshape(-1, HOURS_PER_WEEK).mean(0) - level
    return level, season
