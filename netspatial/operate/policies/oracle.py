"""Perfect foresight: the program on the true traffic. No policy, but the bound for all of them."""

from dataclasses import dataclass, replace

from netspatial.operate.bound import bound_kwh
from netspatial.operate.policies.contract import Decision, Forecast, State
from netspatial.operate.policies.milp import best_sleep


@dataclass(frozen=True)
class Oracle:
    """The best schedule for the traffic that will come, serving all that can be served.

    Its decision carries `bound_kwh`, which no schedule undercuts that leaves no more unserved.
    """

    least_sleep: int = 1
    every: int = 24
    foresight: bool = True

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Say who sleeps in the hours ahead."""
        truth = forecast.samples[:, 0, : self.every]
        best = best_sleep(state.network, truth, state.asleep, self.least_sleep)
        bound = bound_kwh(state.network, truth, best.asleep)
        return replace(best, bound_kwh=max(bound, best.bound_kwh or 0.0))
