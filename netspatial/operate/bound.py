"""What no schedule can undercut once wakings cost energy: a Lagrangian bound, hour by hour.

A waking costs wake_j w_jt with w_jt >= s_jt - s_j,t-1, so at least μ_jt (s_jt - s_j,t-1) for every
μ_jt from 0 to wake_j. That is linear in who is awake: a toll μ_jt - μ_j,t+1 on each hour, in which
the hours are independent again. Any such μ gives a bound; a good one comes from a good schedule.
"""

import numpy as np
from numpy.typing import NDArray

from netspatial.operate.dispatch import dispatch
from netspatial.operate.network import Network
from netspatial.operate.placement import Placement
from netspatial.operate.program import solve_hour

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def bound_kwh(network: Network, demand: Floats, schedule: Mask) -> float:
    """Energy for a demand (N, H), wakings within these hours included, that none can undercut.

    schedule : (N, H) a good one; the better it is, the tighter the bound. None that serves as much
    as with all awake needs less, whoever sleeps before or after.
    """
    awake = dispatch(network, demand, np.zeros(demand.shape, dtype=bool))
    budget = awake.unserved.sum(axis=0)
    toll = _toll(network, demand, schedule, awake.price)
    hours = [
        solve_hour(network, demand[:, hour], budget[hour], toll[:, hour : hour + 1]).bound_kwh
        for hour in range(demand.shape[1])
    ]
    return float(sum(hours))


def _toll(network: Network, demand: Floats, schedule: Mask, price: Floats) -> Floats:
    """Tolls (N, H): μ is what being asleep as an hour begins costs more than being awake.

    Over the hours ahead, when a station does its best while the others keep to the schedule. No
    waking before the first hour or after the last is counted, so days can be bounded one by one.
    """
    board = Placement(network, demand, schedule, price)
    hours = demand.shape[1]
    multiplier = np.zeros((network.size, hours + 1))
    for station in map(int, np.flatnonzero(network.may_sleep)):
        gain = board.gain(station, board.asleep_at(station), board.awake_at(station))
        from_asleep = from_awake = 0.0
        for hour in reversed(range(hours)):
            sleeps = from_asleep - gain[hour]
            from_asleep, from_awake = (
                min(sleeps, from_awake + network.wake_kwh[station]),
                min(sleeps, from_awake),
            )
            multiplier[station, hour] = from_asleep - from_awake
    multiplier[:, 0] = 0.0
    return multiplier[:, :-1] - multiplier[:, 1:]
