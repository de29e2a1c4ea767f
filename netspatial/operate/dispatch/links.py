"""Every demand pixel with the stations that can serve it, and every station with its neighbourhood.

What `Network` builds once from a `ServiceGraph`; dispatch reads links, boards of greedy policies also who
stands around a station.
"""

from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Floats, Indices


@dataclass(frozen=True)
class Links:
    """Every demand pixel with the stations that can serve it, cheapest first.

    owner  : (P,) station whose traffic the pixel is part of; share : (P,) part of that traffic
    server : (P, M) station of each link, -1 where the pixel has fewer links
    load   : (P, M) capacity share that one traffic unit per hour takes there
    cost   : (P, M) kWh that one traffic unit costs there; inf where there is no link
    own    : (P,) which of its links leads to its owner
    """

    owner: Indices
    share: Floats
    server: Indices
    load: Floats
    cost: Floats
    own: Indices


@dataclass(frozen=True)
class Around:
    """Pixels (k,) that a station can serve, largest share first, and all who can serve them (m,).

    rank   : (k,) which of each pixel's links leads to the station
    place  : (k, M) where in `servers` each link leads, -1 where there is none
    own    : where in `servers` the station itself stands
    """

    pixels: Indices
    rank: Indices
    servers: Indices
    place: Indices
    own: int


def merged(links: Links) -> Links:
    """Take pixels of one owner with the very same links for one pixel: exact in every program."""
    key = np.column_stack([links.owner, links.server, links.load])
    _, kept, group = np.unique(key, axis=0, return_index=True, return_inverse=True)
    return Links(
        owner=links.owner[kept],
        share=summed(links.share, group.ravel(), len(kept)),
        server=links.server[kept],
        load=links.load[kept],
        cost=links.cost[kept],
        own=links.own[kept],
    )


def neighbourhoods(links: Links, stations: int) -> tuple[Around, ...]:
    """Who stands around each station, in time that grows with the links alone."""
    pixel, rank = np.nonzero(links.server >= 0)
    server = links.server[pixel, rank]
    order = np.lexsort((pixel, -links.share[pixel], server))
    parts = np.split(order, np.searchsorted(server[order], np.arange(1, stations)))
    return tuple(
        _around(links, station, pixel[part], rank[part]) for station, part in enumerate(parts)
    )


def summed(values: Floats, index: Indices, count: int) -> Floats:
    """Sum values by their index from 0 to count - 1."""
    return np.bincount(index, values, count).astype(np.float64)


def _around(links: Links, station: int, pixels: Indices, rank: Indices) -> Around:
    server = links.server[pixels]
    servers = np.unique(server[server >= 0])
    place = np.where(server >= 0, np.searchsorted(servers, server), -1)
    return Around(pixels, rank, servers, place, int(np.searchsorted(servers, station)))
