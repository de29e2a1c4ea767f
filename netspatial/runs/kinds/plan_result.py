"""`PlanRun`: the result of a planning run, read from its files; can be ranked again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import xarray as xr

from netspatial.checked import as_kind, read_json
from netspatial.city.city import City
from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.geoparquet import read_frame, read_places
from netspatial.netcdf import load_dataset
from netspatial.plan.explain.explain import Surroundings
from netspatial.plan.plan import Plan, make_plan
from netspatial.plan.settings import PlanSettings
from netspatial.plan.utilities import Utility
from netspatial.runs.facts import PlanFacts
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.ensemble import open_ensemble
from netspatial.runs.kinds.plan_request import PlanRequest

GRID = "grid.parquet"
PLACES = "places.parquet"
CONTEXT = "context.parquet"
TRAFFIC = "traffic.nc"
SUPPORT = "measured_support.parquet"
STATISTICS = "statistics.nc"
CELLS = "cells.parquet"
SITES = "sites.parquet"
PLAN = "plan.json"
REPORT = "report.html"

Tables = tuple[gpd.GeoDataFrame, xr.Dataset]


@dataclass(frozen=True)
class PlanRun:
    """A finished planning run; files are read on access and cached."""

    run: Run

    @classmethod
    def open(cls, folder: str | Path) -> "PlanRun":
        """Open a run with a finished plan."""
        found = cls(Run.open(folder))
        _ = found.request
        found.run.require_output(PLAN, "plan")
        return found

    @property
    def folder(self) -> Path:
        """The folder of the run's files."""
        return self.run.folder

    @cached_property
    def request(self) -> PlanRequest:
        """The request of the run."""
        return PlanRequest.of(self.run)

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What the stages found out: city, models, provenance, licences, attribution, units."""
        return as_kind(self.run.manifest.facts, PlanFacts, f"What '{self.run.folder}' found out")

    @cached_property
    def cells(self) -> gpd.GeoDataFrame:
        """All cells (EPSG:4326): surroundings, utilities with their spread, feasibility, rank."""
        return read_places(self.run.made(CELLS, "table of cells"))

    @cached_property
    def sites(self) -> gpd.GeoDataFrame:
        """The chosen cells in order of rank (EPSG:4326), with facts and rationale."""
        return read_places(self.run.made(SITES, "table of sites"))

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """What the plan says of itself: utility, guard, notes, units, futures, settings."""
        return read_json(self.run.made(PLAN, "plan"), dict[str, Any])

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.run.path(REPORT)

    @cached_property
    def statistics(self) -> xr.Dataset:
        """The ensemble boiled down per cell and future; see `netspatial.plan.statistics`."""
        return load_dataset(self.run.made(STATISTICS, "summary of the traffic"))

    def traffic_of(self, cell_ids: Sequence[str]) -> xr.DataArray:
        """Read the ensemble of some cells, (cell, sample, time)."""
        with open_ensemble(self.run.made(TRAFFIC, "traffic")) as traffic:
            known = traffic["cell"].to_numpy()
            missing = [name for name in cell_ids if name not in known]
            if missing:
                raise BadInput(f"The run '{self.run.name}' has no cell '{missing[0]}'.")
            return traffic.sel(cell=list(cell_ids)).load()

    def replan(self, settings: PlanSettings, utility: Utility | None = None) -> Plan:
        """Return a plan with other settings on the same ensemble, without writing.

        utility : a user-defined one from `own_utility`; it reads the whole ensemble
        """
        if utility is None:
            return make_plan(self.places, self.statistics, settings, self.surroundings)
        with open_ensemble(self.run.made(TRAFFIC, "traffic")) as traffic:
            return make_plan(
                self.places, traffic.load(), settings, self.surroundings, utility=utility
            )

    @cached_property
    def city(self) -> City:
        """The city of the run."""
        return self.request.open_city()

    @cached_property
    def places(self) -> gpd.GeoDataFrame:
        """The cells before they were ranked, in the city's metric CRS.

        With the measured stations that each cell's estimate rests on, where there are any.
        """
        cells = read_places(self.run.made(PLACES, "description of cells"))
        support = read_frame(self.run.made(SUPPORT, "list of measured stations"))
        return cells.merge(support, on="cell_id", how="left", validate="one_to_one")

    @cached_property
    def surroundings(self) -> Surroundings:
        """Stations, their mean traffic and points of interest, in the metric CRS of the cells."""
        city, crs = self.city, self.places.crs
        return Surroundings(
            stations=city.stations.to_crs(crs) if city.has("stations") else None,
            station_load=_station_load(city, str(self.statistics.attrs["units"])),
            load_from=city.record.provenance,
            pois=city.pois.to_crs(crs) if city.has("pois") else None,
        )


def plan_summary(plan: Plan) -> dict[str, Any]:
    """Return the metadata of a plan, JSON-able."""
    demand_floor, utility = plan.demand_floor, plan.utility
    return {
        "settings": plan.settings.model_dump(mode="json"),
        "utility": {
            "title": utility.title,
            "meaning": utility.meaning,
            "equation": utility.equation,
            "better": utility.better,
            "unit": plan.unit,
        },
        "demand_unit": plan.demand_unit,
        "samples": plan.samples,
        "demand_floor": {
            "floor": demand_floor.floor,
            "unit": demand_floor.unit,
            "why": demand_floor.why,
            "kept": demand_floor.kept,
            "removed": demand_floor.removed,
            "excluded": demand_floor.excluded,
            "sentence": demand_floor.sentence,
        },
        "notes": list(plan.notes),
    }


def write_plan(plan: Plan, path: Path) -> None:
    """Write the metadata of a plan."""
    with atomic_file(path) as draft:
        draft.write_text(json.dumps(plan_summary(plan), indent=2) + "\n")


def _station_load(city: City, unit: str) -> "pd.Series[float] | None":
    """Return each station's mean traffic of the service in this unit.

    That is 'total', or the only service in the unit; None if several are possible.
    """
    if not city.has("traffic"):
        return None
    known = [name for name in city.services if city.record.units.get(name) == unit]
    if "total" in known:
        known = ["total"]
    if len(known) != 1:
        return None
    load: pd.Series[float] = city.measured(known[0])[known[0]].mean("time").to_series()
    return load
