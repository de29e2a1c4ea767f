"""The rule that no policy may break: who cannot be covered by others stays awake."""

import numpy as np

from netspatial.arrays import Mask
from netspatial.operate.network import Network


def keep_covered(network: Network, asleep: Mask) -> Mask:
    """Wake (N, T) whoever is needed: each pixel that others can serve keeps a server awake.

    Stations that `Network.may_sleep` excludes never sleep. Where all servers of a pixel sleep, its
    owner wakes, owners in their order; a pixel that only its owner can serve (at most 1 % of a
    sleeping owner's traffic) is lost and counted as unserved.
    """
    kept = asleep & network.may_sleep[:, None]
    links = network.links
    for owner in np.flatnonzero(kept.any(axis=1)):
        pixels = np.flatnonzero((links.owner == owner) & ~network.lost)
        server = links.server[pixels]
        up = ~kept[server] & (server >= 0)[:, :, None]
        kept[owner] &= up.any(axis=1).all(axis=0)
    return kept
