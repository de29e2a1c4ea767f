"""Energy-aware greedy policy, the default: stations are put to sleep while that saves energy.

Plans a day on a quantile of the forecast, the station that saves most first, in its optimal sleep
intervals and only where neighbours have capacity for all of its traffic. Every other hour the next
hours are revised with the AR(1)-corrected forecast.
"""

from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

import numpy as np

from netspatial.arrays import Floats, Mask
from netspatial.operate.dispatch.dispatch import dispatch
from netspatial.operate.dispatch.traffic_assignment import WORTH_KWH, TrafficAssignment
from netspatial.operate.network import Network
from netspatial.operate.plan_selection import EvaluatedPlan, combine_plans, evaluate_plan
from netspatial.operate.policies.ar1_correction import ar1_update
from netspatial.operate.policies.contract import Decision, Forecast, State
from netspatial.operate.sleep_intervals import optimal_sleep_intervals, sleep_intervals_value

PLANS = 2
"""Plans built from all awake, each with better shadow prices of capacity."""
DAY_H = 24
"""Minimum hours between new plans."""
AHEAD_H = 6
"""Hours beyond these that a plan considers, so that sleep at its end can pay for an activation."""
REVISED_H = 4
"""Hours of a plan that are revised before the first of them is executed."""
REVISION_THRESHOLD = 0.1
"""Part of the energy of an activation that a revision must save; the correction decays soon."""
QUANTILES = (0.75, 0.9, 0.98)
"""Higher quantiles, tried in turn where a lower one is expected to miss the QoE."""
EVALUATION_SAMPLES = 5
"""Samples of the forecast, evenly spread by their total, from which the QoE is estimated."""


