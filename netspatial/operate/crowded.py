"""One hour in which some station is crowded: the program that shares out what there is room for.

For `dispatch`, which asks what each station carries, and `flows`, which ask from whom.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array

from netspatial.operate.links import summed
from netspatial.operate.network import Network

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

UNSERVED = 1e4
"""Price of an unserved unit, in the cost of the dearest link: no chain of moves is dearer."""
ROOM = 1e-9
"""Load that counts as nothing."""


@dataclass(frozen=True)
class Shared:
    """How one hour's traffic is shared out.

    pixel, server : (E,) of each link in use; traffic : (E,) over it
    load, unserved, price : (N,) of the stations, as in `dispatch.Dispatch`
    """

    pixel: Indices
    server: Indices
    traffic: Floats
    load: Floats
    unserved: Floats
    price: Floats


def share_out(
    network: Network, traffic: Floats, asleep: Mask, chosen: Indices, load: Floats
) -> Shared:
    """Solve the program of `dispatch` for one hour in which cheapest links overload some station.

    traffic : (P,) of the pixels; asleep : (N,)
    chosen  : (P,) each pixel's cheapest link, -1 where there is none; load : (N,) that they make

    Only stations whose room has a price matter. Start with those overloaded; pixels whose cheapest
    server is none of them stay there. If a solution prices the room of another station, take that
    one in too. When none is left, prices and flows satisfy the whole program's optimality.
    """
    links = network.links
    reached = chosen >= 0
    server = np.where(reached, links.server[np.arange(len(chosen)), np.maximum(chosen, 0)], -1)
    taken = np.where(reached, links.load[np.arange(len(chosen)), np.maximum(chosen, 0)], 0)
    scarce = load > network.most_load + ROOM
    while True:
        free = reached & scarce[server] & (traffic > 0)
        stay = np.flatnonzero(reached & ~free)
        fixed = summed(taken[stay] * traffic[stay], server[stay], network.size)
        found = _program(network, traffic, asleep, np.flatnonzero(free), fixed)
        dear = (found.price > 0) & ~scarce
        if not dear.any():
            break
        scarce |= dear
    lost = summed(traffic[~reached], links.owner[~reached], network.size)
    return Shared(
        pixel=np.concatenate([stay, found.pixel]),
        server=np.concatenate([server[stay], found.server]),
        traffic=np.concatenate([traffic[stay], found.traffic]),
        load=fixed + found.load,
        unserved=lost + found.unserved,
        price=found.price,
    )


def _program(
    network: Network, traffic: Floats, asleep: Mask, pixels: Indices, fixed: Floats
) -> Shared:
    """Solve for some pixels. fixed : (N,) load of those that stay where they are."""
    links = network.links
    row, rank = np.nonzero((links.server[pixels] >= 0) & ~asleep[links.server[pixels]])
    server = links.server[pixels[row], rank]
    need = links.load[pixels[row], rank] * traffic[pixels[row]]
    cost = links.cost[pixels[row], rank] * traffic[pixels[row]]
    dearest = (links.cost[pixels[row], rank]).max() or 1.0
    count, edges = len(pixels), len(row)
    used, position = np.unique(server, return_inverse=True)
    scale = cost.max() or 1.0
    solution = linprog(
        np.concatenate([cost, UNSERVED * dearest * traffic[pixels]]) / scale,
        A_ub=coo_array((need, (position, np.arange(edges))), shape=(len(used), edges + count)),
        b_ub=np.maximum(network.most_load - fixed[used], 0),
        A_eq=coo_array(
            (
                np.ones(edges + count),
                (np.concatenate([row, np.arange(count)]), np.arange(edges + count)),
            ),
            shape=(count, edges + count),
        ),
        b_eq=np.ones(count),
        method="highs",
    )
    if solution.status != 0:
        raise ArithmeticError(f"the dispatch program failed: {solution.message}")
    flow, left = solution.x[:edges], solution.x[edges:]
    price = np.zeros(network.size)
    marginal = -solution.ineqlin.marginals
    price[used] = np.where(marginal > 1e-9, marginal * scale, 0)
    unserved = traffic[pixels] * np.where(left < 1e-9, 0, left)
    return Shared(
        pixel=pixels[row],
        server=server,
        traffic=traffic[pixels[row]] * flow,
        load=summed(need * flow, server, network.size),
        unserved=summed(unserved, links.owner[pixels], network.size),
        price=price,
    )
