"""Links from demand pixels to the stations that can serve them, and each station's neighbourhood.

`Network` builds them once from a `ServiceGraph`; dispatch reads links, policies neighbourhoods too.
"""

from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Floats, Indices


@dataclass(frozen=True)
class Links:
    """Links of every demand pixel to the stations that can serve it, cheapest first.

    owner  : (P,) station that the pixel belongs to; share : (P,) part of that station's traffic
    server : (P, M) station of each link, -1 where the pixel has fewer links
    load   : (P, M) part of the server's capacity per traffic unit and hour
    cost   : (P, M) kWh per traffic unit; inf where there is no link
    own    : (P,) index of the link to the owner
    """

    owner: Indices
    share: Floats
    server: Indices
    load: Floats
    cost: Floats
    own: Indices


@dataclass(frozen=True)
class Around:
    """Pixels (k,) that a station can serve, largest share first, and all their servers (m,).

    rank   : (k,) index of each pixel's link to the station
    place  : (k, M) index in `servers` of each link's station, -1 where there is no link
    own    : index in `servers` of the station itself
    """

    pixels: Indices
    rank: Indices
    servers: Indices
    place: Indices
    own: int


def merged(links: Links) -> Links:
    """Links with pixels of one owner and identical links merged; exact in every program."""
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
    """Neighbourhood of each station; run time is linear in the number of links."""
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
