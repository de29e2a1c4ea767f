"""Which of several plans to keep in which hour: what each needs, and the best path through them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from netspatial.operate.dispatch import Dispatch, energy_kwh
from netspatial.operate.links import summed
from netspatial.operate.network import Network

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

SHORT = 1e-6
"""Part of an hour's demand that may stay unserved beyond what must: rounding of a solver."""


def hourly_kwh(
    network: Network, demand: Floats, asleep: Mask, result: Dispatch, budget: Floats
) -> Floats:
    """Energy of each hour (T,) of a plan that was dispatched, wakings apart; inf if it sheds.

    budget : (T,) traffic that stays unserved even with all awake
    """
    short = shortage(network, demand, asleep, result, budget)
    energy = energy_kwh(network, result.load, asleep).sum(axis=0)
    return np.where(short > SHORT * demand.sum(axis=0) + SHORT, np.inf, energy)


def shortage(
    network: Network, demand: Floats, asleep: Mask, result: Dispatch, budget: Floats
) -> Floats:
    """Traffic (T,) that a dispatched plan leaves unserved for want of room.

    Not what stays unserved even with all awake, `budget` (T,), nor pixels lost with their owners.
    """
    only_own = summed(network.links.share * network.lost, network.links.owner, network.size)
    lost = (demand * only_own[:, None] * asleep).sum(axis=0)
    short: Floats = result.unserved.sum(axis=0) - budget - lost
    return short


def best_of(
    plans: Sequence[Mask], kwh: Sequence[Floats], wake_kwh: Floats, before: Mask, least_h: int = 1
) -> Mask:
    """The schedule (N, T) that takes each hour from one of the plans, at least energy in all.

    kwh : (T,) of each plan; a station's falling asleep pays for its waking on top
    Dynamic programme over the hours, one state a plan. Where spells have a least length, hours of
    different plans cannot be mixed, and the best whole plan is taken.
    """
    if least_h > 1:
        totals = [
            needed.sum() + _begins(np.column_stack([before, plan[:, :-1]]), plan, wake_kwh)
            for plan, needed in zip(plans, kwh, strict=True)
        ]
        return plans[int(np.argmin(totals))].copy()
    stacked, needs = np.stack(plans), np.stack(kwh)
    count, hours = needs.shape
    value = needs[:, 0] + [_begins(before, plan[:, 0], wake_kwh) for plan in plans]
    source = np.zeros((hours, count), dtype=np.int64)
    for hour in range(1, hours):
        now, last = stacked[:, :, hour], stacked[:, :, hour - 1]
        reached = value + (now[:, None] & ~last[None]) @ wake_kwh
        source[hour] = reached.argmin(axis=1)
        value = reached.min(axis=1) + needs[:, hour]
    state = int(value.argmin())
    chosen = np.empty(stacked.shape[1:], dtype=bool)
    for hour in reversed(range(hours)):
        chosen[:, hour] = stacked[state, :, hour]
        state = int(source[hour, state])
    return chosen


def _begins(before: Mask, now: Mask, wake_kwh: Floats) -> float:
    """Price of the wakings for which falling asleep pays, kWh."""
    return float((wake_kwh @ (now & ~before)).sum())
