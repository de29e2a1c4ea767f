"""Rolling control: the greedy plan made anew every few hours, on a forecast that has learned.

The forecast is scaled, station by station, by what the last hours carried against what the forecast
said of them; a plan reaches over the next day, and only its first hours are carried out.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from netspatial.operate.policies.contract import Decision, Forecast, State
from netspatial.operate.policies.greedy import Greedy

Floats = NDArray[np.float64]

RECENT_H = 6
"""Hours of history that correct a forecast."""
MOST = 2.0
"""A forecast is corrected by at most this factor, up or down."""


@dataclass(frozen=True)
class Rolling:
    """Greedy on a corrected forecast, decided anew every few hours.

    trust : how fast a correction fades: its part that is left after a day
    """

    quantile: float = 0.6
    trust: float = 0.1
    horizon: int = 24
    every: int = 6
    foresight: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Say who sleeps in the hours ahead."""
        corrected = forecast.samples[:, :, : self.horizon] * self._factor(forecast, state)[:, None]
        ahead = replace(
            forecast, samples=corrected, hour_of_day=forecast.hour_of_day[: self.horizon]
        )
        return Greedy(quantile=self.quantile).decide(ahead, state)

    def _factor(self, forecast: Forecast, state: State) -> Floats:
        """Correction (N, H) of each station's forecast, fading with the hours ahead."""
        hours = np.arange(min(self.horizon, forecast.hours))
        recent = min(RECENT_H, state.past.shape[1], forecast.before.shape[1])
        if recent == 0:
            return np.ones((state.network.size, len(hours)))
        said = forecast.before[:, -recent:].sum(axis=1)
        carried = state.past[:, -recent:].sum(axis=1)
        ratio = np.where(said > 0, carried / np.where(said > 0, said, 1), 1.0)
        ratio = np.clip(ratio, 1 / MOST, MOST)
        fading: Floats = ratio[:, None] ** (self.trust ** (hours / 24))
        return fading
