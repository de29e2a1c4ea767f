"""Nobody sleeps: what every other policy is measured against."""

from dataclasses import dataclass

import numpy as np

from netspatial.operate.policies.contract import Decision, Forecast, State


@dataclass(frozen=True)
class AlwaysOn:
    """All stations awake."""

    replan_every_h: int = 24
    perfect_information: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Keep all awake."""
        return Decision(np.zeros((state.network.size, forecast.hours), dtype=bool))
