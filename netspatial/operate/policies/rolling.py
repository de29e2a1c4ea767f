"""Rolling control: the greedy plan made anew, whole, every few hours.

A plan reaches over the next day, on a forecast that has learned from the last hour; only its first
hours are carried out. The default differs in that it keeps its plan for a day, and revises it.
"""

from dataclasses import dataclass, replace

from netspatial.operate.policies.contract import Decision, Forecast, State
from netspatial.operate.policies.greedy import Greedy, first_hours


@dataclass(frozen=True)
class Rolling:
    """Greedy, planned anew every few hours. horizon : hours that each plan sees."""

    quantile: float = 0.6
    horizon: int = 24
    replan_every_h: int = 6
    perfect_information: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Say who sleeps in the hours ahead."""
        greedy = Greedy(quantile=self.quantile, replan_every_h=self.replan_every_h)
        return greedy.decide(first_hours(forecast, self.horizon), replace(state, plan=None))
