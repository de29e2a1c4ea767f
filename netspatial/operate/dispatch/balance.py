"""Load balancing with all stations awake: load above a threshold moves to less loaded neighbours.

`dispatch` minimises power; this minimises overload, and moves no more traffic than necessary.
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

OVERLOAD_THRESHOLD = 0.8
"""Default load above which traffic is moved."""
MOVED = 1e-3
"""Cost of moving all of a pixel's traffic, relative to a load of 1 above the threshold."""


@dataclass(frozen=True)
class Balance:
    """Loads before and after balancing, and the traffic moved.

    Attributes
    ----------
    load_before : array (N, T)
        Part of the capacity; every station serves its own traffic, above 1 where that exceeds its
        capacity.
    load_after : array (N, T)
        Part of the capacity after balancing.
    flow : array (N, N)
        Traffic of the row's station that the column's serves, sum over the hours.
    threshold : float
        Load above which traffic is moved, part of the capacity.
    """

    load_before: Floats
    load_after: Floats
    flow: Floats
    threshold: float

    @property
    def overload_hours_before(self) -> int:
        """Station-hours above the threshold before balancing."""
        return int((self.load_before > self.threshold + 1e-6).sum())

    @property
    def overload_hours_after(self) -> int:
        """Station-hours above the threshold after balancing."""
        return int((self.load_after > self.threshold + 1e-6).sum())


def balance(network: Network, demand: Floats, threshold: float = OVERLOAD_THRESHOLD) -> Balance:
    """Move traffic off stations above a threshold load, hour by hour.

    Parameters
    ----------
    network : Network
        N stations, all awake.
    demand : array (N, T)
        Traffic of each station, in the unit of the capacities per hour.
    threshold : float
        Load above which traffic is moved, above 0 and up to 1.

    Returns
    -------
    Balance

    Raises
    ------
    BadInput
        If the threshold is no such load, or the demand has gaps or negative values.

    Notes
    -----
    Per hour: min Σ_j o_j + MOVED Σ moved parts, with Σ load <= threshold + o_j for each station j.
    """
    if not 0 < threshold <= 1:
        raise BadInput(f"The threshold is {threshold:g}; it must be a load above 0 and up to 1.")
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
    # rows: all traffic of each pixel, then each station's load within the threshold plus its excess
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
