"""Threshold with hysteresis: a station that had little to do sleeps until it has more.

Reads the traffic of the last hour measured; of hours yet to come, in which nothing is measured in
time, the median of their forecast instead.
"""

from dataclasses import dataclass

import numpy as np

from netspatial.operate.policies.contract import Decision, Forecast, State


@dataclass(frozen=True)
class Threshold:
    """Fall asleep below the load `off`, wake above the load `on`; loads as part of the capacity."""

    off: float = 0.10
    on: float = 0.18
    replan_every_h: int = 1
    perfect_information: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Say who sleeps in the next hour, and for as long as nothing new is known."""
        network = state.network
        timely = state.past.shape[1] > 0 and state.age_h <= network.lead_h
        traffic = state.past[:, -1] if timely else np.median(forecast.samples[:, :, 0], axis=1)
        load = traffic / network.capacity
        sleeps = (load < self.off) | (state.asleep & (load <= self.on))
        return Decision(np.repeat(sleeps[:, None], forecast.hours, axis=1))
