"""Selection among several sleep plans: energy of each, and the cheapest combination over hours."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from netspatial.arrays import Floats, Indices, Mask
from netspatial.operate.dispatch.dispatch import Dispatch, dispatch, energy_kwh
from netspatial.operate.dispatch.links import summed
from netspatial.operate.network import Network

SHORT = 1e-6
"""Tolerance of unserved traffic, part of an hour's demand: solver rounding."""


@dataclass(frozen=True)
class EvaluatedPlan:
    """A plan with its dispatch and energy.

    Attributes
    ----------
    asleep : array (N, T) of bool
        Sleeping stations.
    result : Dispatch
        Dispatch of the plan.
    kwh : array (T,)
        Energy of each hour without activations, kWh; inf where the plan leaves too much traffic
        unserved.
    """

    asleep: Mask
    result: Dispatch
    kwh: Floats

    @property
    def unserved(self) -> Floats:
        """Unserved traffic (T,)."""
        unserved: Floats = self.result.unserved.sum(axis=0)
        return unserved


def evaluate_plan(
    network: Network, demand: Floats, asleep: Mask, budget: Floats | None = None
) -> EvaluatedPlan:
    """Dispatch a plan and compute its energy.

    Parameters
    ----------
    network : Network
        N stations.
    demand : array (N, T)
        Traffic, in the unit of the capacities per hour.
    asleep : array (N, T) of bool
        Sleeping stations.
    budget : array (T,), optional
        Traffic that may stay unserved in each hour; None for no limit.

    Returns
    -------
    EvaluatedPlan
    """
    result = dispatch(network, demand, asleep)
    energy = energy_kwh(network, result.load, asleep).sum(axis=0)
    if budget is None:
        return EvaluatedPlan(asleep, result, energy)
    short = unserved_for_capacity(network, demand, asleep, result, budget)
    sheds = short > SHORT * demand.sum(axis=0) + SHORT
    return EvaluatedPlan(asleep, result, np.where(sheds, np.inf, energy))


def unserved_for_capacity(
    network: Network, demand: Floats, asleep: Mask, result: Dispatch, budget: Floats
) -> Floats:
    """Traffic that a dispatched plan leaves unserved for lack of capacity.

    Parameters
    ----------
    network : Network
        N stations.
    demand : array (N, T)
        Traffic, in the unit of the capacities per hour.
    asleep : array (N, T) of bool
        Sleeping stations.
    result : Dispatch
        Dispatch of the plan.
    budget : array (T,)
        Traffic that is unserved with all stations awake.

    Returns
    -------
    array (T,)
        Without the budget, and without pixels that only a sleeping owner can serve.
    """
    only_own = summed(network.links.share * network.lost, network.links.owner, network.size)
    lost = (demand * only_own[:, None] * asleep).sum(axis=0)
    short: Floats = result.unserved.sum(axis=0) - budget - lost
    return short


def combine_plans(
    plans: Sequence[EvaluatedPlan], wake_kwh: Floats, before: Mask, least_h: int = 1
) -> EvaluatedPlan:
    """The plan of least energy that takes each hour from one of the plans.

    Parameters
    ----------
    plans : sequence of EvaluatedPlan
        Plans of the same hours.
    wake_kwh : array (N,)
        Energy of one activation of each station, kWh; each sleep interval pays for the one that
        ends it.
    before : array (N,) of bool
        Sleeping stations just before the first hour.
    least_h : int
        Minimum hours of a sleep interval; above 1, hours of different plans cannot be combined,
        and the best whole plan is returned.

    Returns
    -------
    EvaluatedPlan

    Notes
    -----
    Dynamic programme over the hours, one state per plan.
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


def _mixed(plans: Sequence[EvaluatedPlan], path: Indices) -> EvaluatedPlan:
    """The plan that takes each hour from the plan with the index in the path (T,)."""
    parts = (
        np.choose(path, [getattr(plan.result, one.name) for plan in plans])
        for one in fields(Dispatch)
    )
    asleep = np.choose(path, [plan.asleep for plan in plans])
    return EvaluatedPlan(asleep, Dispatch(*parts), np.choose(path, [plan.kwh for plan in plans]))


def _begins(before: Mask, now: Mask, wake_kwh: Floats) -> float:
    """Energy of the activations that end the sleep intervals that begin, kWh."""
    return float((wake_kwh @ (now & ~before)).sum())
