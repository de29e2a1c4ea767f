"""Perfect information: the program on the true traffic, an upper bound of the saving."""

from dataclasses import dataclass

from netspatial.operate.policies.contract import Decision, Forecast, State
from netspatial.operate.policies.milp import best_sleep
from netspatial.timeline import HOURS_PER_WEEK


@dataclass(frozen=True)
class Oracle:
    """Best schedule for the actual traffic, with all traffic served that can be.

    `bound_kwh` of its decision holds for any schedule that leaves no more unserved, activations
    included.

    Attributes
    ----------
    least_sleep : int
        Minimum hours of a sleep interval.
    replan_every_h : int
        Hours between decisions.
    perfect_information : bool
        True: it reads the true traffic.
    """

    least_sleep: int = 1
    replan_every_h: int = HOURS_PER_WEEK
    perfect_information: bool = True

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Return the sleep plan of the hours ahead.

        Parameters
        ----------
        forecast : Forecast
            Its first sample is the true traffic.
        state : State
            The network.

        Returns
        -------
        Decision
        """
        truth = forecast.samples[:, 0, : self.replan_every_h]
        return best_sleep(state.network, truth, state.asleep, self.least_sleep)
