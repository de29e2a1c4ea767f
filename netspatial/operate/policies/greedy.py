"""Energy-aware greedy, the default: stations fall asleep one by one while that saves energy.

Plans a day with a quantile of the forecast. A station sleeps in those spells that save most after
its traffic has moved, and only where all of it finds room; the one that saves most goes first.
Every other hour the next ones are revised, with what the last hour taught of the forecast.
"""

from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

import numpy as np

from netspatial.arrays import Floats, Mask
from netspatial.operate.dispatch.dispatch import dispatch
from netspatial.operate.dispatch.traffic_assignment import WORTH_KWH, TrafficAssignment
from netspatial.operate.network import Network
from netspatial.operate.plan_selection import Tried, combine_plans, tried
from netspatial.operate.policies.ar1_correction import ar1_update
from netspatial.operate.policies.contract import Decision, Forecast, State
from netspatial.operate.sleep_intervals import optimal_sleep_intervals, sleep_intervals_value

PLANS = 2
"""Plans that are made from all awake, each with better prices of room."""
DAY_H = 24
"""Hours that a plan lasts before it is made anew, at the least."""
AHEAD_H = 6
"""Hours beyond those that a plan sees: a spell that lasts as long is worth a waking."""
REVISED_H = 4
"""Hours of a plan that are looked at again before the first of them is carried out."""
REVISION_THRESHOLD = 0.1
"""Part of the price of a waking that a revision must save: what it learned may be gone soon."""
QUANTILES = (0.75, 0.9, 0.98)
"""Higher quantiles that are tried where a lower one is expected to miss the QoE."""
EVALUATION_SAMPLES = 5
"""Samples of the forecast, evenly spread by their total, over which QoE is expected."""


