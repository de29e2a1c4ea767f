"""A simulated town in which a quarter is built or cleared, with the same stations as before.

The truth behind scenarios: what the surroundings explain of each station's traffic afterwards.
"""

from dataclasses import dataclass, replace

import numpy as np

from netspatial.simulate.association import associate
from netspatial.simulate.demand import demand
from netspatial.simulate.growth import Grown
from netspatial.simulate.land import BASE_INTENSITY
from netspatial.simulate.town import Town, Use
from netspatial.simulate.traffic import settle_sites


@dataclass(frozen=True)
class RebuiltQuarter:
    """A disc that gets one land use, at the full intensity of that use.

    Attributes
    ----------
    x, y : float
        The middle, metres in the town's CRS.
    radius_m : float
        Radius, m.
    use : Use
        Land use; PARK where a quarter is cleared.
    """

    x: float
    y: float
    radius_m: float
    use: Use


def rebuild_town(town: Town, quarter: RebuiltQuarter) -> Town:
    """Return the town with the quarter; water stays water.

    Parameters
    ----------
    town : Town
        The town.
    quarter : RebuiltQuarter
        What is built.

    Returns
    -------
    Town
        With another land use and intensity on the quarter's ground.
    """
    rows, columns = town.use.shape
    x = town.left + (np.arange(columns) + 0.5) * town.step_m
    y = town.bottom + (rows - np.arange(rows) - 0.5) * town.step_m
    inside = np.hypot(x[None, :] - quarter.x, y[:, None] - quarter.y) <= quarter.radius_m
    inside &= town.use != Use.WATER
    full = np.float32(min(1.0, BASE_INTENSITY[quarter.use]))
    return replace(
        town,
        use=np.where(inside, np.uint8(quarter.use), town.use),
        intensity=np.where(inside, full, town.intensity),
    )


def rebuild(grown: Grown, quarter: RebuiltQuarter) -> Grown:
    """Return a town and its network after a quarter is built; the stations stay where they are.

    Parameters
    ----------
    grown : Grown
        Town and network, associated by distance.
    quarter : RebuiltQuarter
        What is built.

    Returns
    -------
    Grown
        `sites.expected` is the mean traffic that the new surroundings explain, GB/h.
    """
    town, network = rebuild_town(grown.town, quarter), grown.network
    blocks = demand(town, grown.drawn["stations"]["intensity_power"])
    carried = associate(network.x, network.y, network.reach_m, network.gain, blocks)
    sites = settle_sites(town.seed, network, blocks, carried, grown.drawn["traffic"])
    return replace(grown, town=town, sites=sites)
