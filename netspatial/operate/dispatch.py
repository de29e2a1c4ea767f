"""Who serves which traffic in each hour, given who is asleep: one program that all policies share.

Per hour: leave as little unserved as can be, then draw the least power,

    min  Σ cost_e D_p y_e + C Σ D_p u_p
    s.t. Σ_e y_e + u_p = 1 per pixel,  Σ load_e D_p y_e <= most_load per awake station,  y, u >= 0.

What is not served is measured, never hidden.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array

from netspatial.operate.network import Links, Network, summed
from netspatial.operate.power import drawn_w

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

UNSERVED = 1e4
"""Price of an unserved unit, in the cost of the dearest link: no chain of moves is dearer."""
ROOM = 1e-9
"""Load that counts as nothing."""
BLOCK = 24
"""Hours that are looked at together, so that memory grows with the network alone."""


@dataclass(frozen=True)
class Dispatch:
    """What each station carries and each station's users get, every array (N, T).

    load     : of the station, part of its capacity
    served   : of the traffic that belongs to the station, wherever it is served
    unserved : the rest of that traffic
    price    : kWh that room for one more unit of load would save; 0 where there is room left
    """

    load: Floats
    served: Floats
    unserved: Floats
    price: Floats


def dispatch(network: Network, demand: Floats, asleep: Mask) -> Dispatch:
    """Serve demand (N, T) from the stations that are not asleep (N, T), hour by hour."""
    load, unserved, price = np.zeros((3, *demand.shape))
    for start in range(0, demand.shape[1], BLOCK):
        hours = slice(start, start + BLOCK)
        load[:, hours], unserved[:, hours], price[:, hours] = _block(
            network, demand[:, hours], asleep[:, hours]
        )
    return Dispatch(load=load, served=demand - unserved, unserved=unserved, price=price)


def energy_kwh(network: Network, load: Floats, asleep: Mask) -> Floats:
    """Energy of each station in each hour (N, T) by its own power curve, wakings apart, kWh."""
    drawn = [
        drawn_w(model, row, sleeps)
        for model, row, sleeps in zip(network.power, load, asleep, strict=True)
    ]
    return np.array(drawn).reshape(load.shape) / 1000


def _block(network: Network, demand: Floats, asleep: Mask) -> tuple[Floats, Floats, Floats]:
    """Loads, unserved traffic and prices of room (N, T) of a few hours."""
    links = network.links
    traffic = demand[links.owner] * links.share[:, None]
    chosen = cheapest(links, asleep)
    served = chosen >= 0
    rank = np.maximum(chosen, 0)
    pixel = np.arange(len(rank))[:, None]
    server = links.server[pixel, rank]
    taken = links.load[pixel, rank] * traffic * served
    load = np.zeros(demand.shape)
    hours = np.broadcast_to(np.arange(demand.shape[1]), server.shape)
    np.add.at(load, (server, hours), taken)
    unserved, price = np.zeros(demand.shape), np.zeros(demand.shape)
    np.add.at(unserved, links.owner, traffic * ~served)
    for hour in np.flatnonzero((load > network.most_load + ROOM).any(axis=0)):
        load[:, hour], unserved[:, hour], price[:, hour] = _crowded(
            network, traffic[:, hour], asleep[:, hour], chosen[:, hour], load[:, hour]
        )
    return load, unserved, price


def cheapest(links: Links, asleep: Mask) -> Indices:
    """Each pixel's cheapest link to a station awake (P, T), -1 where there is none."""
    best = np.full((len(links.owner), asleep.shape[1]), -1)
    for rank in reversed(range(links.server.shape[1])):
        server = links.server[:, rank]
        usable = ~asleep[server] & (server >= 0)[:, None]
        best[usable] = rank
    return best


def _crowded(
    network: Network, traffic: Floats, asleep: Mask, chosen: Indices, load: Floats
) -> tuple[Floats, Floats, Floats]:
    """One hour (P,) in which cheapest links overload some station: the program, where it matters.

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
        fixed = summed((taken * traffic)[reached & ~free], server[reached & ~free], network.size)
        flow, left, price = _program(network, traffic, asleep, np.flatnonzero(free), fixed)
        dear = (price > 0) & ~scarce
        if not dear.any():
            break
        scarce |= dear
    unserved = summed(traffic[~reached], links.owner[~reached], network.size)
    return fixed + flow, unserved + left, price


def _program(
    network: Network, traffic: Floats, asleep: Mask, pixels: Indices, fixed: Floats
) -> tuple[Floats, Floats, Floats]:
    """Solve one hour's program for some pixels: loads, unserved by owner, price of room, all (N,).

    fixed : (N,) load of the pixels that stay where they are
    """
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
    owner = links.owner[pixels]
    return (
        summed(need * flow, server, network.size),
        summed(traffic[pixels] * np.where(left < 1e-9, 0, left), owner, network.size),
        price,
    )
