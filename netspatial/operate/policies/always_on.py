"""Always-on: the reference of all policies, no station sleeps."""

from dataclasses import dataclass

import numpy as np

from netspatial.operate.policies.contract import Decision, Forecast, State


@dataclass(frozen=True)
class AlwaysOn:
    """All stations awake.

    Attributes
    ----------
    replan_every_h : int
        Hours between decisions.
    perfect_information : bool
        False: it reads a forecast.
    """

    replan_every_h: int = 24
    perfect_information: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Return a plan with all stations awake.

        Parameters
        ----------
        forecast : Forecast
            Forecast of the hours ahead; only their number is read.
        state : State
            The network.

        Returns
        -------
        Decision
        """
        return Decision(np.zeros((state.network.size, forecast.hours), dtype=bool))
