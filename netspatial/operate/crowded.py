"""Hours in which some station is crowded: the program that shares out what there is room for.

For `dispatch`, which asks what each station carries, and `flows`, which ask from whom.
"""

from collections.abc import Iterator
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
TOGETHER = 5_000
"""Links whose hours are solved as one program: small ones take longer to state than to solve."""


@dataclass(frozen=True)
class Shared:
    """How the traffic of some hours is shared out.

    pixel, hour, server : (E,) of each link in use; traffic : (E,) over it
    load, unserved, price : (N, H) of the stations, as in `dispatch.Dispatch`
    """

    pixel: Indices
    hour: Indices
    server: Indices
    traffic: Floats
    load: Floats
    unserved: Floats
    price: Floats


def share_out(
    network: Network, traffic: Floats, asleep: Mask, chosen: Indices, load: Floats
) -> Shared:
    """Solve the program of `dispatch` for hours in which cheapest links overload some station.

    traffic : (P, H) of the pixels; asleep : (N, H)
    chosen  : (P, H) each pixel's cheapest link, -1 where there is none; load : (N, H) they make

    Only stations whose room has a price matter. Start with those overloaded; pixels whose cheapest
    server is none of them stay there. If a solution prices the room of another station, take that
    one in too. When none is left, prices and flows satisfy the whole program's optimality.
    """
    links = network.links
    pixel, hour = np.indices(traffic.shape, dtype=np.int64)
    server = np.where(chosen >= 0, links.server[pixel, np.maximum(chosen, 0)], -1)
    need = links.load[pixel, np.maximum(chosen, 0)] * traffic
    scarce = load > network.most_load + ROOM
    lost = np.nonzero(chosen < 0)
    unserved, price = _table(traffic[lost], links.owner[lost[0]], lost[1], load.shape), 0 * load
    total, used = 0 * load, []
    unsolved: Mask = np.ones(traffic.shape[1], dtype=bool)
    while unsolved.any():
        free = (chosen >= 0) & scarce[server, hour] & (traffic > 0) & unsolved
        stay = np.nonzero((chosen >= 0) & ~free & unsolved)
        fixed = _table(need[stay], server[stay], stay[1], load.shape)
        solved = unsolved.copy()
        for cells in _groups(free, (links.server >= 0).sum(axis=1)):
            part = _program(network, traffic, asleep, cells, fixed)
            dear: Mask = np.logical_or.reduce((part.price > 0) & ~scarce, axis=0)
            scarce |= part.price > 0
            solved &= ~dear
            kept = ~dear[part.hour]
            used.append((part.pixel[kept], part.hour[kept], part.server[kept], part.traffic[kept]))
            for array, more in ((total, part.load), (unserved, part.unserved), (price, part.price)):
                array[:, ~dear] += more[:, ~dear]
        total[:, solved] += fixed[:, solved]
        kept = solved[stay[1]]
        used.append((stay[0][kept], stay[1][kept], server[stay][kept], traffic[stay][kept]))
        unsolved &= ~solved
    return Shared(
        pixel=np.concatenate([one[0] for one in used]),
        hour=np.concatenate([one[1] for one in used]),
        server=np.concatenate([one[2] for one in used]),
        traffic=np.concatenate([one[3] for one in used]),
        load=total,
        unserved=unserved,
        price=price,
    )


def _groups(free: Mask, links: Indices) -> Iterator[tuple[Indices, Indices]]:
    """Pixels and hours to place, hours that are solved together at a time.

    free : (P, H); links : (P,) of each pixel
    """
    size = np.cumsum((free * links[:, None]).sum(axis=0))
    group = size // TOGETHER
    for number in np.unique(group):
        pixel, hour = np.nonzero(free & (group == number))
        if len(pixel):
            yield pixel, hour


def _program(
    network: Network,
    traffic: Floats,
    asleep: Mask,
    cells: tuple[Indices, Indices],
    fixed: Floats,
) -> Shared:
    """Solve for some pixels and hours. fixed : (N, H) load of those that stay where they are."""
    links = network.links
    pixels, hours = cells
    served = links.server[pixels]
    row, rank = np.nonzero((served >= 0) & ~asleep[served, hours[:, None]])
    server, pixel, hour = served[row, rank], pixels[row], hours[row]
    need = links.load[pixel, rank] * traffic[pixel, hour]
    cost = links.cost[pixel, rank] * traffic[pixel, hour]
    dearest = links.cost[pixel, rank].max() or 1.0
    count, edges = len(pixels), len(row)
    used, position = np.unique(server * fixed.shape[1] + hour, return_inverse=True)
    scale = cost.max() or 1.0
    solution = linprog(
        np.concatenate([cost, UNSERVED * dearest * traffic[pixels, hours]]) / scale,
        A_ub=coo_array((need, (position, np.arange(edges))), shape=(len(used), edges + count)),
        b_ub=np.maximum(network.most_load - fixed.ravel()[used], 0),
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
    price = np.zeros(fixed.shape)
    marginal = -solution.ineqlin.marginals
    price.ravel()[used] = np.where(marginal > 1e-9, marginal * scale, 0)
    unserved = traffic[pixels, hours] * np.where(left < 1e-9, 0, left)
    return Shared(
        pixel=pixel,
        hour=hour,
        server=server,
        traffic=traffic[pixel, hour] * flow,
        load=_table(need * flow, server, hour, fixed.shape),
        unserved=_table(unserved, links.owner[pixels], hours, fixed.shape),
        price=price,
    )


def _table(values: Floats, row: Indices, hour: Indices, shape: tuple[int, ...]) -> Floats:
    """Sum values by station and hour (N, H)."""
    count, hours = shape
    return summed(values, row * hours + hour, count * hours).reshape(shape)
