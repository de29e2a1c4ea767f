"""What every kind of change provides; a kind overrides only what it changes."""

from typing import ClassVar

import geopandas as gpd
import numpy as np
import pydantic
import shapely
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from netspatial.arrays import Floats
from netspatial.city.city import City, Part

SITE_M = 40.0
"""Radius of the mark of a station, m."""


class Change(pydantic.BaseModel):
    """One change to a city.

    Attributes
    ----------
    change : str
        Kind of the change, a key of `scenario.CHANGES`.
    needs : tuple of str
        Parts that the city must have.
    done : str
        The kind in a sentence, for example "moved".
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    needs: ClassVar[tuple[Part, ...]] = ()
    done: ClassVar[str] = "changed"

    change: str

    @property
    def sentence(self) -> str:
        """The change in one sentence."""
        raise NotImplementedError

    @property
    def station(self) -> str | None:
        """Id of the station that is changed."""
        return None

    def problem(self, city: City) -> str | None:  # noqa: ARG002  a kind may need it
        """Return why this city cannot be changed so, as a sentence; None where it can.

        Parameters
        ----------
        city : City
            The city before any change.

        Returns
        -------
        str or None
            The problem.
        """
        return None

    def change_pois(self, pois: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:  # noqa: ARG002
        """Return the points of interest after the change.

        Parameters
        ----------
        pois : geopandas.GeoDataFrame
            Points of interest, EPSG:4326.
        crs : pyproj.CRS
            Metric CRS of the city.

        Returns
        -------
        geopandas.GeoDataFrame
            In the same CRS.
        """
        return pois

    def change_stations(self, stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the stations after the change.

        Parameters
        ----------
        stations : geopandas.GeoDataFrame
            Stations, EPSG:4326.

        Returns
        -------
        geopandas.GeoDataFrame
            In the same CRS.
        """
        return stations

    def footprint(self, crs: CRS) -> BaseGeometry:  # noqa: ARG002  a kind may need it
        """Return the ground on which places of interest change.

        Parameters
        ----------
        crs : pyproj.CRS
            Metric CRS of the city.

        Returns
        -------
        shapely geometry
            In `crs`; empty where no places change.
        """
        return shapely.Polygon()

    def ground(self, crs: CRS) -> BaseGeometry:  # noqa: ARG002  a kind may need it
        """Return the ground on which the satellite image no longer shows what is there.

        Parameters
        ----------
        crs : pyproj.CRS
            Metric CRS of the city.

        Returns
        -------
        shapely geometry
            In `crs`; empty where the image stays right.
        """
        return shapely.Polygon()

    def demand_factor(self, lonlat: Floats) -> Floats:
        """Return the factor of the demand at places.

        Parameters
        ----------
        lonlat : ndarray of float64, (n, 2)
            Places, degrees.

        Returns
        -------
        ndarray of float64, (n,)
            1 where the demand stays.
        """
        return np.ones(len(lonlat))


class Spot(pydantic.BaseModel):
    """A place in degrees, for changes that happen at one."""

    lon: float = pydantic.Field(ge=-180, le=180)
    lat: float = pydantic.Field(ge=-90, le=90)

    @property
    def at(self) -> str:
        """The place in words."""
        return f"at {self.lat:.5f}, {self.lon:.5f}"

    @property
    def extent_m(self) -> float:
        """Radius of what changes on the ground, m; that of a station's site by default."""
        return SITE_M

    def outside(self, city: City) -> str | None:
        """Return a sentence where the place is outside the city's bounds; else None.

        Parameters
        ----------
        city : City
            The city.

        Returns
        -------
        str or None
            The problem.
        """
        west, south, east, north = city.record.bounds
        if west <= self.lon <= east and south <= self.lat <= north:
            return None
        return (
            f"the place {self.lon:.5f}, {self.lat:.5f} (lon, lat) is outside the city "
            f"'{city.name}': west {west:.5f}, south {south:.5f}, east {east:.5f}, north {north:.5f}"
        )

    def xy(self, crs: CRS) -> Floats:
        """Return the place in a metric CRS.

        Parameters
        ----------
        crs : pyproj.CRS
            Metric CRS.

        Returns
        -------
        ndarray of float64, (2,)
            Easting and northing, m.
        """
        to_metric = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
        return np.array(to_metric.transform(self.lon, self.lat))