@dataclass(frozen=True)
class Greedy:
    """Energy-aware greedy on a quantile of the forecast.

    Where the plan would miss the QoE asked for over the samples of the forecast, in the hours that
    are carried out, it plans anew with a higher quantile. Its plan is watched.

    quantile    : of each station's traffic, with which room is planned first
    most_load   : part of its capacity to which a plan fills a station
    least_sleep : fewest hours of a spell; a plan that keeps to it is not revised
    replan_every_h       : hours carried out before it revises its plan; from a day on, before it plans anew
    """

    quantile: float = 0.6
    most_load: float = 0.98
    least_sleep: int = 1
    replan_every_h: int = 2
    perfect_information: bool = False

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Say who sleeps in the hours ahead."""
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
            carried = first_hours(soon, self.replan_every_h)
            reached = expected_qoe(state.network, carried, asleep)
            # a plan that had to be made with more room keeps it
            if reached < state.qoe_min and reached < expected_qoe(state.network, carried, plan):
                return Decision(plan, reactive=True)
        return Decision(asleep, reactive=True)

    def _planned(self, network: Network, forecast: Forecast, state: State) -> Decision:
        """Plan a day, or longer."""
        carried = max(self.replan_every_h, DAY_H)
        ahead = ar1_update(first_hours(forecast, carried + max(AHEAD_H, self.least_sleep)), state)
        soon = first_hours(ahead, carried)
        nobody = np.zeros((network.size, soon.hours), dtype=bool)
        wanted = state.qoe_min
        levels = [self.quantile, *(level for level in QUANTILES if level > self.quantile)]
        for level in levels:
            demand = ahead.quantile(level)
            asleep = greedy_sleep(network, demand, state.asleep, self.least_sleep)
            reached = expected_qoe(state.network, soon, asleep)
            if reached < wanted and level == levels[0]:
                wanted = min(wanted, expected_qoe(state.network, soon, nobody))
            if reached >= wanted:
                return Decision(asleep, reactive=True)
        note = (
            f"Even with the {levels[-1]:.0%} quantile of the forecast, a plan is expected to miss "
            f"the QoE of {wanted:.4f}."
        )
        return Decision(asleep, notes=(note,), reactive=True)

    def _kept(self, forecast: Forecast, state: State) -> Mask | None:
        """The plan as decided before, while it reaches far enough; None if one is to be made."""
        far = min(self.replan_every_h + max(AHEAD_H, self.least_sleep), forecast.hours)
        return state.plan if state.plan is not None and state.plan.shape[1] >= far else None


def first_hours(forecast: Forecast, hours: int) -> Forecast:
    """A forecast of the first hours alone."""
    return replace(
        forecast,
        samples=forecast.samples[:, :, :hours],
        hour_of_day=forecast.hour_of_day[:hours],
    )


def revised(network: Network, demand: Floats, plan: Mask, asleep_before: Mask) -> Mask:
    """A plan (N, H) with better spells in its first hours, if the demand (N, T) were certain.

    Kept where that serves no less, or needs no more energy, than the plan as it was.
    """
    hours = demand.shape[1]
    kept = tried(network, demand, plan[:, :hours])
    assignment = TrafficAssignment(network, demand, kept.asleep, kept.result.price)
    improve(assignment, asleep_before, worth=REVISION_THRESHOLD * network.wake_kwh)
    if (assignment.asleep != kept.asleep).any():
        other = tried(network, demand, assignment.asleep, kept.unserved)
        kept = combine_plans([kept, other], network.wake_kwh, asleep_before)
    return np.hstack([kept.asleep, plan[:, hours:]])


def greedy_sleep(
    network: Network, demand: Floats, asleep_before: Mask, least_sleep: int = 1
) -> Mask:
    """Who sleeps (N, T), if the demand (N, T) were certain; see `greedy_plan`."""
    awake = tried(network, demand, np.zeros(demand.shape, dtype=bool))
    return greedy_plan(network, demand, awake, asleep_before, least_sleep).asleep


def greedy_plan(
    network: Network, demand: Floats, awake: Tried, asleep_before: Mask, least_sleep: int = 1
) -> Tried:
    """The greedy plan, if the demand (N, T) were certain. awake : the same demand with all awake.

    Takes the station whose best spells save most, moves its traffic, and looks at the others anew
    (lazily: what a station saves hardly ever grows as others fall asleep). Then lets neighbours
    make room for each other, and gives every station its best spells given those of the others.

    What room is worth depends on who sleeps: so several plans are made, each with the mean of the
    prices that dispatch found for those before, and a last one from the best of each hour, in
    which sleepers may also change places.
    """
    plans = [awake]

    def keep(assignment: TrafficAssignment) -> None:
        """Give a plan its best spells and take it among the others."""
        improve(assignment, asleep_before, least_sleep)
        plans.append(tried(network, demand, assignment.asleep, awake.unserved))

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
    """Part of the traffic that a plan would serve over some samples of the forecast.

    The board, which never splits a pixel, tells which hours fit; the others are dispatched.

    asleep : (N, H), for the hours of the forecast and any beyond
    """
    asleep = asleep[:, : forecast.hours]
    order = np.argsort(forecast.samples.sum(axis=(0, 2)), kind="stable")
    count = min(EVALUATION_SAMPLES, len(order))
    judges = order[((np.arange(count) + 0.5) / count * len(order)).astype(int)]
    demand = forecast.samples[:, judges].reshape(network.size, -1)
    asleep = np.tile(asleep, count)
    assignment = TrafficAssignment(network, demand, asleep, np.zeros(demand.shape))
    over = (assignment.load > network.most_load).any(axis=0)
    short = (assignment.traffic * (assignment.rank < 0))[:, ~over].sum()
    short += dispatch(network, demand[:, over], asleep[:, over]).unserved.sum()
    asked = float(demand.sum())
    return 1 - float(short) / asked if asked > 0 else 1.0


def reassign_for_capacity(assignment: TrafficAssignment) -> None:
    """Let neighbours pass traffic on where a station can then sleep, hour by hour."""
    for station in np.flatnonzero(assignment.network.may_sleep):
        assignment.sleep_with_reassignment(int(station))


def swap_sleepers(assignment: TrafficAssignment) -> None:
    """Let one sleeper wake where more of its neighbours can then sleep, hour by hour.

    Who fell asleep first may stand in the way of two others; wakings are left to `improve`.
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
    """Give every station its best spells while the others keep theirs.

    worth : (N,) kWh that other spells must save more than those a station has, or one for all
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
    """From all awake: the station that saves most first, as long as any saves."""
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
