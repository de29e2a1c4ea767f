"""Adapter from `Forecaster` to windows, so that untrained forecasters and networks are comparable.

A network gets the input of a window and the means of the history before it; a forecaster gets the
history up to the window's origin.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netspatial.forecast import Forecaster
from netspatial.forecast.forecaster import LEVELS
from netspatial.forecast.window_forecaster import Quantiles
from netspatial.forecast.windows import Windows
from netspatial.progress import Progress, silent


@dataclass(frozen=True)
class ByOrigin:
    """A forecaster without training, called once for each origin of windows."""

    forecaster: Forecaster

    def fit(
        self,
        windows: Windows,
        validation: Windows,
        seed: int = 0,
        progress: Progress = silent,
    ) -> "ByOrigin":
        """Return self: there is nothing to train."""
        del windows, validation, seed, progress
        return self

    def quantiles_of(self, windows: Windows, levels: Sequence[float] = LEVELS) -> Quantiles:
        """Return quantiles (N, H, K, Q) in the units of the tasks."""
        horizon, tasks = windows.shape.horizon, len(windows.tasks)
        found = np.empty((len(windows), horizon, tasks, len(levels)), dtype=np.float32)
        begins = np.column_stack([windows.panel, windows.origin])
        for number, origin in np.unique(begins, axis=0):
            rows = np.flatnonzero((windows.panel == number) & (windows.origin == origin))
            history = windows.panels[number].span(0, origin)
            quantiles = self.forecaster.predict_quantiles(history, horizon, levels)
            quantiles = quantiles.transpose("station", "time", "service", "quantile")
            found[rows] = quantiles.to_numpy()[windows.place[rows]]
        return found
