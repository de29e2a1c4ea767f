"""True unserved demand of a simulated city, for `bench plan`.

The city is simulated again from its seed, so that demand and service radii are known exactly.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.spatial import KDTree

from netspatial.arrays import Floats
from netspatial.city.city import City
from netspatial.errors import BadInput
from netspatial.plan.catchment import HORIZON
from netspatial.simulate.demand import demand
from netspatial.simulate.growth import grow


@dataclass(frozen=True)
class Truth:
    """Demand in blocks of 100 m, and its service by the existing stations.

    xy      : (blocks, 2) centres, metres
    demand  : (blocks,) relative units
    served  : (blocks,) best service by an existing station b, exp(-(d / reach_b)²), in [0, 1]
    reach_m : service radius of a new site, that of the city's own capacity stations

    The true unserved demand is the sum of demand * (1 - served). A set of sites captures
    demand * max(0, w - served) of it, w the best service by one of them.
    """

    xy: Floats
    demand: Floats
    served: Floats
    reach_m: float

    @property
    def unserved(self) -> float:
        """True unserved demand of all blocks, relative units."""
        return float(self.demand @ (1 - self.served))

    def gains(self, sites: Floats) -> csr_array:
        """Return the gain in service of each block by a site at each place (n, 2), (n, blocks)."""
        near = KDTree(self.xy).query_ball_point(sites, HORIZON * self.reach_m, return_sorted=True)
        site = np.repeat(np.arange(len(sites)), [len(found) for found in near])
        block = np.concatenate([np.asarray(found, dtype=np.int64) for found in near])
        offset = self.xy[block] - sites[site]
        added = np.exp(-(offset**2).sum(axis=1) / self.reach_m**2) - self.served[block]
        better = added > 0
        shape = (len(sites), len(self.xy))
        return coo_array((added[better], (site[better], block[better])), shape=shape).tocsr()

    def captured(self, sites: Floats) -> float:
        """Return the share of the unserved demand that these sites (n, 2) capture, 0 to 1."""
        best = self.gains(sites).max(axis=0).toarray().ravel()
        return float(self.demand @ best) / self.unserved


def truth_of(city: City, cells: gpd.GeoDataFrame) -> Truth:
    """Simulate a city again and return the truth of the blocks inside the cells' bounds."""
    parameters = city.record.parameters
    if (
        city.record.provenance != "simulated"
        or city.record.seed is None
        or "family" not in parameters
    ):
        raise BadInput(f"The true demand of '{city.name}' is not known: it is not simulated.")
    grown = grow(
        city.record.seed, parameters["family"], parameters["size_km"], parameters["stations"]
    )
    blocks = demand(grown.town, grown.drawn["stations"]["intensity_power"])
    west, south, east, north = cells.total_bounds
    inside = (blocks.x > west) & (blocks.x < east) & (blocks.y > south) & (blocks.y < north)
    xy = np.column_stack([blocks.x, blocks.y])[inside]
    network = grown.network
    served = np.zeros(len(xy))
    for reach in np.unique(network.reach_m):
        equal = network.reach_m == reach
        distance, _ = KDTree(np.column_stack([network.x, network.y])[equal]).query(xy)
        served = np.maximum(served, np.exp(-np.square(distance / reach)))
    return Truth(xy, blocks.total[inside], served, grown.drawn["stations"]["capacity_reach_m"])
