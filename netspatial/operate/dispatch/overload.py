"""Dispatch of overloaded hours: the program that allocates the capacity of full stations.

Used by `dispatch` for loads and by `offload` for flows.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from netspatial.arrays import Floats, Indices, Mask
from netspatial.operate.dispatch.allocation import Wanted, allocate
from netspatial.operate.dispatch.links import Links, summed
from netspatial.operate.network import Network

UNSERVED = 1e4
"""Penalty of an unserved unit over the cost of the dearest link; exceeds any chain of moves."""
ROOM = 1e-9
"""Load tolerance."""


@dataclass(frozen=True)
class Shared:
    """Allocated traffic of some hours.

    Attributes
    ----------
    pixel : array (E,) of int
        Pixel of each link in use.
    hour : array (E,) of int
        Hour of each link in use.
    server : array (E,) of int
        Station of each link in use.
    traffic : array (E,)
        Traffic on it.
    load : array (N, H)
        As in `dispatch.Dispatch`.
    unserved : array (N, H)
        As in `dispatch.Dispatch`.
    price : array (N, H)
        As in `dispatch.Dispatch`.
    """

    pixel: Indices
    hour: Indices
    server: Indices
    traffic: Floats
    load: Floats
    unserved: Floats
    price: Floats


@dataclass(frozen=True)
class _Cells:
    """Pixels in hours (k,) whose cheapest station is scarce, and their links to scarce stations.

    usual : (k,) the cheapest link to a station with free capacity, -1 where there is none
    cell, rank : (E,) the links that are cheaper than the usual one, all to scarce stations
    seat  : (E,) station and hour of each link as one number; group : (k,) cells that share seats
    """

    pixel: Indices
    hour: Indices
    usual: Indices
    cell: Indices
    rank: Indices
    seat: Indices
    group: Indices


def allocate_overload(
    network: Network, traffic: Floats, asleep: Mask, chosen: Indices, load: Floats
) -> Shared:
    """Solve the program of `dispatch` for hours in which cheapest links overload some station.

    Parameters
    ----------
    network : Network
        N stations with the links of P pixels.
    traffic : array (P, H)
        Traffic of the pixels.
    asleep : array (N, H) of bool
        Sleeping stations.
    chosen : array (P, H) of int
        Each pixel's cheapest link, -1 where there is none.
    load : array (N, H)
        Loads over these links, parts of the capacities.

    Returns
    -------
    Shared

    Notes
    -----
    Only stations with a positive price of capacity matter: overloaded ones are scarce, the others
    are unlimited. If a solution overloads one of the others, that one becomes scarce and its group
    is solved again. At the end, prices and flows satisfy the optimality conditions of the whole
    program. Groups of stations without a common pixel are independent, so run time is linear in
    their number.
    """
    links, shape = network.links, load.shape
    flow = np.zeros((*links.server.shape, traffic.shape[1]))
    pixel, hour = np.nonzero(chosen >= 0)
    flow[pixel, chosen[pixel, hour], hour] = 1
    load, price = load.copy(), np.zeros(shape)
    scarce = np.zeros(shape, dtype=bool)
    while (fresh := (load > network.most_load + ROOM) & ~scarce).any():
        scarce |= fresh
        cells = _cells(links, traffic, asleep, chosen, scarce)
        touched = np.unique(cells.group[cells.cell[fresh.ravel()[cells.seat]]])
        again = np.flatnonzero(np.isin(cells.group, touched))
        at = (cells.pixel[again], slice(None), cells.hour[again])
        load -= _load(links, traffic, flow[at], at[0], at[2], shape)
        flow[at] = 0
        edges = np.flatnonzero(np.isin(cells.group[cells.cell], touched))
        wanted = _wanted(links, traffic, cells, edges)
        given, prices = allocate(wanted, network.most_load)
        cell, seat = cells.cell[edges], np.unique(cells.seat[edges])
        flow[cells.pixel[cell], cells.rank[edges], cells.hour[cell]] = given
        left = 1 - summed(given, cell, len(cells.pixel))[again]
        left = np.where(left < ROOM, 0, left)
        fallback = cells.usual[again] >= 0
        back = again[fallback]
        flow[cells.pixel[back], cells.usual[back], cells.hour[back]] = left[fallback]
        price.ravel()[seat] = prices
        load += _load(links, traffic, flow[at], at[0], at[2], shape)
    pixel, rank, hour = np.nonzero(flow)
    left = traffic * (1 - flow.sum(axis=1))
    lost = np.nonzero(left > ROOM * traffic)
    return Shared(
        pixel=pixel,
        hour=hour,
        server=links.server[pixel, rank],
        traffic=traffic[pixel, hour] * flow[pixel, rank, hour],
        load=np.maximum(load, 0),
        unserved=_table(left[lost], links.owner[lost[0]], lost[1], shape),
        price=price,
    )


def _cells(links: Links, traffic: Floats, asleep: Mask, chosen: Indices, scarce: Mask) -> _Cells:
    """Cells and links to allocate while these stations (N, H) are scarce."""
    cheapest = links.server[np.arange(len(chosen))[:, None], np.maximum(chosen, 0)]
    hours = np.arange(chosen.shape[1])
    pixel, hour = np.nonzero((chosen >= 0) & (traffic > 0) & scarce[cheapest, hours])
    server = links.server[pixel]
    up = (server >= 0) & ~asleep[server, hour[:, None]]
    free = up & ~scarce[server, hour[:, None]]
    some = free.any(axis=1)
    usual = np.where(some, free.argmax(axis=1), -1)
    before = np.arange(server.shape[1]) < np.where(some, usual, server.shape[1])[:, None]
    cell, rank = np.nonzero(up & before)
    seat = server[cell, rank] * chosen.shape[1] + hour[cell]
    _, place = np.unique(seat, return_inverse=True)
    count = len(pixel)
    size = count + int(place.max()) + 1
    graph = coo_array((np.ones(len(cell)), (cell, count + place)), shape=(size, size))
    group = connected_components(graph, directed=False)[1][:count]
    return _Cells(pixel, hour, usual, cell, rank, seat, group.astype(np.int64))


def _wanted(links: Links, traffic: Floats, cells: _Cells, edges: Indices) -> Wanted:
    """Gain over the usual link and load of some links (e,) of the cells."""
    cell, rank = cells.cell[edges], cells.rank[edges]
    pixel, usual = cells.pixel[cell], cells.usual[cell]
    amount = traffic[pixel, cells.hour[cell]]
    dearest = UNSERVED * links.cost[np.isfinite(links.cost)].max()
    instead = np.where(usual >= 0, links.cost[pixel, np.maximum(usual, 0)], dearest)
    return Wanted(
        cell=np.unique(cell, return_inverse=True)[1],
        seat=np.unique(cells.seat[edges], return_inverse=True)[1],
        group=cells.group[cell],
        gain=(instead - links.cost[pixel, rank]) * amount,
        need=links.load[pixel, rank] * amount,
    )


def _load(
    links: Links,
    traffic: Floats,
    flow: Floats,
    pixel: Indices,
    hour: Indices,
    shape: tuple[int, ...],
) -> Floats:
    """Load (N, H) of the flows (k, M) of some pixels and hours (k,)."""
    cell, rank = np.nonzero(flow)
    pixel, hour = pixel[cell], hour[cell]
    load = links.load[pixel, rank] * traffic[pixel, hour] * flow[cell, rank]
    return _table(load, links.server[pixel, rank], hour, shape)


def _table(values: Floats, row: Indices, hour: Indices, shape: tuple[int, ...]) -> Floats:
    """Sum values by station and hour (N, H)."""
    count, hours = shape
    return summed(values, row * hours + hour, count * hours).reshape(shape)
