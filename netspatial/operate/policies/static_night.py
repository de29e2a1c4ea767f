"""Static night schedule: all stations that may sleep do so in fixed hours."""

from dataclasses import dataclass

import numpy as np

from netspatial.operate.policies.contract import Decision, Forecast, State


@dataclass(frozen=True)
class StaticNight:
    """Sleep from local hour `start` until `end`, whatever the traffic.

    Attributes
    ----------
    start : int
        First local hour of sleep, 0 to 23.
    end : int
        First local hour awake, 0 to 23.
    replan_every_h : int
        Hours between decisions.
    perfect_information : bool
        False: it reads a forecast.
    """

    start: int = 1
    end: int = 6
    replan_every_h: int = 24
    perfect_information: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Return the sleep plan of the hours ahead.

        Parameters
        ----------
        forecast : Forecast
            Only the hours of the day are read.
        state : State
            The network.

        Returns
        -------
        Decision
        """
        night = (forecast.hour_of_day - self.start) % 24 < (self.end - self.start) % 24
        return Decision(np.outer(state.network.may_sleep, night))
