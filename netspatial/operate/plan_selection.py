"""Which of several plans to keep in which hour: what each needs, and the best path through them.

A plan is dispatched once and goes on with what came of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from netspatial.arrays import Floats, Indices, Mask
from netspatial.operate.dispatch.dispatch import Dispatch, dispatch, energy_kwh
from netspatial.operate.dispatch.links import summed
from netspatial.operate.network import Network

SHORT = 1e-6
"""Part of an hour's demand that may stay unserved beyond what must: rounding of a solver."""


@dataclass(frozen=True)
class Tried:
    """A plan (N, T) with its dispatch, and the energy of each hour (T,), wakings apart.

    kwh : inf where the plan serves too little
    """

    asleep: Mask
    result: Dispatch
    kwh: Floats

    @property
    def unserved(self) -> Floats:
        """Traffic (T,) that is not served."""
        unserved: Floats = self.result.unserved.sum(axis=0)
        return unserved


def tried(network: Network, demand: Floats, asleep: Mask, budget: Floats | None = None) -> Tried:
    """Dispatch a plan (N, T).

    budget : (T,) traffic that may stay unserved in each hour; None where the plan itself says
    """
    result = dispatch(network, demand, asleep)
    energy = energy_kwh(network, result.load, asleep).sum(axis=0)
    if budget is None:
        return Tried(asleep, result, energy)
    short = unserved_for_capacity(network, demand, asleep, result, budget)
    sheds = short > SHORT * demand.sum(axis=0) + SHORT
    return Tried(asleep, result, np.where(sheds, np.inf, energy))


def unserved_for_capacity(
    network: Network, demand: Floats, asleep: Mask, result: Dispatch, budget: Floats
) -> Floats:
    """Traffic (T,) that a dispatched plan leaves unserved for want of room.

    Not what stays unserved even with all awake, `budget` (T,), nor pixels lost with their owners.
    """
    only_own = summed(network.links.share * network.lost, network.links.owner, network.size)
    lost = (demand * only_own[:, None] * asleep).sum(axis=0)
    short: Floats = result.unserved.sum(axis=0) - budget - lost
    return short


def combine_plans(
    plans: Sequence[Tried], wake_kwh: Floats, before: Mask, least_h: int = 1
) -> Tried:
    """The plan that takes each hour from one of the plans, at least energy in all.

    A station's falling asleep pays for its waking on top. Dynamic programme over the hours, one
    state a plan. Where spells have a least length, hours of different plans cannot be mixed, and
    the best whole plan is taken.
    """
    if least_h > 1:
        totals = [
            plan.kwh.sum()
            + _begins(np.column_stack([before, plan.asleep[:, :-1]]), plan.asleep, wake_kwh)
            for plan in plans
        ]
        return plans[int(np.argmin(totals))]
    stacked, needs = np.stack([one.asleep for one in plans]), np.stack([one.kwh for one in plans])
    count, hours = needs.shape
    value = needs[:, 0] + [_begins(before, plan[:, 0], wake_kwh) for plan in stacked]
    source = np.zeros((hours, count), dtype=np.int64)
    for hour in range(1, hours):
        now, last = stacked[:, :, hour], stacked[:, :, hour - 1]
        reached = value + (now[:, None] & ~last[None]) @ wake_kwh
        source[hour] = reached.argmin(axis=1)
        value = reached.min(axis=1) + needs[:, hour]
    path = np.empty(hours, dtype=np.int64)
    state = int(value.argmin())
    for hour in reversed(range(hours)):
        path[hour] = state
        state = int(source[hour, state])
    return _mixed(plans, path)


def _mixed(plans: Sequence[Tried], path: Indices) -> Tried:
    """The plan that takes each hour from the plan that the path (T,) names."""
    parts = (
        np.choose(path, [getattr(plan.result, one.name) for plan in plans])
        for one in fields(Dispatch)
    )
    asleep = np.choose(path, [plan.asleep for plan in plans])
    return Tried(asleep, Dispatch(*parts), np.choose(path, [plan.kwh for plan in plans]))


def _begins(before: Mask, now: Mask, wake_kwh: Floats) -> float:
    """Price of the wakings for which falling asleep pays, kWh."""
    return float((wake_kwh @ (now & ~before)).sum())
