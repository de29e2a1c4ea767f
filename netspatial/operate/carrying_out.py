"""Carry a plan out on the true traffic: dispatch it, wake who is called, stop what does not pay.

Between a policy's decision and the schedule of `week`; the rules that keep plans made on forecasts
from doing harm.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netspatial.operate.dispatch import Dispatch, dispatch, energy_kwh
from netspatial.operate.network import Network
from netspatial.operate.relief import calls

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Outcome:
    """What happened in some hours, every array (N, T), and whether all were woken (T,).

    wake_kwh : energy of wakings, in the hour of waking
    relieved : (T,) whether sleepers woke because the plan had failed before
    called   : whom each hour calls for later ones
    """

    asleep: Mask
    load: Floats
    served: Floats
    energy: Floats
    wake_kwh: Floats
    woken: Mask
    relieved: Mask
    called: Mask


@dataclass(frozen=True)
class Before:
    """What earlier hours hand on: who sleeps (N,), who was called (N, lead), kWh saved so far."""

    asleep: Mask
    called: Mask
    ledger: float


def carry_out(
    network: Network,
    demand: Floats,
    limit: Floats,
    plan: Mask,
    before: Before,
    always: Dispatch,
    watch: float | None,
) -> tuple[Outcome, float]:
    """Carry out a plan, and wake all in any hour before which sleep would not have paid.

    The ledger holds the kWh saved so far against all awake, sleepers' wakings already paid. A plan
    was made for a forecast; where the true traffic makes sleep so dear that the ledger would fall
    below zero, the measured power shows it and all wake. So no schedule ever needs more than all
    awake.

    watch : QoE that the plan must reach in every hour, or who is called wakes; None: nobody watches
    """
    plan, called, relieved, result = _relieve(
        network, np.minimum(demand, limit), plan, before.called, always, watch
    )
    nobody = np.zeros(plan.shape, dtype=bool)
    planned = energy_kwh(network, result.load, plan)
    awake = energy_kwh(network, always.load, nobody)
    asleep, load, served, energy = plan.copy(), result.load, result.served, planned
    woken = np.zeros(plan.shape[1], dtype=bool)
    was, woke, ledger = before.asleep, np.zeros(plan.shape), before.ledger
    for hour in range(plan.shape[1]):
        begins = network.wake_kwh @ (plan[:, hour] & ~was)
        saved = awake[:, hour].sum() - planned[:, hour].sum() - begins
        if ledger + saved < 0:
            woken[hour], saved = True, 0.0
            asleep[:, hour], load[:, hour] = False, always.load[:, hour]
            served[:, hour], energy[:, hour] = always.served[:, hour], awake[:, hour]
        ledger += saved
        woke[:, hour] = network.wake_kwh * (was & ~asleep[:, hour])
        was = asleep[:, hour]
    return Outcome(asleep, load, served, energy + woke, woke, woken, relieved, called), ledger


def _relieve(
    network: Network,
    demand: Floats,
    plan: Mask,
    called: Mask,
    always: Dispatch,
    watch: float | None,
) -> tuple[Mask, Mask, Mask, Dispatch]:
    """Wake whom earlier hours call: the plan that results, the calls, the hours, the dispatch.

    called : (N, lead) calls of the hours before; a call is heard as many hours later
    """
    result = dispatch(network, demand, plan)
    made = np.zeros(plan.shape, dtype=bool)
    if watch is not None:
        made = calls(network, demand, plan, result, always.unserved.sum(axis=0), watch)
    heard: Mask = np.hstack([called, made])[:, : plan.shape[1]] & plan
    relieved: Mask = np.logical_or.reduce(heard, axis=0)
    plan = plan & ~heard
    again = dispatch(network, demand[:, relieved], plan[:, relieved])
    for name in ("load", "served", "unserved", "price"):
        getattr(result, name)[:, relieved] = getattr(again, name)
    return plan, made, relieved, result
