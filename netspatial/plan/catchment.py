"""Service between cells by distance, and the service of existing stations.

Sparse: only cells within `HORIZON` service radii of each other are paired, so that 100,000 cells
fit in memory.
"""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from netspatial.arrays import Floats, Indices
from netspatial.plan.settings import PlanSettings

HORIZON = 2.0
"""Service ends at this many service radii, where it has fallen to 2 %."""


@dataclass(frozen=True)
class Catchment:
    """The cells as places with demand and as possible sites that serve it.

    Attributes
    ----------
    xy : array (n, 2)
        Centres of the cells, m.
    area_m2 : array (n,)
        Surface of each cell, m².
    reach_m : float
        Distance over which service falls to 1/e, w = exp(-(d / reach)²), m.
    stations : array (b, 2)
        Existing stations, m.
    station_reach : array (b,)
        Service radius of each existing station, m.
    """

    xy: Floats
    area_m2: Floats
    reach_m: float
    stations: Floats
    station_reach: Floats

    @cached_property
    def tree(self) -> KDTree:
        """The cells by position."""
        return KDTree(self.xy)

    @cached_property
    def station_distance_m(self) -> Floats:
        """Distance of each cell to the nearest existing station, (n,); infinite without any."""
        if not len(self.stations):
            return np.full(len(self.xy), np.inf)
        distance, _ = KDTree(self.stations).query(self.xy)
        return np.asarray(distance)

    @cached_property
    def served(self) -> Floats:
        """Share of each cell's demand that existing stations serve, (n,) in [0, 1]."""
        served = np.zeros(len(self.xy))
        for reach in np.unique(self.station_reach):
            metres, _ = KDTree(self.stations[self.station_reach == reach]).query(self.xy)
            served = np.maximum(served, decay(metres, float(reach)))
        return served

    @cached_property
    def per_cell(self) -> Floats:
        """Share of a station's traffic that comes from the station's own cell, (n,).

        A station's catchment is pi * reach², the integral of w.
        """
        return self.area_m2 / (np.pi * self.reach_m**2)

    @cached_property
    def distances(self) -> tuple[Indices, Indices, Floats]:
        """All pairs (site, place, metres) within the horizon, including each cell with itself."""
        pairs = self.tree.query_pairs(HORIZON * self.reach_m, output_type="ndarray")
        own = np.arange(len(self.xy))
        one, other = pairs[:, 0], pairs[:, 1]
        metres = np.hypot(*(self.xy[one] - self.xy[other]).T)
        return (
            np.concatenate([one, other, own]),
            np.concatenate([other, one, own]),
            np.concatenate([metres, metres, np.zeros(len(own))]),
        )

    @cached_property
    def service(self) -> csr_array:
        """Service that a station at each site would add to each place: (sites, places).

        max(0, w - served): only the gain over existing service counts.
        """
        site, place, metres = self.distances
        return self._matrix(site, place, decay(metres, self.reach_m) - self.served[place])

    @cached_property
    def nearness(self) -> csr_array:
        """Reduction of each place's distance to a station by each site, metres: (sites, places).

        Distances count up to the horizon.
        """
        site, place, metres = self.distances
        today = np.minimum(self.station_distance_m, HORIZON * self.reach_m)
        return self._matrix(site, place, today[place] - metres)

    def _matrix(self, site: Indices, place: Indices, added: Floats) -> csr_array:
        better = added > 0
        n = len(self.xy)
        return csr_array((added[better], (site[better], place[better])), shape=(n, n))


def decay(metres: Floats, reach_m: float) -> Floats:
    """Return the service w in [0, 1] at these distances from a station with this radius.

    Parameters
    ----------
    metres : array, any shape
        Distances from the station, m.
    reach_m : float
        Service radius, m.

    Returns
    -------
    array, shape of `metres`
        exp(-(d / reach)²) up to `HORIZON` radii, 0 beyond.

    Examples
    --------
    >>> decay(np.array([0.0, 250.0, 600.0]), 250.0).round(3).tolist()
    [1.0, 0.368, 0.0]
    """
    return np.where(metres <= HORIZON * reach_m, np.exp(-np.square(metres / reach_m)), 0.0)


def catchment(
    cells: gpd.GeoDataFrame, stations: gpd.GeoDataFrame | None, settings: PlanSettings
) -> Catchment:
    """Return the catchment of cells and existing stations.

    Parameters
    ----------
    cells : GeoDataFrame (n rows)
        `x`, `y` in metres and polygons, in a metric CRS.
    stations : GeoDataFrame or None
        Existing stations, in any CRS, where known with the column `tier`; None if unknown.
    settings : PlanSettings
        For `radius_m`, and `coverage_radius_m` for the tier "coverage".

    Returns
    -------
    Catchment
    """
    known, reach = np.empty((0, 2)), np.empty(0)
    if stations is not None and len(stations):
        points = stations.to_crs(cells.crs).geometry
        known = np.column_stack([points.x, points.y])
        far = stations["tier"] == "coverage" if "tier" in stations else np.zeros(len(known), bool)
        reach = np.where(far, settings.coverage_radius_m, settings.radius_m)
    return Catchment(
        xy=cells[["x", "y"]].to_numpy(dtype=np.float64),
        area_m2=cells.geometry.area.to_numpy(dtype=np.float64),
        reach_m=settings.radius_m,
        stations=known,
        station_reach=reach,
    )
