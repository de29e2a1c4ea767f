"""A city with the changes of a scenario, in memory: `apply` and what it returns."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array

from netspatial.arrays import Floats
from netspatial.city.city import HOW_TO_GET, City
from netspatial.errors import BadInput, MissingPart
from netspatial.imagery import Imagery
from netspatial.scenario.outdated_imagery import OutdatedImagery
from netspatial.scenario.scenario import Scenario
from netspatial.scenario.takeover import moved_traffic, takeover

LEAST_NAMED = 0.005
"""Smallest share of a station's lost traffic that is said."""


@dataclass(frozen=True, kw_only=True)
class ChangedCity(City):
    """A city as a scenario changes it: places, image, stations, traffic; its folder is as before.

    Attributes
    ----------
    base : City
        The city on disk.
    scenario : Scenario
        The changes.
    response : tuple of (str, float)
        Factor of the measured traffic of stations near changed places, by id; see `with_response`.
    """

    base: City
    scenario: Scenario
    response: tuple[tuple[str, float], ...] = ()

    @property
    def overlay(self) -> str:
        """The changes as text, part of the city's fingerprint."""
        changes = [change.model_dump(mode="json") for change in self.scenario.ordered]
        return json.dumps([changes, self.response], sort_keys=True)

    @cached_property
    def imagery(self) -> Imagery:
        """The satellite image, without data on changed ground."""
        ground = self.scenario.ground(self.crs)
        whole = self.base.imagery
        if ground.is_empty:
            return whole
        return OutdatedImagery(path=whole.path, ground=ground, ground_crs=self.crs)

    @cached_property
    def pois(self) -> gpd.GeoDataFrame:
        """Points of interest after the changes."""
        pois = self.base.pois
        for change in self.scenario.ordered:
            pois = change.change_pois(pois, self.crs)
        return pois

    @cached_property
    def stations(self) -> gpd.GeoDataFrame:
        """Base stations after the changes."""
        stations = self.base.stations
        for change in self.scenario.ordered:
            stations = change.change_stations(stations)
        return stations

    @cached_property
    def takeover(self) -> csr_array:
        """Part of each station's traffic that each station now serves, (after, before)."""
        pois = (
            shapely.get_coordinates(self.base.pois.to_crs(self.crs).geometry)
            if self.base.has("pois")
            else None
        )
        return takeover(self.base.stations.to_crs(self.crs), self.stations.to_crs(self.crs), pois)

    @cached_property
    def traffic(self) -> xr.Dataset:
        """Hourly traffic after the changes: what was measured, scaled, at the serving stations.

        NaN where a station itself was not measured; an added station has the hours in which at
        least one of those that it relieves was measured.
        """
        names = self.base.traffic["station"].to_numpy().astype(str)
        share, ids = self._share_of(names)
        factor = self._factor(names)
        same = len(ids) == len(names) and not (share != eye_array(len(ids))).nnz
        if same and (factor == 1).all():
            return self.base.traffic
        known = self.base.measured(*self.base.services)
        own = pd.Index(names).get_indexer(pd.Index(ids))
        changed = {
            str(name): (
                ("station", "time"),
                moved_traffic(series.to_numpy(), share, factor, own),
                series.attrs,
            )
            for name, series in known.data_vars.items()
        }
        times = {"station": ids, "time": known["time"].to_numpy()}
        return xr.Dataset(changed, coords=times, attrs=known.attrs)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What the scenario changes, and what of it rests on a rule, one sentence each."""
        said = [f"Scenario '{self.scenario.name}'.", *self.scenario.sentences]
        if not self.scenario.ground(self.crs).is_empty and self.has("imagery"):
            said.append("The satellite image of changed ground is treated as missing.")
        if self.response:
            said.append(
                f"The measured traffic of {len(self.response)} stations near changed places is "
                "scaled by what the generator expects of the change."
            )
        if any(change.station is not None for change in self.scenario.changes):
            said += self._lost()
        return tuple(said)

    def _lost(self) -> list[str]:
        """Sentences on traffic that no station can serve any more."""
        lost = 1 - np.asarray(self.takeover.sum(axis=0)).ravel()
        names = self.base.stations["station_id"].astype(str).to_numpy()
        return [
            f"{100 * lost[at]:.0f} % of the traffic of station '{names[at]}' is out of reach of "
            "the others and is left out."
            for at in np.flatnonzero(lost > LEAST_NAMED)
        ]

    def _share_of(self, names: NDArray[np.str_]) -> tuple[csr_array, NDArray[np.str_]]:
        """Return the takeover from measured stations, and the ids that then have traffic."""
        before = pd.Index(self.base.stations["station_id"].astype(str))
        after = self.stations["station_id"].astype(str).to_numpy(dtype=str)
        column = before.get_indexer(pd.Index(names))
        if (column < 0).any():
            raise BadInput(
                f"Station '{names[column < 0][0]}' has traffic in the city '{self.name}' but is "
                "not among its stations; add it before a scenario is applied."
            )
        share = self.takeover[:, column]
        measured = np.isin(after, names) | (np.asarray(share.sum(axis=1)).ravel() > 0)
        position = pd.Index(names).get_indexer(pd.Index(after))
        rank = np.where(position < 0, len(names) + np.arange(len(after)), position)
        rows = np.flatnonzero(measured)
        rows = rows[np.argsort(rank[rows], kind="stable")]
        return csr_array(share[rows]), after[rows]

    def _factor(self, names: NDArray[np.str_]) -> Floats:
        """Factor of the traffic of each measured station: growth of districts, and places."""
        table = self.base.stations
        places = shapely.get_coordinates(table.geometry)
        growth = pd.Series(
            self.scenario.demand_factor(places), table["station_id"].astype(str).to_numpy()
        )
        near = dict(self.response)
        response = np.array([near.get(name, 1.0) for name in names.tolist()])
        factor: Floats = growth.reindex(names).to_numpy() * response
        return factor


def apply(city: City, scenario: Scenario) -> City:
    """Return a city with the changes of a scenario, in memory.

    Parameters
    ----------
    city : City
        The city; its folder is only read.
    scenario : Scenario
        The changes.

    Returns
    -------
    City
        The city itself where there are no changes.

    Raises
    ------
    MissingPart
        If a change concerns a part that the city does not have.
    BadInput
        If a change does not fit the city: an unknown station, a place outside.
    """
    if not scenario.changes:
        return city
    for change in scenario.ordered:
        for part in change.needs:
            if not city.has(part):
                raise MissingPart(
                    f"The scenario '{scenario.name}' changes the {part} of '{city.name}', which "
                    f"has none: {HOW_TO_GET[part]}."
                )
        if found := change.problem(city):
            raise BadInput(f"In the scenario '{scenario.name}', {found}.")
    changed = ChangedCity(
        folder=city.folder,
        record=city.record,
        written=city.written,
        base=city,
        scenario=scenario,
    )
    if city.has("stations") and len(city.stations) and not len(changed.stations):
        raise BadInput(
            f"The scenario '{scenario.name}' leaves the city '{city.name}' without a station; keep "
            "at least one."
        )
    return changed


def scenario_notes(city: City) -> list[str]:
    """Return what a scenario changes in a city, one sentence each.

    Parameters
    ----------
    city : City
        Any city.

    Returns
    -------
    list of str
        Empty for a city as it is on disk.
    """
    return list(city.notes) if isinstance(city, ChangedCity) else []


def with_response(city: ChangedCity, response: Mapping[str, float]) -> ChangedCity:
    """Return a changed city whose measured traffic also answers to changed places.

    Parameters
    ----------
    city : ChangedCity
        The changed city.
    response : mapping of str to float
        Factor of the traffic of stations, by id.

    Returns
    -------
    ChangedCity
        The same city with other traffic.
    """
    return replace(city, response=tuple(sorted(response.items())))
