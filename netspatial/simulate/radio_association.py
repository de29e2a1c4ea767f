"""Which station carries whose traffic, by the radio model: antennas, carriers, shadowing, rays.

The careful sister of `association`: demand blocks are shared by received power after TR 38.901,
so that antenna height, tilt and carrier change what a station meets. Needs no torch and no image.
"""

from collections.abc import Callable

import numpy as np
from scipy.sparse import coo_array
from scipy.spatial import KDTree

from netspatial.radio.link import ACTIVITY, sinr_db, spectral_efficiency, watts
from netspatial.radio.pixels import Pixels
from netspatial.radio.received_power import Tracer, received_power
from netspatial.radio.sites import Radio, Sites
from netspatial.simulate.association import Association
from netspatial.simulate.demand import Demand
from netspatial.simulate.stations import Network

MakeTracer = Callable[[Sites, Pixels, Radio], Tracer]


def associate_by_radio(
    network: Network, demand: Demand, radio: Radio, seed: int, rays: MakeTracer | None = None
) -> Association:
    """Divide the demand of every block among the stations that serve it.

    A station meets a block the more, the more bit/s/Hz it reaches there, and wins of it its part
    of the power received there from all stations that are heard.

    rays : traces the links, where the statistical path loss is not to decide
    """
    sites, pixels = sites_and_blocks(network, demand)
    blocks = len(pixels.places)
    heard = received_power(sites, pixels, radio, seed, rays(sites, pixels, radio) if rays else None)
    sinr = sinr_db(heard.received_dbm, heard.interference_w(ACTIVITY), heard.noise_w)
    quality, power = spectral_efficiency(sinr), watts(heard.received_dbm)
    won = power / np.bincount(heard.pixel, power, blocks)[heard.pixel]
    shape, links = (len(sites), blocks), (heard.server, heard.pixel)
    meets = coo_array((quality, links), shape=shape).tocsr()
    carries = coo_array((quality * won, links), shape=shape).tocsr()
    by_use = carries @ demand.by_use
    in_reach = meets @ demand.total
    return Association(
        mix=by_use / by_use.sum(axis=1, keepdims=True),
        density=in_reach / meets.sum(axis=1),
        share=by_use.sum(axis=1) / in_reach,
    )


def sites_and_blocks(network: Network, demand: Demand) -> tuple[Sites, Pixels]:
    """The stations, and every demand block as a pixel of its nearest one, for the radio model."""
    sites = Sites(
        ids=np.array(network.station_ids),
        places=np.column_stack([network.x, network.y]),
        coverage=network.coverage,
        height_m=network.height_m,
    )
    blocks = np.column_stack([demand.x, demand.y])
    _, nearest = KDTree(sites.places).query(blocks)
    return sites, Pixels(blocks, np.asarray(nearest, dtype=np.int64), np.ones(len(blocks)))
