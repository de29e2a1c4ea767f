"""Load balancing with all stations awake: what is above a threshold moves to neighbours with room.

Where `dispatch` looks for the least power, this looks for the least crowding, and moves no more
traffic than that takes.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint
from scipy.sparse import coo_array

from netspatial.arrays import Floats
from netspatial.errors import BadInput
from netspatial.highs import linear
from netspatial.operate.dispatch.links import summed
from netspatial.operate.network import Network

CROWDED = 0.8
"""Load above which traffic is moved, where nothing else is asked for."""
MOVED = 1e-3
"""Price of moving all of a pixel's traffic against a load of 1 above the threshold."""


@dataclass(frozen=True)
class Balance:
    """Loads (N, T) as parts of the capacity before and after, and the traffic that moved.

    load_before : every station serving its own traffic; above 1 where it cannot
    flow        : (N, N) traffic from the station whose it is to the one that serves it, all hours
    """

    load_before: Floats
    load_after: Floats
    flow: Floats
    threshold: float

    @property
    def overload_hours_before(self) -> int:
        """Station-hours above the threshold, nothing moved."""
        return int((self.load_before > self.threshold + 1e-6).sum())

    @property
    def overload_hours_after(self) -> int:
        """Station-hours above the threshold that are left."""
        return int((self.load_after > self.threshold + 1e-6).sum())


def balance(network: Network, demand: Floats, threshold: float = CROWDED) -> Balance:
    """Move traffic (N, T) off stations above a threshold load, hour by hour.

    Per hour: min Σ_j o_j + MOVED Σ moved parts, with Σ load <= threshold + o_j; all awake.
    """
    if not 0 < threshold <= 1:
        raise BadInput(f"A threshold of {threshold:g} was given; it is a load from 0 to 1.")
    demand = network.demand(demand)
    before = demand / network.capacity[:, None]
    after, flow = before.copy(), np.zeros((network.size, network.size))
    for hour in np.flatnonzero((before > threshold).any(axis=0)):
        after[:, hour], moved = _hour(network, demand[:, hour], threshold)
        flow += moved
    return Balance(before, after, flow, threshold)


def _hour(network: Network, demand: Floats, threshold: float) -> tuple[Floats, Floats]:
    """Loads (N,) of one hour, and flows (N, N) between stations."""
    links = network.links
    traffic = demand[links.owner] * links.share
    pixel, rank = np.nonzero(links.server >= 0)
    server = links.server[pixel, rank]
    need = links.load[pixel, rank] * traffic[pixel]
    away = rank != links.own[pixel]
    edges, size = len(pixel), network.size
    edge = np.arange(edges)
    # per pixel all of its traffic, per station its load within the threshold and what is above
    rows = len(traffic)
    matrix = coo_array(
        (
            np.concatenate([np.ones(edges), need, -np.ones(size)]),
            (
                np.concatenate([pixel, rows + server, rows + np.arange(size)]),
                np.concatenate([edge, edge, edges + np.arange(size)]),
            ),
        ),
        shape=(rows + size, edges + size),
    )
    found, _ = linear(
        np.concatenate([MOVED * away, np.ones(size)]),
        LinearConstraint(
            matrix,
            np.concatenate([np.ones(rows), np.full(size, -np.inf)]),
            np.concatenate([np.ones(rows), np.full(size, threshold)]),
        ),
        Bounds(0, np.inf),
    )
    part = found[:edges]
    load = summed(need * part, server, size)
    moved = traffic[pixel] * part * away
    flow = summed(moved, links.owner[pixel] * size + server, size * size)
    return load, flow.reshape(size, size)
