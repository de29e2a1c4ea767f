"""Perfect foresight: the program on the true traffic. No policy, but the bound for all of them."""

from dataclasses import dataclass

from netspatial.operate.policies.contract import Decision, Forecast, State
from netspatial.operate.policies.milp import best_sleep
from netspatial.timeline import HOURS_PER_WEEK


@dataclass(frozen=True)
class Oracle:
    """The best schedule for the traffic that will come, serving all that can be served.

    Its decision carries `bound_kwh`, which holds for any schedule that leaves no more unserved,
    wakings included.
    """

    least_sleep: int = 1
    replan_every_h: int = HOURS_PER_WEEK
    perfect_information: bool = True

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Say who sleeps in the hours ahead."""
        truth = forecast.samples[:, 0, : self.replan_every_h]
        return best_sleep(state.network, truth, state.asleep, self.least_sleep)
