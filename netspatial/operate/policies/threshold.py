"""Threshold with hysteresis: a station sleeps at low load until its load rises again.

Reads the traffic of the last measured hour; for upcoming hours, the forecast median instead.
"""

from dataclasses import dataclass

import numpy as np

from netspatial.operate.policies.contract import Decision, Forecast, State


@dataclass(frozen=True)
class Threshold:
    """Fall asleep below the load `off`, wake above the load `on`; loads as part of the capacity.

    Attributes
    ----------
    off : float
        Load below which a station falls asleep.
    on : float
        Load above which a sleeping station wakes.
    replan_every_h : int
        Hours between decisions.
    perfect_information : bool
        False: it reads measurements or a forecast.
    """

    off: float = 0.10
    on: float = 0.18
    replan_every_h: int = 1
    perfect_information: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Return the sleeping stations of the next hour, repeated over the hours ahead.

        Parameters
        ----------
        forecast : Forecast
            Its median of the first hour is read where no measurement is recent enough.
        state : State
            Measured traffic and sleeping stations.

        Returns
        -------
        Decision
        """
        network = state.network
        timely = state.past.shape[1] > 0 and state.age_h <= network.lead_h
        traffic = state.past[:, -1] if timely else np.median(forecast.samples[:, :, 0], axis=1)
        load = traffic / network.capacity
        sleeps = (load < self.off) | (state.asleep & (load <= self.on))
        return Decision(np.repeat(sleeps[:, None], forecast.hours, axis=1))
