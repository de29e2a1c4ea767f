"""Association of demand blocks with stations by distance.

The demand of a block is shared among the stations in reach in proportion to received power, so that
a station's weekly profile is a mixture of the profiles of the land uses around it.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.spatial import KDTree

from netspatial.arrays import Floats
from netspatial.simulate.demand import Demand

PATH_LOSS = 3.2
"""Exponent of received power over distance in a built-up area."""

NEAR_M = 60.0
"""Within this distance received power is constant: antennas stand above their surroundings."""

HORIZON = 2.0
"""Demand beyond this many reaches is not carried."""


@dataclass(frozen=True)
class Association:
    """Demand associated with each station, in the relative units of `Demand`.

    mix     : (stations, uses) shares of its demand by land use, each row sums to 1
    density : (stations,) mean demand of the blocks in its reach, weighted by proximity
    share   : (stations,) part of the demand in its reach that it serves, 0 to 1
    """

    mix: Floats
    density: Floats
    share: Floats


def associate(x: Floats, y: Floats, reach_m: Floats, gain: Floats, demand: Demand) -> Association:
    """Divide the demand of every block among the stations that reach it.

    x, y    : (stations,) places, metres
    reach_m : (stations,) distance over which the quality of service falls to 1/e
    gain    : (stations,) received power at equal distance, relative
    """
    quality, power = _links(x, y, reach_m, gain, demand)
    received = np.asarray(power.sum(axis=0))
    won = csr_array(power.multiply(1 / np.where(received > 0, received, 1.0)))
    by_use = csr_array(quality.multiply(won)) @ demand.by_use
    in_reach = quality @ demand.total
    return Association(
        mix=by_use / by_use.sum(axis=1, keepdims=True),
        density=in_reach / quality.sum(axis=1),
        share=by_use.sum(axis=1) / in_reach,
    )


def _links(
    x: Floats, y: Floats, reach_m: Floats, gain: Floats, demand: Demand
) -> tuple[csr_array, csr_array]:
    """Return quality of service in [0, 1] and received power, each (stations, blocks), sparse."""
    blocks = KDTree(np.column_stack([demand.x, demand.y]))
    reached = blocks.query_ball_point(
        np.column_stack([x, y]), HORIZON * reach_m, return_sorted=True
    )
    counts = np.array([len(found) for found in reached])
    station = np.repeat(np.arange(len(x)), counts)
    block = np.concatenate([np.asarray(found, dtype=np.int64) for found in reached])
    distance = np.hypot(demand.x[block] - x[station], demand.y[block] - y[station])
    quality = np.exp(-((distance / reach_m[station]) ** 2))
    power = gain[station] * np.maximum(distance, NEAR_M) ** -PATH_LOSS
    shape = (len(x), len(demand.x))
    return (
        coo_array((quality, (station, block)), shape=shape).tocsr(),
        coo_array((power, (station, block)), shape=shape).tocsr(),
    )
