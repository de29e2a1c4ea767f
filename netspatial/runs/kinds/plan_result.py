"""`PlanRun`: the result of a planning run, read from its files; can be ranked again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import pandas as pd
import xarray as xr

from netspatial.checked import as_kind, read_json
from netspatial.city.city import City
from netspatial.errors import BadInput, NetSpatialError
from netspatial.geoparquet import read_frame, read_places
from netspatial.netcdf import load_dataset
from netspatial.plan.explain.explain import Surroundings
from netspatial.plan.plan import Plan, make_plan
from netspatial.plan.settings import PlanSettings
from netspatial.plan.site_change import SiteChange, site_change, unknown_change
from netspatial.plan.standing_network import (
    StandingNetwork,
    generated_demand,
    service_in_unit,
    standing_network,
)
from netspatial.plan.utilities import Utility
from netspatial.runs.facts import PlanFacts
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.ensemble import open_ensemble
from netspatial.runs.kinds.plan_change import SITE_CHANGE, SITE_TOTALS, read_change
from netspatial.runs.kinds.plan_request import PlanRequest, settings_from
from netspatial.runs.kinds.plan_summary import plan_summary

if TYPE_CHECKING:  # only figures need plotly and pydeck
    import plotly.graph_objects as go
    import pydeck as pdk

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

SiteChart = Literal["month", "week", "day", "duration"]


@dataclass(frozen=True, repr=False)
class PlanRun:
    """Ranked sites of an area with their traffic and rationale: a finished planning run.

    In a notebook it shows its sites as a table and on a map. Files are read on access and cached.

    Attributes
    ----------
    run : Run
        The finished run.
    """

    run: Run

    @classmethod
    def open(cls, folder: str | Path) -> "PlanRun":
        """Open a run with a finished plan.

        Parameters
        ----------
        folder : str or Path
            The run's folder.

        Returns
        -------
        PlanRun
            The plan; nothing but its manifest is read yet.

        Raises
        ------
        BadInput
            Where the folder is no planning run.
        MissingPart
            Where the run is not finished.

        """
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
        """The selected cells in order of rank (EPSG:4326), with facts and rationale."""
        return read_places(self.run.made(SITES, "table of sites"))

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """Utility, minimum demand, notes, units, samples and settings of the plan."""
        return read_json(self.run.made(PLAN, "plan"), dict[str, Any])

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.run.path(REPORT)

    @cached_property
    def statistics(self) -> xr.Dataset:
        """Statistics of the ensemble per cell and sample; see `netspatial.plan.statistics`."""
        return load_dataset(self.run.made(STATISTICS, "summary of the traffic"))

    @cached_property
    def site_change(self) -> SiteChange:
        """What changes at existing stations if the chosen sites are built."""
        what = "change at existing stations"
        return read_change(self.run.made(SITE_CHANGE, what), self.run.made(SITE_TOTALS, what))

    def change_at(self, sites: gpd.GeoDataFrame) -> SiteChange:
        """Return what changes at existing stations if these cells of the run are built.

        Parameters
        ----------
        sites : geopandas.GeoDataFrame
            `cell_id`, `x` and `y`, as in `sites`.

        Returns
        -------
        SiteChange
            Without rows, and with the reason as its note, where stations, traffic or capacities
            are missing.
        """
        unit, crs = str(self.statistics.attrs["units"]), self.places.crs
        try:
            network = self.standing_network
        except NetSpatialError as error:
            return unknown_change(str(error), unit, crs)
        traffic = self.traffic_of(sites["cell_id"].astype(str).tolist())
        return site_change(sites, traffic, network, seed=self.request.seed)

    @cached_property
    def standing_network(self) -> StandingNetwork:
        """The city's stations with their traffic and capacity, in the metric CRS of the cells."""
        unit = str(self.statistics.attrs["units"])
        densification = self.request.settings.densification
        known = generated_demand(self.places, self.statistics, densification)
        return standing_network(self.city, unit, self.places.crs, known)

    def traffic_of(self, cell_ids: Sequence[str]) -> xr.DataArray:
        """Return the generated traffic of some cells.

        Parameters
        ----------
        cell_ids : sequence of str
            Values of the column `cell_id` of `cells`.

        Returns
        -------
        xarray.DataArray
            (cell, sample, time), in the unit of its attribute `units`.

        Raises
        ------
        BadInput
            Where the run has no such cell.

        """
        with open_ensemble(self.run.made(TRAFFIC, "traffic")) as traffic:
            known = traffic["cell"].to_numpy()
            missing = [name for name in cell_ids if name not in known]
            if missing:
                raise BadInput(f"The run '{self.run.name}' has no cell '{missing[0]}'.")
            return traffic.sel(cell=list(cell_ids)).load()

    def rerank(
        self,
        *,
        utility: str | None = None,
        sites: int | None = None,
        method: str | None = None,
        min_demand: float | None = None,
        spacing_m: float | None = None,
        radius_m: float | None = None,
        risk: Literal["mean"] | float | None = None,
        required: Sequence[str] | None = None,
        excluded: Sequence[str] | None = None,
        settings: PlanSettings | None = None,
    ) -> "RerankedPlan":
        """Return a plan with other settings on the same traffic; nothing is written.

        Parameters
        ----------
        utility, sites, method, min_demand, spacing_m, radius_m, risk, required, excluded
            As in `PlanSettings`; None keeps the value of this plan.
        settings : PlanSettings, optional
            All settings at once, instead of the arguments above.

        Returns
        -------
        RerankedPlan
            Shown, plotted and exported like this plan.

        Raises
        ------
        BadInput
            Where a value is not valid, or settings are given twice.

        """
        chosen = settings_from(
            self.request.settings,
            settings,
            utility=utility,
            sites=sites,
            method=method,
            min_demand=min_demand,
            spacing_m=spacing_m,
            radius_m=radius_m,
            risk=risk,
            required=required,
            excluded=excluded,
        )
        return RerankedPlan(self.run, self.replan(chosen))

    def replan(self, settings: PlanSettings, utility: Utility | None = None) -> Plan:
        """Return the tables of a plan with other settings on the same traffic.

        Parameters
        ----------
        settings : PlanSettings
            All settings.
        utility : Utility, optional
            A user-defined one from `own_utility`; it reads the whole ensemble.

        Returns
        -------
        Plan
            Cells and sites in the city's metric CRS; nothing is written.

        Raises
        ------
        BadInput
            Where a setting is not valid for this area.

        """
        if utility is None:
            return make_plan(self.places, self.statistics, settings, self.surroundings)
        with open_ensemble(self.run.made(TRAFFIC, "traffic")) as traffic:
            return make_plan(
                self.places, traffic.load(), settings, self.surroundings, utility=utility
            )

    def plot(self) -> "go.Figure":
        """Return the chart of the sites' utility with its 80 % range.

        Returns
        -------
        plotly.graph_objects.Figure
            One bar per site, in order of rank.

        """
        from netspatial.viz.plan_charts import sites_chart  # noqa: PLC0415  plotly is heavy

        utility = self.metadata["utility"]
        return sites_chart(self.sites, utility["title"], utility["unit"])

    def plot_site(self, rank: int, chart: SiteChart = "month") -> "go.Figure":
        """Return a chart of the generated traffic of one site.

        Parameters
        ----------
        rank : int
            Rank of the site, 1 for the first.
        chart : {"month", "week", "day", "duration"}
            All hours, the mean week, the mean day, or the load by share of hours.

        Returns
        -------
        plotly.graph_objects.Figure
            Mean and 80 % range of the samples.

        Raises
        ------
        BadInput
            Where there is no site of this rank or no such chart.

        """
        from netspatial.viz.ensemble_charts import CHARTS  # noqa: PLC0415  plotly is heavy

        found = self.sites.loc[self.sites["rank"] == rank, "cell_id"]
        if not len(found):
            raise BadInput(
                f"There is no site of rank {rank}; the ranks are 1 to {len(self.sites)}."
            )
        if chart not in CHARTS:
            raise BadInput(f"There is no chart '{chart}'; there are {', '.join(CHARTS)}.")
        return CHARTS[chart](self.traffic_of([str(found.iloc[0])]).isel(cell=0, drop=True))

    def explore(self) -> "pdk.Deck":
        """Return an interactive map of the cells, coloured by utility, and the numbered sites.

        Returns
        -------
        pydeck.Deck
            Loads deck.gl from its public address; ``to_html("map.html", offline=True)`` does not.

        """
        from netspatial.viz.notebook_plan import plan_map  # noqa: PLC0415  pydeck is heavy

        return plan_map(self)

    def to_file(
        self,
        path: str | Path,
        *,
        table: Literal["cells", "sites"] = "sites",
        column: str = "utility_mean",
    ) -> Path:
        """Write the sites, or all cells, and return the path.

        Parameters
        ----------
        path : str or Path
            ``.gpkg``, ``.geojson``, ``.kml``, ``.parquet``, ``.csv`` or ``.tif``; ``.html`` is the
            report.
        table : {"sites", "cells"}
            The selected sites, or all cells.
        column : str
            The column that a ``.tif`` holds.

        Returns
        -------
        Path
            The written file; it states its provenance.

        Raises
        ------
        BadInput
            Where the extension or the column is not known.

        """
        from netspatial.runs.exports import ExportRequest, export  # noqa: PLC0415  reads this

        return export(self, path, ExportRequest(table, column))

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
            load_from=city.record.provenance
            + (", as the scenario changes it" if city.overlay else ""),
            pois=city.pois.to_crs(crs) if city.has("pois") else None,
            network=lambda: self.standing_network,
        )

    def __repr__(self) -> str:
        """Return one line: run, sites, cells, utility, method, city."""
        asked = self.request
        return (
            f"<{type(self).__name__} '{self.run.name}': {len(self.sites)} sites of "
            f"{len(self.cells)} cells of {asked.cell_m:g} m by {asked.settings.utility} "
            f"({asked.settings.method}), {asked.samples} samples, city "
            f"'{self.facts['city']['name']}'>"
        )

    def _repr_html_(self) -> str:
        from netspatial.viz.notebook_plan import plan_html  # noqa: PLC0415  heavy

        return plan_html(self)


