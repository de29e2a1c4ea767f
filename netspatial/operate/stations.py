"""Stations of a city to operate: selection, checks and service graph.

Radio coverage is computed with all the city's stations, so that those left out still interfere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from netspatial.area import Area
from netspatial.area_files import names_area_file
from netspatial.arrays import Floats, Indices, Mask
from netspatial.city.city import City
from netspatial.errors import BadInput
from netspatial.gaps import LONGEST_GAP_H, hold_gaps, long_gap, longest_gap
from netspatial.operate.network import Network
from netspatial.operate.power import PowerModel
from netspatial.radio.service_graph import RadioMap, ServiceGraph, radio_map
from netspatial.radio.sites import COVERAGE, Radio

EVERY = "all"

Choice = Sequence[str] | Area | str | Path
"""Station ids, an area, an area file, comma-separated ids, or 'all'.

A string is a file only if it is no station id and has the suffix of an area file.
"""


@dataclass(frozen=True)
class Stations:
    """Selected stations of one city with the data to operate them; n stations in one order.

    Attributes
    ----------
    ids : tuple of str
        Ids of the stations.
    table : GeoDataFrame (n rows)
        The stations as in the city, in its metric CRS.
    capacity : array (n,)
        Traffic per hour, in the unit of `traffic`.
    coverage : array (n,) of bool
        True for the tier that never sleeps.
    measured : DataArray (station, time)
        Measured traffic, NaN where it was not measured; attributes `units` and `timezone`.
    traffic : DataArray (station, time)
        The same with gaps of up to six hours filled with the hour before, and 0 before a
        station's first measurement.
    service_graph : ServiceGraph
        Service graph of these stations.
    radio : RadioMap
        Of all the city's stations.
    place : array (n,) of int
        Indices of these stations in `radio`.
    notes : tuple of str
        Notes for the user, one sentence each.
    """

    ids: tuple[str, ...]
    table: gpd.GeoDataFrame
    capacity: Floats
    coverage: Mask
    measured: xr.DataArray
    traffic: xr.DataArray
    service_graph: ServiceGraph
    radio: RadioMap
    place: Indices
    notes: tuple[str, ...]

    def network(self, macro: PowerModel, small: PowerModel | None = None) -> Network:
        """Network of the stations.

        Without tiers, every station may sleep whose pixels others can serve.

        Parameters
        ----------
        macro : PowerModel
            Power model of stations of the coverage tier.
        small : PowerModel, optional
            Power model of stations of the capacity tier; by default `macro`.

        Returns
        -------
        Network
        """
        return Network(
            station_ids=self.ids,
            capacity=self.capacity,
            coverage=self.coverage,
            service_graph=self.service_graph,
            power=tuple(macro if tall else small or macro for tall in self.coverage),
        )

    def hours(self, first: pd.Timestamp, hours: int) -> Floats:
        """Measured traffic from an hour on.

        Parameters
        ----------
        first : Timestamp
            First hour, UTC.
        hours : int
            Number of hours.

        Returns
        -------
        array (n, hours)
            With short gaps filled; fewer hours where the history ends.
        """
        begin = int(self.times.searchsorted(first))
        values: Floats = self.traffic.to_numpy()[:, begin : begin + hours]
        return values

    @property
    def times(self) -> pd.DatetimeIndex:
        """The measured hours, UTC."""
        return pd.DatetimeIndex(self.traffic["time"].to_numpy())


def stations_of(
    city: City,
    choice: Choice = EVERY,
    *,
    service: str = "total",
    radio: Radio | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    seed: int = 0,
) -> Stations:
    """Stations of a city, checked for operation.

    Parameters
    ----------
    city : City
        With stations, their capacities and measured traffic.
    choice : sequence of str, Area, str or Path
        Station ids, an area, an area file, comma-separated ids, or "all".
    service : str
        Service of the city's traffic; capacities must be in its unit.
    radio : Radio, optional
        Radio parameters; by default those of `radio.sites`.
    buildings : GeoDataFrame, optional
        Polygons with `height_m` for ray tracing; see `radio.raytraced`.
    seed : int
        Of shadowing and of the demand positions.

    Returns
    -------
    Stations

    Raises
    ------
    BadInput
        If a station is unknown, has no traffic or no capacity, has a long gap, or carries more
        than its capacity in every hour.
    """
    table = city.stations.to_crs(city.crs).reset_index(drop=True)
    place = _chosen(table, choice)
    chosen = table.iloc[place].reset_index(drop=True)
    ids = tuple(chosen["station_id"].astype(str))
    measured = _measured(city, service, ids)
    traffic = _filled(measured)
    capacity = _capacity(chosen, str(traffic.attrs["units"]))
    whole = radio_map(table, _pois(city), radio, seed, buildings=buildings)
    notes = [*whole.notes, *_notes(ids, traffic.to_numpy(), capacity), *_late_notes(measured)]
    if "tier" in chosen.columns:
        coverage = (chosen["tier"] == COVERAGE).to_numpy()
    else:
        coverage = np.zeros(len(ids), dtype=bool)
        notes.append("The city has no column 'tier': every station may sleep.")
    return Stations(
        ids=ids,
        table=chosen,
        capacity=capacity,
        coverage=coverage,
        measured=measured,
        traffic=traffic,
        service_graph=within(whole.service_graph, place, len(table)),
        radio=whole,
        place=place,
        notes=tuple(notes),
    )


def within(graph: ServiceGraph, place: Indices, stations: int) -> ServiceGraph:
    """Service graph of some of the stations, renumbered, with their pixels and links.

    Parameters
    ----------
    graph : ServiceGraph
        Service graph of all stations.
    place : array (n,) of int
        Indices of the stations kept, in their new order.
    stations : int
        Number of all stations.

    Returns
    -------
    ServiceGraph
    """
    number = np.full(stations, -1)
    number[place] = np.arange(len(place))
    pixels = np.flatnonzero(number[graph.owner] >= 0)
    pixel = np.full(graph.pixels, -1)
    pixel[pixels] = np.arange(len(pixels))
    links = (pixel[graph.pixel] >= 0) & (number[graph.server] >= 0)
    return ServiceGraph(
        owner=number[graph.owner[pixels]],
        share=graph.share[pixels],
        pixel=pixel[graph.pixel[links]],
        server=number[graph.server[links]],
        efficiency=graph.efficiency[links],
    )


def district(city: City, count: int) -> list[str]:
    """Ids of the `count` stations nearest to the densest point of the network.

    The densest point is the station with the nearest tenth neighbour.

    Parameters
    ----------
    city : City
        With stations.
    count : int
        Number of stations.

    Returns
    -------
    list of str
    """
    table = city.stations.to_crs(city.crs)
    places = shapely.get_coordinates(table.geometry)
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    middle = int(np.argmin(np.sort(apart, axis=1)[:, min(10, len(places) - 1)]))
    near = np.sort(np.argsort(apart[middle], kind="stable")[:count])
    return [str(name) for name in table["station_id"].to_numpy()[near]]


def _chosen(table: gpd.GeoDataFrame, choice: Choice) -> Indices:
    names = table["station_id"].astype(str).tolist()
    number = {name: row for row, name in enumerate(names)}
    if isinstance(choice, str):
        if choice == EVERY:
            return np.arange(len(names))
        words = [word.strip() for word in choice.split(",")]
        # an id may contain a dot, such as 310.410.7
        choice = Path(choice) if words[0] not in number and names_area_file(choice) else words
    if isinstance(choice, Path):
        choice = Area.from_file(choice)
    if isinstance(choice, Area):
        inside = table.to_crs("EPSG:4326").within(choice.geometry).to_numpy()
        if not inside.any():
            raise BadInput("The area contains no station of the city; draw it around some.")
        return np.flatnonzero(inside)
    unknown = [name for name in choice if name not in number]
    if unknown:
        raise BadInput(
            f"There is no station '{unknown[0]}'; the city has {len(names)} stations, "
            f"'{names[0]}' to '{names[-1]}'."
        )
    if not choice:
        raise BadInput("No station was selected; give station ids, an area, or 'all'.")
    return np.array([number[name] for name in dict.fromkeys(choice)])


def _measured(city: City, service: str, ids: Sequence[str]) -> xr.DataArray:
    series = city.measured(service)[service]
    known = set(series["station"].to_numpy())
    silent = [name for name in ids if name not in known]
    if silent:
        raise BadInput(f"Nothing was measured at station '{silent[0]}'; leave it out.")
    chosen = series.sel(station=list(ids))
    return xr.DataArray(
        chosen.to_numpy().astype(np.float64),
        dims=("station", "time"),
        coords={"station": list(ids), "time": chosen["time"].to_numpy()},
        name=service,
        attrs={
            "units": city.record.units.get(service, "not stated"),
            "timezone": city.record.timezone,
            "provenance": city.record.provenance,
        },
    )


def _filled(measured: xr.DataArray) -> xr.DataArray:
    """Traffic with short gaps filled and 0 before the first measurement of each station.

    Long gaps and negative values raise an error.
    """
    filled = hold_gaps(measured.to_numpy())
    late = _late(measured)
    filled[late] = np.where(_not_yet(measured)[late], 0.0, filled[late])
    for name, row in zip(measured["station"].to_numpy(), filled, strict=True):
        if np.isnan(row).all():
            raise BadInput(f"Nothing was measured at station '{name}'; leave it out.")
        if np.isnan(row).any():
            raise BadInput(long_gap(name, longest_gap(row)))
        if (row < 0).any():
            raise BadInput(
                f"Station '{name}' has negative traffic ({row.min():g}); traffic is at least zero."
            )
    return measured.copy(data=filled)


def _not_yet(measured: xr.DataArray) -> Mask:
    """Hours (station, time) before the first measurement of a station."""
    before: Mask = np.cumsum(np.isfinite(measured.to_numpy()), axis=1) == 0
    return before


def _late(measured: xr.DataArray) -> Mask:
    """Stations (n,) whose first measurement comes later than a gap that is filled."""
    before = _not_yet(measured)
    late: Mask = (before.sum(axis=1) > LONGEST_GAP_H) & ~before.all(axis=1)
    return late


def _late_notes(measured: xr.DataArray) -> list[str]:
    late = np.flatnonzero(_late(measured))
    if not len(late):
        return []
    hours = int((~_not_yet(measured)[late[0]]).sum())
    name = measured["station"].to_numpy()[late[0]]
    who = "1 station has" if len(late) == 1 else f"{len(late)} stations have"
    note = (
        f"{who} little history ('{name}': {hours} hours); for the time before, the forecast uses "
        "stations that carried similar traffic in the same hours."
    )
    return [note]


def _capacity(chosen: gpd.GeoDataFrame, units: str) -> Floats:
    if "capacity" not in chosen.columns:
        raise BadInput(
            "The city's stations have no column 'capacity'; add the traffic per hour that each can "
            "carry."
        )
    column = pd.to_numeric(chosen["capacity"], errors="coerce")
    capacity: Floats = column.to_numpy(dtype=np.float64)
    wrong = np.flatnonzero(~(capacity > 0))
    if len(wrong):
        name = chosen["station_id"].iloc[wrong[0]]
        raise BadInput(
            f"Station '{name}' has no capacity above zero, like {len(wrong)} of {len(chosen)} "
            "stations; give the traffic per hour that each can carry, or leave them out."
        )
    if "capacity_unit" in chosen.columns:
        other = [str(unit) for unit in chosen["capacity_unit"].dropna() if not _same(unit, units)]
        if other:
            raise BadInput(
                f"Capacities are in '{other[0]}' and the traffic is in '{units}'; use one unit."
            )
    return capacity


def _same(capacity_unit: str, units: str) -> bool:
    """Whether a capacity 'GB/h' belongs to hourly traffic in 'GB' (or 'GB/h')."""
    return bool(capacity_unit.removesuffix("/h") == units.removesuffix("/h"))


def _pois(city: City) -> Floats | None:
    if not city.has("pois"):
        return None
    places: Floats = shapely.get_coordinates(city.pois.to_crs(city.crs).geometry.centroid)
    return places


def _notes(ids: Sequence[str], traffic: Floats, capacity: Floats) -> list[str]:
    """Notes on overloaded stations; a station above its capacity in every hour raises an error."""
    over = traffic > capacity[:, None]
    always = np.flatnonzero(over.all(axis=1))
    if len(always):
        raise BadInput(
            f"Station '{ids[always[0]]}' carries more than its capacity in every hour "
            f"(at least {traffic[always[0]].min():g}, capacity {capacity[always[0]]:g}); correct "
            "its capacity or its unit."
        )
    notes = []
    if over.any():
        notes.append(
            f"{int(over.any(axis=1).sum())} stations carry more than their capacity in some hours; "
            "what neither they nor their neighbours can carry counts as unserved."
        )
    if len(ids) == 1:
        notes.append(
            "A single station has no neighbour that could serve its traffic, so it never sleeps."
        )
    return notes
