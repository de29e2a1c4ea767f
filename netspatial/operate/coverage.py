"""Coverage constraint of every policy: a station that others cannot cover stays awake."""

import numpy as np

from netspatial.arrays import Mask
from netspatial.operate.network import Network


def keep_covered(network: Network, asleep: Mask) -> Mask:
    """Sleep mask in which each pixel that others can serve keeps a server awake.

    Parameters
    ----------
    network : Network
        N stations with their links.
    asleep : array (N, T) of bool
        Sleeping stations in each hour.

    Returns
    -------
    array (N, T) of bool
        The same without stations that `Network.may_sleep` excludes. Where all servers of a pixel
        sleep, its owner wakes, in the order of the stations. A pixel that only its owner can serve
        (at most 1 % of a sleeping owner's traffic) counts as unserved.
    """
    kept = asleep & network.may_sleep[:, None]
    links = network.links
    for owner in np.flatnonzero(kept.any(axis=1)):
        pixels = np.flatnonzero((links.owner == owner) & ~network.lost)
        server = links.server[pixels]
        up = ~kept[server] & (server >= 0)[:, :, None]
        kept[owner] &= up.any(axis=1).all(axis=0)
    return kept
