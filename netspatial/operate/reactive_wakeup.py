"""Who wakes when a plan fails: sleepers that could relieve the stations that were full.

No forecast knows of a crowd that gathers. It is measured, though, and in the first hour for which
that is known in time, neighbours can help.
"""

import numpy as np

from netspatial.arrays import Floats, Indices, Mask
from netspatial.operate.dispatch.dispatch import Dispatch, dispatch
from netspatial.operate.dispatch.links import summed
from netspatial.operate.dispatch.overload import ROOM
from netspatial.operate.network import Network
from netspatial.operate.plan_selection import unserved_for_capacity

SHORT_KWH = 100.0
"""Price of room, in what a full load of the station draws, above which traffic is short of it."""


def select_wakeups(
    network: Network, demand: Floats, plan: Mask, result: Dispatch, budget: Floats, qoe_min: float
) -> Mask:
    """Whom each hour (N, T) calls: had the plan been followed, it would have served too little.

    An hour calls if a part of its traffic above 1 - `qoe_min` found no room: so many, of those
    whose waking brings most traffic home from stations that were short of room, that it would have
    been served. One, two, four and so on are tried: the next hour may be worse.

    plan : (N, T) who was to sleep; result : its dispatch; budget : as in `choosing.unserved_for_capacity`
    """
    short = unserved_for_capacity(network, demand, plan, result, budget)
    allowed = (1 - qoe_min) * demand.sum(axis=0) + ROOM
    called = np.zeros(plan.shape, dtype=bool)
    for hour in np.flatnonzero(short > allowed):
        now = slice(hour, hour + 1)
        order = _helpers(
            network, demand[:, hour], result.price[:, hour] > SHORT_KWH * network.slope_kw
        )
        sleepers = order[plan[order, hour]]
        called[order[~plan[order, hour]], hour] = True  # they help already, and go on
        count = 1
        while len(sleepers):
            called[sleepers[:count], hour] = True
            if count >= len(sleepers):
                break
            asleep = plan[:, now] & ~called[:, now]
            again = dispatch(network, demand[:, now], asleep)
            if (
                unserved_for_capacity(network, demand[:, now], asleep, again, budget[now])[0]
                <= allowed[hour]
            ):
                break
            count *= 2
    return called


def _helpers(network: Network, demand: Floats, scarce: Mask) -> Indices:
    """Stations with traffic that a scarce one (N,) can serve, those with most of it first."""
    links = network.links
    reached = (scarce[links.server] & (links.server >= 0)).any(axis=1)
    traffic = summed(demand[links.owner] * links.share * reached, links.owner, network.size)
    order = np.argsort(-traffic, kind="stable")
    return order[network.may_sleep[order] & (traffic[order] > 0)]
