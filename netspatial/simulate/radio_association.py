"""Association of demand blocks with stations by the radio model: antennas, shadowing, rays.

As `association`, with received power after TR 38.901 instead of distance alone, so that antenna
height, tilt and carrier change the associated demand. Needs no torch and no image.
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
from netspatial.simulate.stations import StationLayout

MakeTracer = Callable[[Sites, Pixels, Radio], Tracer]


def associate_by_radio(
    network: StationLayout, demand: Demand, radio: Radio, seed: int, rays: MakeTracer | None = None
) -> Association:
    """Divide the demand of every block among the stations that serve it.

    The weight of a link is its spectral efficiency; a station's part of the block is its part of
    the power received there from all stations.

    rays : makes a tracer of the links; None for the statistical path loss
    """
    sites, pixels = sites_and_blocks(network, demand)
    blocks = len(pixels.places)
    tracer = rays(sites, pixels, radio) if rays else None
    received = received_power(sites, pixels, radio, seed, tracer)
    sinr = sinr_db(received.received_dbm, received.interference_w(ACTIVITY), received.noise_w)
    quality, power = spectral_efficiency(sinr), watts(received.received_dbm)
    won = power / np.bincount(received.pixel, power, blocks)[received.pixel]
    shape, links = (len(sites), blocks), (received.server, received.pixel)
    meets = coo_array((quality, links), shape=shape).tocsr()
    carries = coo_array((quality * won, links), shape=shape).tocsr()
    by_use = carries @ demand.by_use
    in_reach = meets @ demand.total
    return Association(
        mix=by_use / by_use.sum(axis=1, keepdims=True),
        density=in_reach / meets.sum(axis=1),
        share=by_use.sum(axis=1) / in_reach,
    )


def sites_and_blocks(network: StationLayout, demand: Demand) -> tuple[Sites, Pixels]:
    """Stations, and every demand block as a pixel of its nearest station, for the radio model."""
    sites = Sites(
        ids=np.array(network.station_ids),
        places=np.column_stack([network.x, network.y]),
        coverage=network.coverage,
        height_m=network.height_m,
    )
    blocks = np.column_stack([demand.x, demand.y])
    _, nearest = KDTree(sites.places).query(blocks)
    return sites, Pixels(blocks, np.asarray(nearest, dtype=np.int64), np.ones(len(blocks)))
