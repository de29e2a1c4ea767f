"""Exponential smoothing with a weekly season (statsmodels): the classical baseline."""

import warnings

import numpy as np

from netspatial.arrays import Floats
from netspatial.errors import MissingPart
from netspatial.forecast.forecaster import BaseForecaster, require_within_a_week
from netspatial.forecast.history import History
from netspatial.randomness import stream

FEWEST_DAYS = 14
"""Two weeks are needed to separate season and level."""


class ExponentialSmoothing(BaseForecaster):
    """Holt-Winters: smoothed level and additive weekly season, with bootstrapped errors."""

    name = "exponential-smoothing"

    def draw(self, past: History, samples: int, seed: int) -> Floats:
        """Simulated forecasts of each row.

        Parameters
        ----------
        past : History
            R rows of at least two weeks, and the H steps after them.
        samples : int
            Number of samples.
        seed : int
            Of the bootstrapped errors.

        Returns
        -------
        array (R, samples, H)
            In the unit of each row.

        Raises
        ------
        MissingPart
            If statsmodels is not installed.
        BadInput
            If the history is too short or has long gaps.
        """
        past.require_measured()
        past.require_days(FEWEST_DAYS, f"the forecaster '{self.name}'")
        require_within_a_week(past)
        end = past.panel.times[-1].isoformat()
        drawn = [
            _simulated(
                row,
                past.steps_per_week,
                len(past.ahead),
                samples,
                stream(seed, "smoothing", name, end),
            )
            for name, row in zip(past.names, past.filled(past.x), strict=True)
        ]
        return np.stack(drawn)[..., past.asked]


def _simulated(
    series: Floats, season: int, horizon: int, samples: int, random: np.random.Generator
) -> Floats:
    try:
        from statsmodels.tools.sm_exceptions import ConvergenceWarning  # noqa: PLC0415  bench extra
        from statsmodels.tsa.holtwinters import ExponentialSmoothing as HoltWinters  # noqa: PLC0415
    except ImportError as error:
        raise MissingPart(
            "Exponential smoothing needs statsmodels: pip install 'netspatial[bench]'."
        ) from error
    # the season is estimated from whole weeks and must end with the history
    whole = series[-(len(series) // season) * season :]
    level, first = _start(whole, season)
    model = HoltWinters(
        whole,
        seasonal="add",
        seasonal_periods=season,
        initialization_method="known",
        initial_level=level,
        initial_seasonal=first,
    )
    # a flat optimum is good enough, and the AIC, infinite for a perfect fit, is not used
    with warnings.catch_warnings(), np.errstate(divide="ignore"):
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = model.fit()
    drawn: Floats = fitted.simulate(
        horizon, repetitions=samples, random_errors="bootstrap", rng=random
    )
    return np.asarray(drawn, dtype=np.float64).reshape(horizon, samples).T


def _start(whole: Floats, steps: int) -> tuple[float, Floats]:
    """Level and season before the first hour: the means of the weeks."""
    level = float(whole.mean())
    season: Floats = whole.reshape(-1, steps).mean(0) - level
    return level, season
