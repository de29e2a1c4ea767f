"""The stations of a city that are to be operated: chosen, checked, and who of them can help whom.

From a city folder to what the rest of this room works on. Coverage is computed in the company of
all the city's stations, so that those left out still disturb.
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
from netspatial.gaps import hold_gaps, long_gap, longest_gap
from netspatial.operate.network import Network
from netspatial.operate.power import PowerModel
from netspatial.radio.service_graph import RadioMap, ServiceGraph, radio_map
from netspatial.radio.sites import COVERAGE, Radio

EVERY = "all"

Choice = Sequence[str] | Area | str | Path
"""Ids of stations, an area, a file of one, ids with commas between them, or 'all'.

A text is a file only where it names no station and ends as files of areas do.
"""


@dataclass(frozen=True)
class Stations:
    """Stations of one city with all that operating them needs; n of them, in one order.

    table     : as in the city, in its metric CRS
    capacity  : (n,) traffic per hour, in the unit of `traffic`
    coverage  : (n,) True for the tier that never sleeps
    measured  : (station, time) traffic, NaN where it was not measured; `units`, `timezone`
    traffic   : the same, gaps of up to six hours as the hour before; what was truly carried
    reach     : who of these can serve whom
    radio     : of all the city's stations; `place` (n,) says which of those these are
    notes     : what is to be known of them, one sentence each
    """

    ids: tuple[str, ...]
    table: gpd.GeoDataFrame
    capacity: Floats
    coverage: Mask
    measured: xr.DataArray
    traffic: xr.DataArray
    reach: ServiceGraph
    radio: RadioMap
    place: Indices
    notes: tuple[str, ...]

    def network(self, macro: PowerModel, small: PowerModel | None = None) -> Network:
        """The stations as a network. macro, small : what those of either tier draw; small as macro.

        Where no tier was told every station may sleep that others can stand in for.
        """
        return Network(
            station_ids=self.ids,
            capacity=self.capacity,
            coverage=self.coverage,
            reach=self.reach,
            power=tuple(macro if tall else small or macro for tall in self.coverage),
        )

    def hours(self, first: pd.Timestamp, hours: int) -> Floats:
        """Measured traffic (n, hours) from `first` on."""
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
    """Choose stations of a city and check that they can be operated.

    service   : which of the city's traffic they carry; capacities must be in its unit
    buildings : polygons with `height_m`, to trace rays through; see `radio.raytraced`
    seed      : of shadowing and of where demand lies
    """
    table = city.stations.to_crs(city.crs).reset_index(drop=True)
    place = _chosen(table, choice)
    chosen = table.iloc[place].reset_index(drop=True)
    ids = tuple(chosen["station_id"].astype(str))
    measured = _measured(city, service, ids)
    traffic = _filled(measured)
    capacity = _capacity(chosen, str(traffic.attrs["units"]))
    whole = radio_map(table, _pois(city), radio, seed, buildings=buildings)
    notes = [*whole.notes, *_notes(ids, traffic.to_numpy(), capacity)]
    if "tier" in chosen.columns:
        coverage = (chosen["tier"] == COVERAGE).to_numpy()
    else:
        coverage = np.zeros(len(ids), dtype=bool)
        notes.append("The city names no tiers: every station counts as one that may sleep.")
    return Stations(
        ids=ids,
        table=chosen,
        capacity=capacity,
        coverage=coverage,
        measured=measured,
        traffic=traffic,
        reach=within(whole.reach, place, len(table)),
        radio=whole,
        place=place,
        notes=tuple(notes),
    )


def within(reach: ServiceGraph, place: Indices, stations: int) -> ServiceGraph:
    """Keep the pixels of some of the stations, and the links to them; count stations anew.

    place : (n,) which of the `stations` are kept, in their new order
    """
    number = np.full(stations, -1)
    number[place] = np.arange(len(place))
    pixels = np.flatnonzero(number[reach.owner] >= 0)
    pixel = np.full(reach.pixels, -1)
    pixel[pixels] = np.arange(len(pixels))
    links = (pixel[reach.pixel] >= 0) & (number[reach.server] >= 0)
    return ServiceGraph(
        owner=number[reach.owner[pixels]],
        share=reach.share[pixels],
        pixel=pixel[reach.pixel[links]],
        server=number[reach.server[links]],
        efficiency=reach.efficiency[links],
    )


def district(city: City, count: int) -> list[str]:
    """Ids of the `count` stations nearest to the middle of the city's demand, one dense district.

    The middle is the station whose tenth neighbour is nearest.
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
        asked = [word.strip() for word in choice.split(",")]
        # an id may have a dot, such as 310.410.7: only what is no id may be a file
        choice = Path(choice) if asked[0] not in number and names_area_file(choice) else asked
    if isinstance(choice, Path):
        choice = Area.from_file(choice)
    if isinstance(choice, Area):
        inside = table.to_crs("EPSG:4326").within(choice.geometry).to_numpy()
        if not inside.any():
            raise BadInput("No station of the city stands in this area; draw it around some.")
        return np.flatnonzero(inside)
    unknown = [name for name in choice if name not in number]
    if unknown:
        raise BadInput(
            f"There is no station '{unknown[0]}'; the city has {len(names)}, '{names[0]}' to "
            f"'{names[-1]}'."
        )
    if not choice:
        raise BadInput("No station was named; name some, give an area, or say 'all'.")
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
        attrs={
            "units": city.record.units.get(service, "not stated"),
            "timezone": city.record.timezone,
            "provenance": city.record.provenance,
        },
    )


def _filled(measured: xr.DataArray) -> xr.DataArray:
    """Traffic without gaps; stations of which too little is known, or nonsense, are refused."""
    filled = hold_gaps(measured.to_numpy())
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


def _capacity(chosen: gpd.GeoDataFrame, units: str) -> Floats:
    if "capacity" not in chosen.columns:
        raise BadInput(
            "The city's stations have no column 'capacity'; operating them needs the traffic per "
            "hour that each can carry."
        )
    metadata = pd.to_numeric(chosen["capacity"], errors="coerce")
    capacity: Floats = metadata.to_numpy(dtype=np.float64)
    wrong = np.flatnonzero(~(capacity > 0))
    if len(wrong):
        name = chosen["station_id"].iloc[wrong[0]]
        raise BadInput(
            f"Station '{name}' has no capacity above zero, as {len(wrong)} of {len(chosen)} "
            "stations; give the traffic per hour that each can carry, or leave them out."
        )
    if "capacity_unit" in chosen.columns:
        other = [str(unit) for unit in chosen["capacity_unit"].dropna() if not _same(unit, units)]
        if other:
            raise BadInput(f"Capacities are in '{other[0]}' and the traffic is in '{units}'.")
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
    """What a user should know; a station that is beyond its capacity all the time is refused."""
    over = traffic > capacity[:, None]
    always = np.flatnonzero(over.all(axis=1))
    if len(always):
        raise BadInput(
            f"Station '{ids[always[0]]}' carries more than its capacity in every hour "
            f"({traffic[always[0]].min():g} and more, of {capacity[always[0]]:g}); its capacity or "
            "its unit is wrong."
        )
    notes = []
    if over.any():
        notes.append(
            f"{int(over.any(axis=1).sum())} stations carry more than their capacity in some hours; "
            "what neither they nor their neighbours can carry counts as unserved."
        )
    if len(ids) == 1:
        notes.append("A single station has no neighbour that could stand in, so it never sleeps.")
    return notes
