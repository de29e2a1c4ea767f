"""Contract of every forecaster: history and horizon in, an ensemble or quantiles out.

    predict(history, horizon, samples, seed)  -> (station, sample, [service,] time)
    predict_quantiles(history, horizon, levels) -> (station, quantile, [service,] time)

A history is a series (station, [service,] time) or a `Panel`. All seasonal rules, exponential
smoothing, the generator and every trained network follow this contract, for `operate`,
`netspatial forecast` and the benches. Each output follows from the other:

- Samplers implement `draw`; their quantiles are those of a larger ensemble.
- Quantile forecasters (networks, through `window_forecaster`) sample by `schaake.sample_ranks`: of
  S samples, each takes in each step the quantile at level (rank + 1) / (S + 1), where `rank` is
  that of one past period among S. So every step has the levels 1 / (S + 1) ... S / (S + 1), and
  samples keep the past correlation over steps and stations.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import xarray as xr

from netspatial.arrays import Floats, Floats32
from netspatial.errors import BadInput
from netspatial.forecast.history import LONGEST_H, MAX_LEAD_H, History, Series, read_history

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Quantile levels of the networks; others are interpolated, none lie outside."""
MEDIAN = LEVELS.index(0.5)
SAMPLES = 19
"""Default number of samples: the fewest whose order statistics bound 90 % exactly."""
QUANTILE_SAMPLES = 99
"""Samples from which the quantiles of a sampler are estimated."""


class Forecaster(Protocol):
    """Forecasts a measured history: the contract of all forecasters.

    Attributes
    ----------
    name : str
        Name in files and tables.
    """

    @property
    def name(self) -> str:
        """Name in files and tables."""
        ...

    def predict(
        self, history: Series, horizon: int, samples: int = SAMPLES, seed: int = 0
    ) -> xr.DataArray:
        """Ensemble of the next `horizon` steps.

        Parameters
        ----------
        history : DataArray (station, [service,] time) or Panel
            Measured traffic at even steps, UTC time stamps, NaN where not measured; with the
            attribute `timezone`.
        horizon : int
            Number of steps to forecast.
        samples : int
            Number of samples S.
        seed : int
            Of the samples.

        Returns
        -------
        DataArray (station, sample, [service,] time)
            Zero or more, in the unit of the history.
        """
        ...

    def predict_quantiles(
        self, history: Series, horizon: int, levels: Sequence[float] = LEVELS, seed: int = 0
    ) -> xr.DataArray:
        """Quantiles of the next `horizon` steps.

        Parameters
        ----------
        history : DataArray (station, [service,] time) or Panel
            As in `predict`.
        horizon : int
            Number of steps to forecast.
        levels : sequence of float
            Quantile levels between 0 and 1.
        seed : int
            Of the samples from which the quantiles of a sampler are estimated.

        Returns
        -------
        DataArray (station, quantile, [service,] time)
            Zero or more, none falling over the levels, in the unit of the history.
        """
        ...