@dataclass(frozen=True)
class Greedy:
    """Energy-aware greedy on a quantile of the forecast.

    If the joint samples predict a QoE below the target in the executed hours, the quantile is
    raised. Stations wake reactively.

    Attributes
    ----------
    quantile : float
        Quantile of each station's traffic, first value.
    most_load : float
        Highest planned load, part of the capacity.
    least_sleep : int
        Minimum hours of a sleep interval; above 1, plans are not revised.
    replan_every_h : int
        Hours executed between revisions; from 24 on, between new plans.
    perfect_information : bool
        False: it reads a forecast.
    """

    quantile: float = 0.6
    most_load: float = 0.98
    least_sleep: int = 1
    replan_every_h: int = 2
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
            A note reports a plan that is still expected to miss the QoE.
        """
        plan = self._kept(forecast, state)
        most = min(self.most_load, state.network.most_load)
        network = state.network
        if most < network.most_load:
            network = replace(network, most_load=most)
        if plan is None:
            return self._planned(network, forecast, state)
        if self.least_sleep > 1:
            return Decision(plan, reactive=True)
        soon = ar1_update(
            first_hours(forecast, min(plan.shape[1], max(self.replan_every_h, REVISED_H))), state
        )
        asleep = revised(network, soon.quantile(self.quantile), plan, state.asleep)
        if (asleep != plan).any():
            executed = first_hours(soon, self.replan_every_h)
            reached = expected_qoe(state.network, executed, asleep)
            # a plan made on a higher quantile keeps its margin
            if reached < state.qoe_min and reached < expected_qoe(state.network, executed, plan):
                return Decision(plan, reactive=True)
        return Decision(asleep, reactive=True)

    def _planned(self, network: Network, forecast: Forecast, state: State) -> Decision:
        """Return a new plan of a day or longer."""
        executed = max(self.replan_every_h, DAY_H)
        ahead = ar1_update(first_hours(forecast, executed + max(AHEAD_H, self.least_sleep)), state)
        soon = first_hours(ahead, executed)
        all_awake = np.zeros((network.size, soon.hours), dtype=bool)
        wanted = state.qoe_min
        levels = [self.quantile, *(level for level in QUANTILES if level > self.quantile)]
        for level in levels:
            demand = ahead.quantile(level)
            asleep = greedy_sleep(network, demand, state.asleep, self.least_sleep)
            reached = expected_qoe(state.network, soon, asleep)
            if reached < wanted and level == levels[0]:
                wanted = min(wanted, expected_qoe(state.network, soon, all_awake))
            if reached >= wanted:
                return Decision(asleep, reactive=True)
        note = (
            f"A plan on the {levels[-1]:.0%} forecast quantile is still expected to miss the QoE "
            f"of {wanted:.4f}."
        )
        return Decision(asleep, notes=(note,), reactive=True)

    def _kept(self, forecast: Forecast, state: State) -> Mask | None:
        """Previous plan if it covers enough hours, else None."""
        far = min(self.replan_every_h + max(AHEAD_H, self.least_sleep), forecast.hours)
        return state.plan if state.plan is not None and state.plan.shape[1] >= far else None


def first_hours(forecast: Forecast, hours: int) -> Forecast:
    """Forecast of the first hours only.

    Parameters
    ----------
    forecast : Forecast
        Forecast of the hours ahead.
    hours : int
        Number of hours.

    Returns
    -------
    Forecast
    """
    return replace(
        forecast,
        samples=forecast.samples[:, :, :hours],
        hour_of_day=forecast.hour_of_day[:hours],
    )


def revised(network: Network, demand: Floats, plan: Mask, asleep_before: Mask) -> Mask:
    """Plan with better sleep intervals in its first hours for a certain demand.

    An hour changes only where that serves no less and uses no more energy than before.

    Parameters
    ----------
    network : Network
        N stations.
    demand : array (N, T)
        Traffic of the first hours, in the unit of the capacities per hour.
    plan : array (N, H) of bool
        Sleeping stations.
    asleep_before : array (N,) of bool
        Sleeping stations just before the first hour.

    Returns
    -------
    array (N, H) of bool
    """
    hours = demand.shape[1]
    kept = evaluate_plan(network, demand, plan[:, :hours])
    assignment = TrafficAssignment(network, demand, kept.asleep, kept.result.price)
    improve(assignment, asleep_before, worth=REVISION_THRESHOLD * network.wake_kwh)
    if (assignment.asleep != kept.asleep).any():
        other = evaluate_plan(network, demand, assignment.asleep, kept.unserved)
        kept = combine_plans([kept, other], network.wake_kwh, asleep_before)
    return np.hstack([kept.asleep, plan[:, hours:]])


def greedy_sleep(
    network: Network, demand: Floats, asleep_before: Mask, least_sleep: int = 1
) -> Mask:
    """Greedy sleep plan for a certain demand; see `greedy_plan`.

    Parameters
    ----------
    network : Network
        N stations.
    demand : array (N, T)
        Traffic, in the unit of the capacities per hour.
    asleep_before : array (N,) of bool
        Sleeping stations just before the first hour.
    least_sleep : int
        Minimum hours of a sleep interval.

    Returns
    -------
    array (N, T) of bool
        Sleeping stations.
    """
    awake = evaluate_plan(network, demand, np.zeros(demand.shape, dtype=bool))
    return greedy_plan(network, demand, awake, asleep_before, least_sleep).asleep


def greedy_plan(
    network: Network,
    demand: Floats,
    awake: EvaluatedPlan,
    asleep_before: Mask,
    least_sleep: int = 1,
) -> EvaluatedPlan:
    """Greedy plan for a certain demand.

    Puts the station to sleep whose optimal sleep intervals save most, reassigns its traffic, and
    evaluates the others again (lazily: savings hardly ever grow as others fall asleep). Then
    neighbours reassign traffic to free capacity, and every station gets its optimal sleep intervals
    given those of the others.

    Shadow prices of capacity depend on the sleeping stations. So several plans are built, each with
    the mean prices of the plans before, and a last one from the best plan of each hour, in which
    sleeping stations may also be swapped.

    Parameters
    ----------
    network : Network
        N stations.
    demand : array (N, T)
        Traffic, in the unit of the capacities per hour.
    awake : EvaluatedPlan
        The same demand with all stations awake.
    asleep_before : array (N,) of bool
        Sleeping stations just before the first hour.
    least_sleep : int
        Minimum hours of a sleep interval.

    Returns
    -------
    EvaluatedPlan
    """
    plans = [awake]

    def keep(assignment: TrafficAssignment) -> None:
        """Improve the sleep intervals of a plan and add it to the plans."""
        improve(assignment, asleep_before, least_sleep)
        plans.append(evaluate_plan(network, demand, assignment.asleep, awake.unserved))

    for _ in range(PLANS):
        prices = np.mean([plan.result.price for plan in plans], axis=0)
        assignment = TrafficAssignment(network, demand, awake.asleep, prices)
        _fall_asleep(assignment, asleep_before, least_sleep)
        reassign_for_capacity(assignment)
        keep(assignment)
    best = combine_plans(plans, network.wake_kwh, asleep_before, least_sleep)
    assignment = TrafficAssignment(network, demand, best.asleep, best.result.price)
    swap_sleepers(assignment)
    reassign_for_capacity(assignment)
    keep(assignment)
    return combine_plans(plans, network.wake_kwh, asleep_before, least_sleep)


def expected_qoe(network: Network, forecast: Forecast, asleep: Mask) -> float:
    """QoE of a plan over some samples of the forecast.

    Only hours that the unsplit assignment cannot serve are dispatched.

    Parameters
    ----------
    network : Network
        N stations.
    forecast : Forecast
        Forecast of H hours.
    asleep : array (N, H) of bool
        Sleeping stations, for the hours of the forecast and any beyond.

    Returns
    -------
    float
        Served part of the traffic (Eq. 20).
    """
    asleep = asleep[:, : forecast.hours]
    order = np.argsort(forecast.samples.sum(axis=(0, 2)), kind="stable")
    count = min(EVALUATION_SAMPLES, len(order))
    chosen = order[((np.arange(count) + 0.5) / count * len(order)).astype(int)]
    demand = forecast.samples[:, chosen].reshape(network.size, -1)
    asleep = np.tile(asleep, count)
    assignment = TrafficAssignment(network, demand, asleep, np.zeros(demand.shape))
    over = (assignment.load > network.most_load).any(axis=0)
    short = (assignment.traffic * (assignment.rank < 0))[:, ~over].sum()
    short += dispatch(network, demand[:, over], asleep[:, over]).unserved.sum()
    total = float(demand.sum())
    return 1 - float(short) / total if total > 0 else 1.0


def reassign_for_capacity(assignment: TrafficAssignment) -> None:
    """Reassign neighbours' traffic where a station can then sleep, hour by hour.

    Parameters
    ----------
    assignment : TrafficAssignment
        Changed in place.
    """
    for station in np.flatnonzero(assignment.network.may_sleep):
        assignment.sleep_with_reassignment(int(station))


def swap_sleepers(assignment: TrafficAssignment) -> None:
    """Wake a sleeping station where more of its neighbours can then sleep, hour by hour.

    The station that fell asleep first may prevent two others; `improve` then prices activations.

    Parameters
    ----------
    assignment : TrafficAssignment
        Changed in place.
    """
    network, links = assignment.network, assignment.network.links
    for station in map(int, np.flatnonzero(network.may_sleep)):
        near = network.around[station]
        around = np.union1d(near.servers, links.owner[near.pixels])
        others = around[network.may_sleep[around] & (around != station)]
        hours = assignment.asleep[station] & (~assignment.asleep[others]).any(axis=0)
        if not hours.any():
            continue
        with assignment.trial():
            shift = assignment.awake_at(station, hours)
            assignment.apply(station, shift, ~shift.blocked, asleep=False)
            for other in map(int, others):
                shift = assignment.asleep_at(other, hours)
                assignment.apply(
                    other, shift, assignment.gain(other, shift)[shift.hours] > 0, asleep=True
                )


def improve(
    assignment: TrafficAssignment,
    asleep_before: Mask,
    least_sleep: int = 1,
    worth: Floats | float = WORTH_KWH,
) -> None:
    """Set every station's optimal sleep intervals while the others keep theirs.

    Parameters
    ----------
    assignment : TrafficAssignment
        Changed in place.
    asleep_before : array (N,) of bool
        Sleeping stations just before the first hour.
    least_sleep : int
        Minimum hours of a sleep interval.
    worth : float or array (N,)
        Minimum saving of new intervals over the present ones, kWh.
    """
    least = np.broadcast_to(worth, assignment.network.size)
    network = assignment.network
    for station in map(int, np.flatnonzero(network.may_sleep)):
        asleep, awake = assignment.asleep_at(station), assignment.awake_at(station)
        gain = assignment.gain(station, asleep, awake)
        wake, before = network.wake_kwh[station], bool(asleep_before[station])
        value, hours = optimal_sleep_intervals(gain, wake, before, least_sleep)
        now = assignment.asleep[station]
        if (
            value > sleep_intervals_value(gain, now, wake, before) + least[station]
            or least_sleep > 1
        ):
            assignment.apply(station, asleep, hours[asleep.hours], asleep=True)
            assignment.apply(station, awake, ~hours[awake.hours], asleep=False)


def _fall_asleep(assignment: TrafficAssignment, asleep_before: Mask, least_sleep: int) -> None:
    """Put stations to sleep from all awake, the one that saves most first, while any saves."""
    network = assignment.network
    queue = [(-np.inf, int(station)) for station in np.flatnonzero(network.may_sleep)]
    heapify(queue)
    while queue:
        _, station = heappop(queue)
        shift = assignment.asleep_at(station)
        value, hours = optimal_sleep_intervals(
            assignment.gain(station, shift),
            network.wake_kwh[station],
            bool(asleep_before[station]),
            least_sleep,
        )
        if value <= WORTH_KWH:
            continue
        if queue and -queue[0][0] > value:
            heappush(queue, (-value, station))
            continue
        assignment.apply(station, shift, hours[shift.hours], asleep=True)
