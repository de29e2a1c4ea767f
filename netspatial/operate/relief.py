"""Who wakes when a plan fails: sleepers that could relieve the stations that were full.

No forecast knows of a crowd that gathers. It is measured, though, and an hour later, or as long as
waking takes, neighbours can help.
"""

import numpy as np
from numpy.typing import NDArray

from netspatial.operate.choosing import shortage
from netspatial.operate.crowded import ROOM
from netspatial.operate.dispatch import Dispatch
from netspatial.operate.network import Network

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def calls(
    network: Network, demand: Floats, plan: Mask, result: Dispatch, budget: Floats, qoe_min: float
) -> Mask:
    """Whom each hour (N, T) calls: had the plan been followed, it would have served too little.

    An hour calls if a part of its traffic above 1 - `qoe_min` found no room; it calls every station
    with a pixel that some full station can serve.

    plan : (N, T) who was to sleep; result : its dispatch; budget : as in `choosing.shortage`
    """
    short = shortage(network, demand, plan, result, budget)
    failed = short > (1 - qoe_min) * demand.sum(axis=0) + ROOM
    called = np.zeros(plan.shape, dtype=bool)
    if not failed.any():
        return called
    links = network.links
    pixel, rank = np.nonzero(links.server >= 0)
    full = (result.load >= network.most_load - ROOM) & failed
    for owner, server in np.unique(
        np.column_stack([links.owner[pixel], links.server[pixel, rank]]), axis=0
    ):
        called[owner] |= full[server]
    return called


def lead_h(network: Network) -> int:
    """Hours from a call until who is called can be awake."""
    return max(1, *(model.lead_h for model in network.power))
