"""Threshold with hysteresis: a station that had little to do sleeps until it has more.

Knows only what was measured: the traffic of the hour that is as old as the wake-up lead.
"""

from dataclasses import dataclass

import numpy as np

from netspatial.operate.policies.contract import Decision, Forecast, State
from netspatial.operate.relief import lead_h


@dataclass(frozen=True)
class Threshold:
    """Fall asleep below the load `off`, wake above the load `on`; loads as part of the capacity."""

    off: float = 0.10
    on: float = 0.18
    every: int = 1
    foresight: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Say who sleeps in the next hour, and for as long as nothing new is known."""
        network = state.network
        lead = lead_h(network)
        if state.past.shape[1] < lead:
            return Decision(np.zeros((network.size, forecast.hours), dtype=bool))
        load = state.past[:, -lead] / network.capacity
        sleeps = (load < self.off) | (state.asleep & (load <= self.on))
        return Decision(np.repeat(sleeps[:, None], forecast.hours, axis=1))
