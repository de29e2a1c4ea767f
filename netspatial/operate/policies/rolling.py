"""Rolling-horizon control: a new greedy plan every few hours.

Each plan covers the next day, on the AR(1)-corrected forecast; only its first hours are executed.
The default policy keeps its plan for a day and revises it instead.
"""

from dataclasses import dataclass, replace

from netspatial.operate.policies.contract import Decision, Forecast, State
from netspatial.operate.policies.greedy import Greedy, first_hours


@dataclass(frozen=True)
class Rolling:
    """Greedy with a new plan every few hours.

    Attributes
    ----------
    quantile : float
        Quantile of each station's traffic, first value.
    horizon : int
        Hours of each plan.
    replan_every_h : int
        Hours between decisions.
    perfect_information : bool
        False: it reads a forecast.
    """

    quantile: float = 0.6
    horizon: int = 24
    replan_every_h: int = 6
    perfect_information: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Return the sleep plan of the hours ahead.

        Parameters
        ----------
        forecast : Forecast
            Forecast of the hours ahead.
        state : State
            What is known when the first of them is decided.

        Returns
        -------
        Decision
        """
        greedy = Greedy(quantile=self.quantile, replan_every_h=self.replan_every_h)
        return greedy.decide(first_hours(forecast, self.horizon), replace(state, plan=None))
