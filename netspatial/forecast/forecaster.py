"""What every forecaster can do, ours and its rivals: learn, forecast, read and write tables.

The contract of the room. A forecaster gives quantiles in real units; points are its median.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netspatial.errors import BadInput
from netspatial.forecast.panel import Panel
from netspatial.forecast.tables import from_table, to_table
from netspatial.forecast.windows import Shape, Windows

Floats = NDArray[np.float32]

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Quantile levels that are learnt; others are interpolated, none lie outside."""
MEDIAN = LEVELS.index(0.5)

Progress = Callable[[str, float], None]
"""Takes what is being done and how much of the whole is done, 0 to 1."""


class Forecaster(Protocol):
    """Whatever goes on from measured history."""

    name: str
    shape: Shape
    tasks: tuple[str, ...]

    def fit(
        self,
        windows: Windows,
        validation: Windows,
        seed: int = 0,
        progress: Progress | None = None,
    ) -> Self:
        """Learn from `windows`; `validation` says when to stop and how wide intervals must be."""
        ...

    def predict_quantiles(self, windows: Windows, levels: Sequence[float] = LEVELS) -> Floats:
        """Quantiles (N, H, K, Q) in real units, not negative, none falling along Q."""
        ...

    def predict(self, windows: Windows) -> Floats:
        """The median (N, H, K) in real units."""
        ...

    def predict_df(
        self, table: pd.DataFrame, timezone: str = "UTC", levels: Sequence[float] = LEVELS
    ) -> pd.DataFrame:
        """Go on from the end of a long table; see `tables`."""
        ...

    def save(self, folder: Path) -> str:
        """Write weights, config and card; return the fingerprint."""
        ...


class BaseForecaster(ABC):
    """What follows from quantiles alone, written once for all forecasters."""

    name: str
    shape: Shape
    tasks: tuple[str, ...]

    @abstractmethod
    def predict_quantiles(self, windows: Windows, levels: Sequence[float] = LEVELS) -> Floats:
        """Quantiles (N, H, K, Q) in real units, not negative, none falling along Q."""

    def predict(self, windows: Windows) -> Floats:
        """The median (N, H, K) in real units."""
        return self.predict_quantiles(windows, (0.5,))[..., 0]

    def predict_df(
        self, table: pd.DataFrame, timezone: str = "UTC", levels: Sequence[float] = LEVELS
    ) -> pd.DataFrame:
        """Go on from the end of a long table of place, time, task, value; see `tables`."""
        return self.predict_panel(from_table(table, timezone, asked=self.tasks), levels)

    def predict_panel(self, panel: Panel, levels: Sequence[float] = LEVELS) -> pd.DataFrame:
        """Go on from the end of a history: place, time, task, and a column for each level."""
        windows = Windows.latest([panel.with_tasks(self.tasks)], self.shape)
        return to_table(panel, self.tasks, self.predict_quantiles(windows, levels), levels)

    def check(self, windows: Windows) -> None:
        """Refuse windows of other tasks or another shape."""
        if windows.tasks != self.tasks:
            raise BadInput(
                f"The forecaster '{self.name}' is for {', '.join(self.tasks)}, and the windows "
                f"hold {', '.join(windows.tasks)}."
            )
        if windows.shape != self.shape:
            raise BadInput(
                f"The forecaster '{self.name}' goes from {self.shape.input_steps} steps to "
                f"{self.shape.horizon}, the windows from {windows.shape.input_steps} to "
                f"{windows.shape.horizon}."
            )


def at_levels(quantiles: Floats, levels: Sequence[float]) -> Floats:
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
    mixed: Floats = low + share * (high - low)
    return mixed
