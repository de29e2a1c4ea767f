"""Forecasters of the one contract on the windows that networks are judged on.

What a network reads of a window is its input and the means of all that came before; what these
read is the same: the history up to where the window begins to forecast.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netspatial.forecast import Forecaster
from netspatial.forecast.forecaster import LEVELS, Progress
from netspatial.forecast.window_forecaster import Quantiles
from netspatial.forecast.windows import Windows


@dataclass(frozen=True)
class ByOrigin:
    """A forecaster that needs no training, asked once for each hour from which windows look on."""

    forecaster: Forecaster

    def fit(
        self,
        windows: Windows,
        validation: Windows,
        seed: int = 0,
        progress: Progress | None = None,
    ) -> "ByOrigin":
        """Learn nothing."""
        del windows, validation, seed, progress
        return self

    def quantiles_of(self, windows: Windows, levels: Sequence[float] = LEVELS) -> Quantiles:
        """Quantiles (N, H, K, Q) in real units."""
        horizon, tasks = windows.shape.horizon, len(windows.tasks)
        found = np.empty((len(windows), horizon, tasks, len(levels)), dtype=np.float32)
        begins = np.column_stack([windows.panel, windows.origin])
        for number, origin in np.unique(begins, axis=0):
            rows = np.flatnonzero((windows.panel == number) & (windows.origin == origin))
            history = windows.panels[number].span(0, origin)
            said = self.forecaster.predict_quantiles(history, horizon, levels)
            said = said.transpose("station", "time", "service", "quantile")
            found[rows] = said.to_numpy()[windows.place[rows]]
        return found