@dataclass(frozen=True, repr=False)
class RerankedPlan(PlanRun):
    """A planning run ranked with other settings, in memory.

    Attributes
    ----------
    plan : Plan
        The tables, in the city's metric CRS.
    """

    plan: Plan

    @cached_property
    def request(self) -> PlanRequest:
        """The request of the run with the settings of this ranking."""
        return PlanRequest.of(self.run).model_copy(update={"settings": self.plan.settings})

    @cached_property
    def cells(self) -> gpd.GeoDataFrame:
        """All cells (EPSG:4326)."""
        return self.plan.cells.to_crs("EPSG:4326")

    @cached_property
    def sites(self) -> gpd.GeoDataFrame:
        """The selected sites (EPSG:4326)."""
        return self.plan.sites.to_crs("EPSG:4326")

    @cached_property
    def site_change(self) -> SiteChange:
        """What changes at existing stations if the sites of this ranking are built."""
        return self.change_at(self.plan.sites)

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """Summary of the plan, as it is written to its file."""
        return plan_summary(self.plan)


def _station_load(city: City, unit: str) -> "pd.Series[float] | None":
    """Return each station's mean traffic of the service in this unit.

    That is 'total', or the only service in the unit; None if several are possible.
    """
    if not city.has("traffic"):
        return None
    service = service_in_unit(city, unit)
    if service is None:
        return None
    load: pd.Series[float] = city.measured(service)[service].mean("time").to_series()
    return load
