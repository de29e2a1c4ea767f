"""Chance-constrained policy: in most scenarios of the forecast, all traffic must be served.

One program per hour over a few joint samples of the stations' traffic. Activations have no price.
"""

from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Floats, Mask
from netspatial.operate.dispatch.dispatch import dispatch
from netspatial.operate.network import Network
from netspatial.operate.policies.contract import Decision, Forecast, State
from netspatial.operate.policies.greedy import greedy_sleep
from netspatial.operate.policies.sleep_program import Sleeping, SolverLimits, solve

PATIENCE_S = 10.0
"""Default time limit of the program of one hour, seconds."""
LOOSE = 2e-3
"""Relative gap at which a program of several scenarios stops."""


@dataclass(frozen=True)
class Chance:
    """Serve all traffic in at least a part 1 - `risk` of the scenarios.

    Attributes
    ----------
    scenarios : int
        Samples in the program, evenly spread by their total traffic.
    risk : float
        Part of the scenarios in which traffic may stay unserved.
    patience : float
        Time limit of the program of one hour, s; the best schedule by then is used.
    replan_every_h : int
        Hours between decisions.
    perfect_information : bool
        False: it reads a forecast.
    """

    scenarios: int = 4
    risk: float = 0.25
    patience: float = PATIENCE_S
    replan_every_h: int = 24
    perfect_information: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Return the sleep plan of the hours that will be executed.

        Parameters
        ----------
        forecast : Forecast
            Forecast of the hours ahead.
        state : State
            What is known when the first of them is decided.

        Returns
        -------
        Decision
            A note reports hours in which the program found no schedule in time.
        """
        network = state.network
        asleep = np.zeros((network.size, min(self.replan_every_h, forecast.hours)), dtype=bool)
        missed = 0
        fallback: Mask | None = None
        for hour in range(asleep.shape[1]):
            found = self._hour(network, forecast.samples[:, :, hour])
            if found is None:
                missed += 1
                if fallback is None:
                    fallback = greedy_sleep(network, forecast.quantile(1 - self.risk), state.asleep)
                found = fallback[:, hour]
            asleep[:, hour] = found
        note = (
            f"The program over scenarios found no schedule for {missed} hours in "
            f"{self.patience:g} s each; these use the greedy plan."
        )
        return Decision(asleep, notes=(note,) if missed else (), reactive=True)

    def _hour(self, network: Network, samples: Floats) -> Mask | None:
        """Sleeping stations of one hour for samples (N, S); None if no schedule was found."""
        order = np.argsort(samples.sum(axis=0), kind="stable")
        count = min(self.scenarios, len(order))
        middle = ((np.arange(count) + 0.5) / count * len(order)).astype(int)
        demand = samples[:, order[middle]]
        awake = dispatch(network, demand, np.zeros(demand.shape, dtype=bool))
        solved = solve(
            network,
            demand.T[:, :, None],
            awake.unserved.sum(axis=0)[:, None],
            Sleeping(np.zeros(network.size, dtype=bool), priced=False),
            SolverLimits(self.patience, LOOSE),
            broken=int(self.risk * count + 1e-9),
        )
        return None if solved.asleep is None else solved.asleep[:, 0]
