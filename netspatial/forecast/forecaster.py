"""One contract for every forecaster: history and a horizon in, an ensemble or quantiles out.

    predict(history, horizon, samples, seed)  -> (station, sample, [service,] time)
    predict_quantiles(history, horizon, levels) -> (station, quantile, [service,] time)

A history is a series (station, [service,] time) or a `Panel`. The seasonal rules, exponential
smoothing, the generator and every trained network keep this contract, so each serves `operate`,
`netspatial forecast` and the benches. Each form follows from the other:

- What draws samples says `draw`; its quantiles are those of a larger ensemble.
- What gives quantiles (networks, through `window_forecaster`) draws by `schaake.sample_ranks`: of S
  samples, each takes in each step the quantile at level (rank + 1) / (S + 1), where `rank` is that
  of one past stretch of steps among S. So every step has the levels 1 / (S + 1) ... S / (S + 1),
  and what was busy at once in the past, over steps and stations, is so in one sample.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import xarray as xr

from netspatial.arrays import Floats, Floats32
from netspatial.errors import BadInput
from netspatial.forecast.history import LONGEST_H, MOST_LEAD_H, History, Series, read_history

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Quantile levels that networks learn; others are interpolated, none lie outside."""
MEDIAN = LEVELS.index(0.5)
SAMPLES = 19
"""Samples by default: the fewest whose order statistics bound nine tenths exactly."""
QUANTILE_SAMPLES = 99
"""Samples from which quantiles of an ensemble are taken."""

Progress = Callable[[str, float], None]
"""Takes what is being done and how much of the whole is done, 0 to 1."""


class Forecaster(Protocol):
    """Whatever continues a measured history."""

    @property
    def name(self) -> str:
        """What it is called in files and tables."""
        ...

    def predict(
        self, history: Series, horizon: int, samples: int = SAMPLES, seed: int = 0
    ) -> xr.DataArray:
        """Ensemble (station, sample, [service,] time) of the next `horizon` steps, not negative."""
        ...

    def predict_quantiles(
        self, history: Series, horizon: int, levels: Sequence[float] = LEVELS, seed: int = 0
    ) -> xr.DataArray:
        """Quantiles (station, quantile, [service,] time), not negative, none falling."""
        ...


class BaseForecaster(ABC):
    """What follows from samples alone, written once; a new forecaster says `name` and `draw`."""

    name: str

    @abstractmethod
    def draw(self, past: History, samples: int, seed: int) -> Floats:
        """Samples (R, samples, H) of the rows of a history."""

    def origin(self) -> dict[str, str]:
        """What is written beside a forecast: fingerprints of weights, where there are any."""
        return {}

    def quantiles(self, past: History, levels: Sequence[float], seed: int) -> Floats:
        """Quantiles (R, Q, H) of the rows of a history."""
        drawn = self.draw(past, QUANTILE_SAMPLES, seed)
        # plotting positions k / (S + 1), as ensembles are made of quantiles
        found: Floats = np.quantile(drawn, levels, axis=1, method="weibull").swapaxes(0, 1)
        return found

    def predict(
        self, history: Series, horizon: int, samples: int = SAMPLES, seed: int = 0
    ) -> xr.DataArray:
        """Ensemble (station, sample, [service,] time) of the next `horizon` steps, not negative."""
        past = read_history(history, horizon, samples)
        values = self.draw(past, samples, seed)
        labelled = past.label(values, "sample", np.arange(samples), self.name)
        return labelled.assign_attrs(seed=seed, **self.origin())

    def predict_quantiles(
        self, history: Series, horizon: int, levels: Sequence[float] = LEVELS, seed: int = 0
    ) -> xr.DataArray:
        """Quantiles (station, quantile, [service,] time), not negative, none falling."""
        past = read_history(history, horizon)
        labelled = past.label(self.quantiles(past, levels, seed), "quantile", levels, self.name)
        return labelled.assign_attrs(self.origin())


def require_within_a_week(past: History) -> None:
    """Refuse to look further ahead than a week and a day, where nothing measured helps any more."""
    hours = LONGEST_H + MOST_LEAD_H
    most = hours * past.steps_per_day // 24
    if past.horizon > most:
        raise BadInput(
            f"A forecast of {past.horizon} steps was asked for; up to {most} ({hours} hours) can "
            "be forecast at once."
        )


def at_levels(quantiles: Floats32, levels: Sequence[float]) -> Floats32:
    """From quantiles (..., len(LEVELS)) to those at other levels (..., len(levels))."""
    wanted = np.asarray(levels, dtype=np.float64)
    outside = (wanted < LEVELS[0]) | (wanted > LEVELS[-1])
    if outside.any():
        raise BadInput(
            f"The level {wanted[outside][0]:g} lies outside {LEVELS[0]} to {LEVELS[-1]}, which "
            "forecasts reach."
        )
    known = np.asarray(LEVELS)
    above = np.clip(np.searchsorted(known, wanted), 1, len(known) - 1)
    share = ((wanted - known[above - 1]) / (known[above] - known[above - 1])).astype(np.float32)
    low, high = quantiles[..., above - 1], quantiles[..., above]
    mixed: Floats32 = low + share * (high - low)
    return mixed
