"""Changes of stations: one is added, moved, switched off or upgraded."""

from typing import Any, ClassVar, Literal

import geopandas as gpd
import pandas as pd
import pydantic
import shapely

from netspatial.city.city import City, Part
from netspatial.radio.sites import MIN_HEIGHT_M
from netspatial.scenario.contract import Change, Spot

MAX_CAPACITY = 1e12
"""Traffic per hour in any unit; more is a slip of the pen."""


class StationChange(Change):
    """A change of one station of the city.

    Attributes
    ----------
    station_id : str
        Id of the station.
    """

    needs: ClassVar[tuple[Part, ...]] = ("stations",)

    station_id: str = pydantic.Field(min_length=1, max_length=200)

    @property
    def station(self) -> str:
        """Id of the station that is changed."""
        return self.station_id

    def problem(self, city: City) -> str | None:
        """Return a sentence where the city has no such station."""
        ids = _ids(city.stations)
        if self.station_id in set(ids):
            return None
        return (
            f"the station '{self.station_id}' is not in the city '{city.name}'; it has "
            f"{len(ids)} stations, '{ids.iloc[0]}' to '{ids.iloc[-1]}'"
        )


class SwitchOffStation(StationChange):
    """A station is switched off for good; others serve its traffic where they can.

    Attributes
    ----------
    change, done : str
        Kind of the change, and the same in a sentence.
    station_id : str
        Id of the station.
    """

    done: ClassVar[str] = "switched off"

    change: Literal["switch_off"] = "switch_off"

    @property
    def sentence(self) -> str:
        """The change in one sentence."""
        return f"Station '{self.station_id}' is switched off."

    def change_stations(self, stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the other stations."""
        return stations[_ids(stations) != self.station_id].reset_index(drop=True)


class MoveStation(StationChange, Spot):
    """A station is moved.

    Attributes
    ----------
    change, done : str
        Kind of the change, and the same in a sentence.
    station_id : str
        Id of the station.
    lon, lat : float
        Where it stands then, degrees.
    """

    done: ClassVar[str] = "moved"

    change: Literal["move_station"] = "move_station"

    @property
    def sentence(self) -> str:
        """The change in one sentence."""
        return f"Station '{self.station_id}' is moved and stands {self.at}."

    def problem(self, city: City) -> str | None:
        """Return a sentence where there is no such station, or the place is outside the city."""
        return super().problem(city) or self.outside(city)

    def change_stations(self, stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the stations with this one at its new place."""
        places = stations.geometry.to_numpy().copy()
        places[(_ids(stations) == self.station_id).to_numpy()] = shapely.Point(self.lon, self.lat)
        return stations.set_geometry(gpd.GeoSeries(places, index=stations.index, crs=stations.crs))


class UpgradeStation(StationChange):
    """A station gets another capacity.

    Attributes
    ----------
    change, done : str
        Kind of the change, and the same in a sentence.
    station_id : str
        Id of the station.
    capacity : float
        Its new capacity, in the unit of the city's stations.
    """

    done: ClassVar[str] = "upgraded"

    change: Literal["upgrade_station"] = "upgrade_station"
    capacity: float = pydantic.Field(gt=0, le=MAX_CAPACITY)

    @property
    def sentence(self) -> str:
        """The change in one sentence."""
        return f"Station '{self.station_id}' gets a capacity of {self.capacity:g} per hour."

    def problem(self, city: City) -> str | None:
        """Return a sentence where there is no such station, or capacities are not known."""
        if "capacity" not in city.stations.columns:
            return "the city's stations have no column 'capacity' that could be changed"
        return super().problem(city)

    def change_stations(self, stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the stations with the new capacity."""
        known = pd.to_numeric(stations["capacity"], errors="coerce").astype(float)
        return stations.assign(
            capacity=known.where(_ids(stations) != self.station_id, self.capacity)
        )


class AddStation(StationChange, Spot):
    """A station is added; it takes over the traffic that it serves best.

    Attributes
    ----------
    change, done : str
        Kind of the change, and the same in a sentence.
    station_id : str
        Its id, which no other station has.
    lon, lat : float
        Where it stands, degrees.
    capacity : float
        Its capacity, in the unit of the city's stations.
    tier : str
        "coverage" or "capacity".
    height_m : float, optional
        Height of its antennas, m; by default that of its tier.
    """

    done: ClassVar[str] = "added"

    change: Literal["add_station"] = "add_station"
    capacity: float = pydantic.Field(gt=0, le=MAX_CAPACITY)
    tier: Literal["coverage", "capacity"] = "capacity"
    height_m: float | None = pydantic.Field(default=None, ge=MIN_HEIGHT_M, le=500)

    @property
    def sentence(self) -> str:
        """The change in one sentence."""
        return (
            f"Station '{self.station_id}' of the {self.tier} tier is added {self.at}, with a "
            f"capacity of {self.capacity:g} per hour."
        )

    def problem(self, city: City) -> str | None:
        """Return a sentence where the id is taken, or the place is outside the city."""
        if self.station_id in set(_ids(city.stations)):
            return f"the city '{city.name}' already has a station '{self.station_id}'"
        return self.outside(city)

    def change_stations(self, stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the stations with this one behind them; columns the city lacks are not added."""
        row: dict[str, Any] = {"station_id": self.station_id, "capacity": self.capacity}
        row |= {"tier": self.tier, "height_m": self.height_m}
        if "capacity_unit" in stations.columns and len(stations):
            row["capacity_unit"] = stations["capacity_unit"].iloc[0]
        known = {name: [value] for name, value in row.items() if name in stations.columns}
        added = gpd.GeoDataFrame(
            {name: value for name, value in known.items() if value != [None]},
            geometry=[shapely.Point(self.lon, self.lat)],
            crs=stations.crs,
        )
        return gpd.GeoDataFrame(pd.concat([stations, added], ignore_index=True))


def _ids(stations: gpd.GeoDataFrame) -> "pd.Series[str]":
    ids: pd.Series[str] = stations["station_id"].astype(str)
    return ids
