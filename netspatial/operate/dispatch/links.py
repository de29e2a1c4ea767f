"""Links from demand pixels to the stations that can serve them, and each station's neighbourhood.

`Network` builds them once from a `ServiceGraph`; dispatch reads links, policies neighbourhoods too.
"""

from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Floats, Indices


@dataclass(frozen=True)
class Links:
    """Links of every demand pixel to the stations that can serve it, cheapest first.

    Attributes
    ----------
    owner : array (P,) of int
        Station that the pixel belongs to.
    share : array (P,)
        Part of that station's traffic.
    server : array (P, M) of int
        Station of each link, -1 where the pixel has fewer links.
    load : array (P, M)
        Part of the server's capacity per traffic unit and hour.
    cost : array (P, M)
        kWh per traffic unit; inf where there is no link.
    own : array (P,) of int
        Index of the link to the owner.
    """

    owner: Indices
    share: Floats
    server: Indices
    load: Floats
    cost: Floats
    own: Indices


@dataclass(frozen=True)
class Around:
    """Pixels that a station can serve, largest share first, and all their servers.

    Attributes
    ----------
    pixels : array (k,) of int
        Pixels that the station can serve.
    rank : array (k,) of int
        Index of each pixel's link to the station.
    servers : array (m,) of int
        All stations that can serve these pixels.
    place : array (k, M) of int
        Index in `servers` of each link's station, -1 where there is no link.
    own : int
        Index in `servers` of the station itself.
    """

    pixels: Indices
    rank: Indices
    servers: Indices
    place: Indices
    own: int


def merged(links: Links) -> Links:
    """Links with pixels of one owner and identical links merged; exact in every program.

    Parameters
    ----------
    links : Links
        Links of all pixels.

    Returns
    -------
    Links
    """
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
    """Neighbourhood of each station; run time is linear in the number of links.

    Parameters
    ----------
    links : Links
        Links of all pixels.
    stations : int
        Number of stations N.

    Returns
    -------
    tuple of Around
        One for each station.
    """
    pixel, rank = np.nonzero(links.server >= 0)
    server = links.server[pixel, rank]
    order = np.lexsort((pixel, -links.share[pixel], server))
    parts = np.split(order, np.searchsorted(server[order], np.arange(1, stations)))
    return tuple(
        _around(links, station, pixel[part], rank[part]) for station, part in enumerate(parts)
    )


def summed(values: Floats, index: Indices, count: int) -> Floats:
    """Sum values by their index from 0 to count - 1.

    Parameters
    ----------
    values : array (k,)
        Any quantity.
    index : array (k,) of int
        Index of each value.
    count : int
        Number of sums.

    Returns
    -------
    array (count,)

    Examples
    --------
    >>> summed(np.array([1.0, 2.0, 4.0]), np.array([0, 2, 0]), 3).tolist()
    [5.0, 0.0, 2.0]
    """
    return np.bincount(index, values, count).astype(np.float64)


def _around(links: Links, station: int, pixels: Indices, rank: Indices) -> Around:
    server = links.server[pixels]
    servers = np.unique(server[server >= 0])
    place = np.where(server >= 0, np.searchsorted(servers, server), -1)
    return Around(pixels, rank, servers, place, int(np.searchsorted(servers, station)))
