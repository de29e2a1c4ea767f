"""Reactive activation: sleeping neighbours of full stations wake when a plan fails.

Forecasts miss unexpected events. Once an event is measured, neighbours can take traffic in the
first hour for which the measurement is available.
"""

import numpy as np

from netspatial.arrays import Floats, Indices, Mask
from netspatial.operate.dispatch.dispatch import Dispatch, dispatch
from netspatial.operate.dispatch.links import summed
from netspatial.operate.dispatch.overload import ROOM
from netspatial.operate.network import Network
from netspatial.operate.plan_selection import unserved_for_capacity

SHORT_KWH = 100.0
"""Shadow price of capacity, over the station's load-dependent power, that marks a shortage."""


def select_wakeups(
    network: Network, demand: Floats, plan: Mask, result: Dispatch, budget: Floats, qoe_min: float
) -> Mask:
    """Stations to wake because of each hour in which the plan leaves too much unserved.

    An hour requests activations if more than 1 - `qoe_min` of its traffic is unserved for lack of
    capacity: as many stations as suffice to serve it, those first that take most traffic off
    stations with a shortage. Their number is doubled until it suffices: the next hour may be worse.

    Parameters
    ----------
    network : Network
        N stations.
    demand : array (N, T)
        Traffic, in the unit of the capacities per hour.
    plan : array (N, T) of bool
        Sleeping stations.
    result : Dispatch
        Dispatch of the plan.
    budget : array (T,)
        Traffic that is unserved with all stations awake.
    qoe_min : float
        Part of each hour's traffic that must be served.

    Returns
    -------
    array (N, T) of bool
        True where the measurement of an hour requests the station.
    """
    short = unserved_for_capacity(network, demand, plan, result, budget)
    allowed = (1 - qoe_min) * demand.sum(axis=0) + ROOM
    woken = np.zeros(plan.shape, dtype=bool)
    for hour in np.flatnonzero(short > allowed):
        now = slice(hour, hour + 1)
        order = _helpers(
            network, demand[:, hour], result.price[:, hour] > SHORT_KWH * network.slope_kw
        )
        sleepers = order[plan[order, hour]]
        woken[order[~plan[order, hour]], hour] = True  # awake already, and must stay so
        count = 1
        while len(sleepers):
            woken[sleepers[:count], hour] = True
            if count >= len(sleepers):
                break
            asleep = plan[:, now] & ~woken[:, now]
            again = dispatch(network, demand[:, now], asleep)
            if (
                unserved_for_capacity(network, demand[:, now], asleep, again, budget[now])[0]
                <= allowed[hour]
            ):
                break
            count *= 2
    return woken


def _helpers(network: Network, demand: Floats, scarce: Mask) -> Indices:
    """Stations with traffic that a station with a shortage (N,) can serve, in descending order."""
    links = network.links
    reached = (scarce[links.server] & (links.server >= 0)).any(axis=1)
    traffic = summed(demand[links.owner] * links.share * reached, links.owner, network.size)
    order = np.argsort(-traffic, kind="stable")
    return order[network.may_sleep[order] & (traffic[order] > 0)]
