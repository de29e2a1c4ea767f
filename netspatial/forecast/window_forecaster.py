"""Adapter from trained networks to the forecaster contract.

A `WindowForecaster` gives quantiles of any windows; the forecast of a history uses the windows at
its end.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
from scipy.special import ndtri

from netspatial.arrays import Floats, Floats32, Indices
from netspatial.errors import BadInput
from netspatial.forecast.forecaster import LEVELS, MEDIAN, BaseForecaster
from netspatial.forecast.history import History
from netspatial.forecast.panel import Panel
from netspatial.forecast.schaake import sample_ranks
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.progress import Progress, silent

Quantiles = Floats32


class WindowForecaster(BaseForecaster):
    """A forecaster that is trained on windows and gives quantiles of windows.

    Attributes
    ----------
    name : str
        Name in files and tables.
    shape : WindowSpec
        Context length and horizon, steps.
    tasks : tuple of str
        Names of the K tasks.
    """

    name: str
    shape: WindowSpec
    tasks: tuple[str, ...]

    @abstractmethod
    def fit(
        self,
        windows: Windows,
        validation: Windows,
        seed: int = 0,
        progress: Progress = silent,
    ) -> Self:
        """Train on windows.

        Parameters
        ----------
        windows : Windows
            Training windows.
        validation : Windows
            For early stopping and interval calibration.
        seed : int
            Of the training.
        progress : Progress
            Called during training.

        Returns
        -------
        WindowForecaster
            Itself.
        """

    @abstractmethod
    def quantiles_of(self, windows: Windows, levels: Sequence[float] = LEVELS) -> Quantiles:
        """Quantiles of windows in real units.

        Parameters
        ----------
        windows : Windows
            N windows.
        levels : sequence of float
            Q quantile levels.

        Returns
        -------
        array (N, H, K, Q)
            Zero or more, none falling along Q.
        """

    @abstractmethod
    def save(self, folder: Path) -> str:
        """Write weights, config and card.

        Parameters
        ----------
        folder : Path
            Folder of the weights.

        Returns
        -------
        str
            Fingerprint of the weights.
        """

    def median_of(self, windows: Windows) -> Quantiles:
        """The median of windows in real units.

        Parameters
        ----------
        windows : Windows
            N windows.

        Returns
        -------
        array (N, H, K)
        """
        return self.quantiles_of(windows, (0.5,))[..., 0]

    def quantiles(self, past: History, levels: Sequence[float], seed: int) -> Floats:
        """Quantiles of a history; beyond the trained horizon, those of an ensemble.

        Parameters
        ----------
        past : History
            R rows and the H steps after them.
        levels : sequence of float
            Q quantile levels.
        seed : int
            Of the ensemble beyond the trained horizon.

        Returns
        -------
        array (R, Q, H)
            In the unit of each row.
        """
        if past.horizon > self.shape.horizon:
            return super().quantiles(past, levels, seed)
        found = self.quantiles_of(self._latest(self._own(past)), levels)
        return _rows(found[:, : past.horizon])

    def draw(self, past: History, samples: int, seed: int) -> Floats:
        """Samples at the levels of `schaake.sample_ranks`.

        Beyond the trained horizon each sample is continued from its own path.

        Parameters
        ----------
        past : History
            R rows and the H steps after them.
        samples : int
            Number of samples.
        seed : int
            Of the ranks.

        Returns
        -------
        array (R, samples, H)
            In the unit of each row.
        """
        panel = self._own(past)
        n, K = len(panel.ids), len(panel.tasks)
        ranks = sample_ranks(past, samples, seed)
        if ranks is None:  # too little history for ranks: full correlation
            ranks = np.broadcast_to(np.arange(samples)[:, None], (n * K, samples, past.horizon))
        levels = (ranks + 1) / (samples + 1)
        first = np.repeat(_rows(self.quantiles_of(self._latest(panel)))[:, None], samples, axis=1)
        paths = at_each_level(first[..., : past.horizon], levels[..., : self.shape.horizon])
        while paths.shape[2] < past.horizon:
            done = slice(paths.shape[2], min(paths.shape[2] + self.shape.horizon, past.horizon))
            coming = [
                _rows(self.quantiles_of(self._latest(panel.followed_by(_steps(path, K)))))
                for path in paths.swapaxes(0, 1)
            ]
            ahead = np.stack(coming, axis=1)[..., : done.stop - done.start]
            paths = np.concatenate([paths, at_each_level(ahead, levels[..., done])], axis=2)
        return paths

    def check(self, windows: Windows) -> None:
        """Raise an error for windows of other tasks or another shape.

        Parameters
        ----------
        windows : Windows
            Windows for this forecaster.

        Raises
        ------
        BadInput
            If tasks or shape differ.
        """
        if windows.tasks != self.tasks:
            raise BadInput(
                f"The forecaster '{self.name}' is for the tasks {', '.join(self.tasks)}; the "
                f"windows have {', '.join(windows.tasks)}."
            )
        if windows.shape != self.shape:
            raise BadInput(
                f"The forecaster '{self.name}' has context length {self.shape.context_length} and "
                f"horizon {self.shape.horizon}; the windows have {windows.shape.context_length} "
                f"and {windows.shape.horizon}."
            )

    def _latest(self, panel: Panel) -> Windows:
        return Windows.latest([panel], self.shape)

    def _own(self, past: History) -> Panel:
        """Panel of the history, checked for the tasks; a single series needs no name."""
        if not past.by_service and len(self.tasks) == 1:
            return replace(past.panel, tasks=self.tasks)
        if past.panel.tasks != self.tasks:
            raise BadInput(
                f"The forecaster '{self.name}' is for the tasks {', '.join(self.tasks)}; the "
                f"history has {', '.join(past.panel.tasks)}."
            )
        return past.panel


def at_each_level(quantiles: Floats, levels: Floats) -> Floats:
    """Values at individual levels from quantiles at LEVELS.

    Parameters
    ----------
    quantiles : array (..., Q, H)
        Quantiles at `LEVELS`.
    levels : array (..., H)
        Level of each value, between 0 and 1.

    Returns
    -------
    array (..., H)
        Linear between `LEVELS`; beyond the outermost, the distance from the median grows as in a
        normal distribution.

    Examples
    --------
    >>> quantiles = np.array(LEVELS)[:, None]
    >>> [at_each_level(quantiles, np.array([level])).round(3).item() for level in (0.25, 0.5)]
    [0.25, 0.5]
    """
    known = np.asarray(LEVELS)
    above = np.clip(np.searchsorted(known, levels), 1, len(known) - 1)
    share = np.clip((levels - known[above - 1]) / (known[above] - known[above - 1]), 0.0, 1.0)

    def at(index: Indices) -> Floats:
        found: Floats = np.take_along_axis(quantiles, index[..., None, :], axis=-2)[..., 0, :]
        return found

    inside = at(above - 1) + share * (at(above) - at(above - 1))
    beyond = np.maximum(ndtri(np.maximum(levels, 1 - levels)) / ndtri(LEVELS[-1]) - 1, 0.0)
    values: Floats = inside + beyond * (inside - quantiles[..., MEDIAN, :])
    return values


def _rows(quantiles: Quantiles) -> Floats:
    """Quantiles (n, H, K, Q) as rows (n K, Q, H)."""
    n, H, K, Q = quantiles.shape
    rows: Floats = quantiles.transpose(0, 2, 3, 1).reshape(n * K, Q, H).astype(np.float64)
    return rows


def _steps(rows: Floats, services: int) -> Floats32:
    """Rows (n K, t) of one sample as values (n, t, K), never negative."""
    steps = np.maximum(rows, 0.0).reshape(-1, services, rows.shape[1]).transpose(0, 2, 1)
    return steps.astype(np.float32)
