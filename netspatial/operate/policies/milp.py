"""Mixed-integer program on a quantile of the forecast.

Hours are solved separately, with wake prices in place of activations; then every station gets its
optimal sleep intervals with activations, a heuristic step. Small networks are solved as a whole.
"""

from dataclasses import dataclass, replace

import numpy as np

from netspatial.arrays import Floats, Mask
from netspatial.operate.dispatch.traffic_assignment import TrafficAssignment
from netspatial.operate.network import Network
from netspatial.operate.plan_selection import combine_plans, evaluate_plan
from netspatial.operate.policies.contract import Decision, Forecast, State
from netspatial.operate.policies.greedy import greedy_plan, improve
from netspatial.operate.policies.sleep_program import Sleeping, Solved, SolverLimits, solve
from netspatial.operate.sleep_intervals import wake_prices

SMALL = 200
"""Stations times hours up to which the whole program is solved at once, activations included."""
HOUR_S = 10.0
"""Time limit of the program of one hour, seconds."""
WHOLE_S = 60.0
"""Time limit of the program of a small network, seconds."""


@dataclass(frozen=True)
class Milp:
    """The mixed-integer program on a quantile of the forecast.

    Attributes
    ----------
    quantile : float
        Quantile of each station's traffic.
    most_load : float
        Highest planned load, part of the capacity.
    least_sleep : int
        Minimum hours of a sleep interval.
    replan_every_h : int
        Hours between decisions.
    perfect_information : bool
        False: it reads a forecast.
    """

    quantile: float = 0.6
    most_load: float = 0.98
    least_sleep: int = 1
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
            Notes report hours that are not proven optimal.
        """
        most = min(self.most_load, state.network.most_load)
        network = replace(state.network, most_load=most)
        demand = forecast.quantile(self.quantile)[:, : self.replan_every_h]
        found = best_sleep(network, demand, state.asleep, self.least_sleep)
        return replace(found, bound_kwh=None, reactive=True)  # a bound for the forecast alone


def best_sleep(
    network: Network, demand: Floats, asleep_before: Mask, least_sleep: int = 1
) -> Decision:
    """Best schedule found for a certain demand, and a lower bound of its energy.

    Of the program's schedule, the same with better sleep intervals, and the greedy one, each hour
    takes the one of least energy that leaves no more unserved than all awake. Hours that the
    program cannot solve in time use the greedy plan, and a note says so.

    Parameters
    ----------
    network : Network
        N stations.
    demand : array (N, H)
        Traffic, in the unit of the capacities per hour.
    asleep_before : array (N,) of bool
        Sleeping stations just before the first hour.
    least_sleep : int
        Minimum hours of a sleep interval.

    Returns
    -------
    Decision
        Its `bound_kwh` holds for any initial state, activations included.
    """
    awake = evaluate_plan(network, demand, np.zeros(demand.shape, dtype=bool))
    greedy = greedy_plan(network, demand, awake, asleep_before, least_sleep)
    prices = _wake_prices(TrafficAssignment(network, demand, greedy.asleep, awake.result.price))
    hours = [
        _hour(network, demand[:, hour], awake.unserved[hour], prices[:, hour])
        for hour in range(demand.shape[1])
    ]
    asleep = np.column_stack(
        [
            greedy.asleep[:, n] if one.asleep is None else one.asleep[:, 0]
            for n, one in enumerate(hours)
        ]
    )
    assignment = TrafficAssignment(network, demand, asleep, awake.result.price)
    improve(assignment, asleep_before, least_sleep)
    others = [assignment.asleep] + ([asleep] if least_sleep == 1 else [])
    notes = _notes(hours)
    if network.may_sleep.sum() * demand.shape[1] <= SMALL:
        whole = solve(
            network,
            demand[None],
            awake.unserved[None],
            Sleeping(asleep_before, True, least_sleep),
            SolverLimits(WHOLE_S),
        )
        others += [] if whole.asleep is None else [whole.asleep]
    candidates = [
        greedy,
        *(evaluate_plan(network, demand, one, awake.unserved) for one in others),
        awake,
    ]
    best = combine_plans(candidates, network.wake_kwh, asleep_before, least_sleep)
    bound = sum(one.bound_kwh for one in hours)
    return Decision(best.asleep, bound_kwh=bound, notes=notes)


def _wake_prices(assignment: TrafficAssignment) -> Floats:
    """Wake prices (N, T) in place of activations, from the savings of sleep in an assignment."""
    network = assignment.network
    gain = np.full(assignment.asleep.shape, -np.inf)
    for station in map(int, np.flatnonzero(network.may_sleep)):
        shifts = assignment.asleep_at(station), assignment.awake_at(station)
        gain[station] = assignment.gain(station, *shifts)
    return np.where(network.may_sleep[:, None], wake_prices(gain, network.wake_kwh), 0.0)


def _hour(network: Network, demand: Floats, budget: float, prices: Floats) -> Solved:
    """Solve one hour (N,) with wake prices (N,)."""
    none_asleep = np.zeros(network.size, dtype=bool)
    return solve(
        network,
        demand[None, :, None],
        np.array([[budget]]),
        Sleeping(none_asleep, priced=False, wake_prices=prices[:, None]),
        SolverLimits(HOUR_S),
    )


def _notes(hours: list[Solved]) -> tuple[str, ...]:
    """Notes on hours that are not proven optimal."""
    unsolved = sum(one.asleep is None for one in hours)
    gaps = [one.gap for one in hours if one.asleep is not None and not one.proven]
    notes = []
    if unsolved:
        notes.append(
            f"The program found no schedule for {unsolved} of {len(hours)} hours in "
            f"{HOUR_S:g} s each; these use the greedy plan."
        )
    if gaps:
        notes.append(
            f"{len(gaps)} of {len(hours)} hours are not proven optimal after {HOUR_S:g} s; the "
            f"largest gap is {max(gaps):.2%}."
        )
    return tuple(notes)