class BaseForecaster(ABC):
    """Base class that derives the contract from `name` and `draw`.

    Attributes
    ----------
    name : str
        Name in files and tables.
    """

    name: str

    @abstractmethod
    def draw(self, past: History, samples: int, seed: int) -> Floats:
        """Samples of the rows of a history.

        Parameters
        ----------
        past : History
            R rows and the H steps after them.
        samples : int
            Number of samples.
        seed : int
            Of the samples.

        Returns
        -------
        array (R, samples, H)
            In the unit of each row.
        """

    def origin(self) -> dict[str, str]:
        """Attributes of a forecast: fingerprints of the weights, if any.

        Returns
        -------
        dict from str to str
        """
        return {}

    def quantiles(self, past: History, levels: Sequence[float], seed: int) -> Floats:
        """Quantiles of the rows of a history, by default those of `QUANTILE_SAMPLES` samples.

        Parameters
        ----------
        past : History
            R rows and the H steps after them.
        levels : sequence of float
            Q quantile levels.
        seed : int
            Of the samples.

        Returns
        -------
        array (R, Q, H)
            In the unit of each row.
        """
        drawn = self.draw(past, QUANTILE_SAMPLES, seed)
        # plotting positions k / (S + 1), as in ensembles made from quantiles
        found: Floats = np.quantile(drawn, levels, axis=1, method="weibull").swapaxes(0, 1)
        return found

    def predict(
        self, history: Series, horizon: int, samples: int = SAMPLES, seed: int = 0
    ) -> xr.DataArray:
        """Ensemble of the next `horizon` steps; see `Forecaster.predict`.

        Parameters
        ----------
        history : DataArray (station, [service,] time) or Panel
            Measured traffic at even steps, NaN where not measured.
        horizon : int
            Number of steps to forecast.
        samples : int
            Number of samples.
        seed : int
            Of the samples.

        Returns
        -------
        DataArray (station, sample, [service,] time)
            Zero or more, in the unit of the history.

        Raises
        ------
        BadInput
            If horizon or samples are below 1, or the history is too short or not valid.
        """
        past = read_history(history, horizon, samples)
        values = self.draw(past, samples, seed)
        labelled = past.label(values, "sample", np.arange(samples), self.name)
        return labelled.assign_attrs(seed=seed, **self.origin())

    def predict_quantiles(
        self, history: Series, horizon: int, levels: Sequence[float] = LEVELS, seed: int = 0
    ) -> xr.DataArray:
        """Quantiles of the next `horizon` steps; see `Forecaster.predict_quantiles`.

        Parameters
        ----------
        history : DataArray (station, [service,] time) or Panel
            Measured traffic at even steps, NaN where not measured.
        horizon : int
            Number of steps to forecast.
        levels : sequence of float
            Quantile levels between 0 and 1.
        seed : int
            Of the samples from which the quantiles of a sampler are estimated.

        Returns
        -------
        DataArray (station, quantile, [service,] time)
            Zero or more, none falling over the levels, in the unit of the history.

        Raises
        ------
        BadInput
            If the horizon is below 1, or the history is too short or not valid.
        """
        past = read_history(history, horizon)
        labelled = past.label(self.quantiles(past, levels, seed), "quantile", levels, self.name)
        return labelled.assign_attrs(self.origin())


def require_within_a_week(past: History) -> None:
    """Raise an error for a horizon beyond a week and a day.

    Parameters
    ----------
    past : History
        History and horizon.

    Raises
    ------
    BadInput
        If the horizon is longer.
    """
    hours = LONGEST_H + MAX_LEAD_H
    most = hours * past.steps_per_day // 24
    if past.horizon > most:
        raise BadInput(
            f"The horizon is {past.horizon} steps; at most {most} ({hours} hours) can be forecast "
            "at once."
        )


def at_levels(quantiles: Floats32, levels: Sequence[float]) -> Floats32:
    """Quantiles at other levels, linearly interpolated from those at `LEVELS`.

    Parameters
    ----------
    quantiles : array (..., len(LEVELS))
        Quantiles at `LEVELS`.
    levels : sequence of float
        Levels within the range of `LEVELS`.

    Returns
    -------
    array (..., len(levels))

    Raises
    ------
    BadInput
        If a level lies outside the range of `LEVELS`.

    Examples
    --------
    >>> at_levels(np.array(LEVELS, dtype=np.float32), [0.5, 0.25]).round(2).tolist()
    [0.5, 0.25]
    """
    wanted = np.asarray(levels, dtype=np.float64)
    outside = (wanted < LEVELS[0]) | (wanted > LEVELS[-1])
    if outside.any():
        raise BadInput(
            f"The level {wanted[outside][0]:g} lies outside {LEVELS[0]} to {LEVELS[-1]}, the range "
            "of the forecasts."
        )
    known = np.asarray(LEVELS)
    above = np.clip(np.searchsorted(known, wanted), 1, len(known) - 1)
    share = ((wanted - known[above - 1]) / (known[above] - known[above - 1])).astype(np.float32)
    low, high = quantiles[..., above - 1], quantiles[..., above]
    mixed: Floats32 = low + share * (high - low)
    return mixed
