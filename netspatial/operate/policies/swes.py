"""SWES: switching off by least network impact (Oh, Son and Krishnamachari, IEEE TWC 2013).

A station's network impact is the highest load of a neighbour that takes over its traffic. Our
variant orders stations by mean impact over all hours, where the original selects the least of each
hour. Energy is not considered.
"""

from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Floats
from netspatial.operate.dispatch.traffic_assignment import Shift, TrafficAssignment
from netspatial.operate.policies.contract import Decision, Forecast, State


@dataclass(frozen=True)
class Swes:
    """Sleep where the network impact stays below `impact`, part of a neighbour's capacity.

    Attributes
    ----------
    impact : float
        Highest load of a neighbour that takes over traffic.
    quantile : float
        Quantile of each station's traffic.
    replan_every_h : int
        Hours between decisions.
    perfect_information : bool
        False: it reads a forecast.
    """

    impact: float = 0.6
    quantile: float = 0.5
    replan_every_h: int = 24
    perfect_information: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Return the sleep plan of the hours ahead.

        Parameters
        ----------
        forecast : Forecast
            Forecast of the hours ahead.
        state : State
            The network.

        Returns
        -------
        Decision
        """
        demand = forecast.quantile(self.quantile)
        awake = np.zeros(demand.shape, dtype=bool)
        assignment = TrafficAssignment(state.network, demand, awake, np.zeros(demand.shape))
        first = {
            station: _impact(assignment, assignment.asleep_at(station), station).mean()
            for station in map(int, np.flatnonzero(state.network.may_sleep))
        }
        for station in sorted(first, key=lambda key: first[key]):
            shift = assignment.asleep_at(station)
            kept = (_impact(assignment, shift, station) < self.impact) & ~shift.blocked
            assignment.apply(station, shift, kept, asleep=True)
        return Decision(assignment.asleep)


def _impact(assignment: TrafficAssignment, shift: Shift, station: int) -> Floats:
    """Highest load (h,) of a station's neighbours that would take its traffic; 1 where none can."""
    servers = assignment.network.around[station].servers
    received = shift.load > assignment.load[np.ix_(servers, shift.hours)]
    highest = np.where(received, shift.load, 0).max(axis=0)
    impact: Floats = np.where(shift.blocked, 1.0, highest)
    return impact
