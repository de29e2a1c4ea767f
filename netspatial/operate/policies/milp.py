"""The mixed-integer program on a quantile of the forecast: the best plan if that came true.

Hours are solved one by one, with tolls in place of the price of waking; then every station gets
its best spells with that price, a heuristic step. Small networks are solved whole.
"""

from dataclasses import dataclass, replace

import numpy as np

from netspatial.arrays import Floats, Mask
from netspatial.operate.dispatch.traffic_assignment import TrafficAssignment
from netspatial.operate.network import Network
from netspatial.operate.plan_selection import combine_plans, tried
from netspatial.operate.policies.contract import Decision, Forecast, State
from netspatial.operate.policies.greedy import greedy_plan, improve
from netspatial.operate.policies.sleep_program import Effort, Sleeping, Solved, solve
from netspatial.operate.sleep_intervals import wake_prices

SMALL = 200
"""Stations times hours up to which the whole program is solved at once, wakings priced."""
HOUR_S = 10.0
"""Seconds for the program of one hour."""
WHOLE_S = 60.0
"""Seconds for the program of a small network."""


@dataclass(frozen=True)
class Milp:
    """The program on a quantile of the forecast; `most_load` is how far a plan fills a station."""

    quantile: float = 0.6
    most_load: float = 0.98
    least_sleep: int = 1
    replan_every_h: int = 24
    perfect_information: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Say who sleeps in the hours ahead that will be carried out."""
        most = min(self.most_load, state.network.most_load)
        network = replace(state.network, most_load=most)
        demand = forecast.quantile(self.quantile)[:, : self.replan_every_h]
        found = best_sleep(network, demand, state.asleep, self.least_sleep)
        return replace(found, bound_kwh=None, reactive=True)  # a bound for the forecast alone


def best_sleep(
    network: Network, demand: Floats, asleep_before: Mask, least_sleep: int = 1
) -> Decision:
    """The best schedule found for a demand (N, H) that is certain, and what none can undercut.

    Of the program's schedule, the same with better spells, and the greedy one, each hour takes what
    needs least energy while leaving no more unserved than if all were awake. An hour that the
    program cannot solve in time is the greedy one's, and a note says so. The bound holds whoever
    slept before, wakings included.
    """
    awake = tried(network, demand, np.zeros(demand.shape, dtype=bool))
    greedy = greedy_plan(network, demand, awake, asleep_before, least_sleep)
    toll = _tolls(TrafficAssignment(network, demand, greedy.asleep, awake.result.price))
    hours = [
        _hour(network, demand[:, hour], awake.unserved[hour], toll[:, hour])
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
            network, demand[None], awake.unserved[None], Sleeping(asleep_before, True, least_sleep),
            Effort(WHOLE_S),
        )  # fmt: skip
        others += [] if whole.asleep is None else [whole.asleep]
    candidates = [
        greedy, *(tried(network, demand, one, awake.unserved) for one in others), awake
    ]  # fmt: skip
    best = combine_plans(candidates, network.wake_kwh, asleep_before, least_sleep)
    bound = sum(one.bound_kwh for one in hours)
    return Decision(best.asleep, bound_kwh=bound, notes=notes)


def _tolls(assignment: TrafficAssignment) -> Floats:
    """Tolls (N, T) in place of the price of waking, from what each sleep saves on a board."""
    network = assignment.network
    gain = np.full(assignment.asleep.shape, -np.inf)
    for station in map(int, np.flatnonzero(network.may_sleep)):
        shifts = assignment.asleep_at(station), assignment.awake_at(station)
        gain[station] = assignment.gain(station, *shifts)
    return np.where(network.may_sleep[:, None], wake_prices(gain, network.wake_kwh), 0.0)


def _hour(network: Network, demand: Floats, budget: float, toll: Floats) -> Solved:
    """Solve one hour (N,) with a toll (N,) on being awake."""
    nobody = np.zeros(network.size, dtype=bool)
    return solve(
        network, demand[None, :, None], np.array([[budget]]),
        Sleeping(nobody, priced=False, toll=toll[:, None]), Effort(HOUR_S),
    )  # fmt: skip


def _notes(hours: list[Solved]) -> tuple[str, ...]:
    """Say which hours are not proven best."""
    unsolved = sum(one.asleep is None for one in hours)
    gaps = [one.gap for one in hours if one.asleep is not None and not one.proven]
    notes = []
    if unsolved:
        notes.append(
            f"The program found no schedule for {unsolved} of {len(hours)} hours in "
            f"{HOUR_S:g} s each; these are greedy."
        )
    if gaps:
        notes.append(
            f"{len(gaps)} of {len(hours)} hours are the best found in {HOUR_S:g} s, within "
            f"{max(gaps):.2%} of the best there may be."
        )
    return tuple(notes)
