"""`OperateRun`: the result of an operating run, read from its files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import xarray as xr

from netspatial.checked import as_kind, read_json
from netspatial.city.city import City
from netspatial.errors import BadInput
from netspatial.forecast.rolling import latest_of
from netspatial.geoparquet import read_places
from netspatial.netcdf import load_dataset
from netspatial.operate.metrics import ScheduleMetrics
from netspatial.runs.facts import OperateFacts
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.operating_request import OperateRequest
from netspatial.runs.kinds.operating_tables import read_rolling_forecasts
from netspatial.timeline import local_times

if TYPE_CHECKING:  # only figures need plotly and pydeck
    import plotly.graph_objects as go
    import pydeck as pdk

STATIONS = "stations.parquet"
FORECAST = "forecast.nc"
SCHEDULE = "schedule.nc"
SCHEDULE_TABLE = "schedule.parquet"
SUMMARY = "summary.json"
FLOWS = "flows.nc"


@dataclass(frozen=True, repr=False)
class OperateRun:
    """A sleep schedule with its energy and QoE: a finished operating run.

    In a notebook it shows its metrics and a map of the hour in which most stations sleep. Files
    are read on access.

    Attributes
    ----------
    run : Run
        The finished run.
    """

    run: Run

    @classmethod
    def open(cls, folder: str | Path) -> "OperateRun":
        """Open a run with a finished schedule.

        Parameters
        ----------
        folder : str or Path
            The run's folder.

        Returns
        -------
        OperateRun
            The schedule; nothing but its manifest is read yet.

        Raises
        ------
        BadInput
            Where the folder is no operating run.
        MissingPart
            Where the run is not finished.

        """
        found = cls(Run.open(folder))
        _ = found.request
        found.run.require_output(SUMMARY, "schedule")
        return found

    @property
    def folder(self) -> Path:
        """The folder of the run's files."""
        return self.run.folder

    @cached_property
    def request(self) -> OperateRequest:
        """The request of the run."""
        return OperateRequest.of(self.run)

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What the stages found out: city, provenance, licences, attribution, units, notes."""
        return as_kind(self.run.manifest.facts, OperateFacts, f"What '{self.run.folder}' found out")

    @cached_property
    def city(self) -> City:
        """The city of the run."""
        return City.open(self.request.city)

    @cached_property
    def schedule(self) -> xr.Dataset:
        """Per station and hour: asleep, demand, loads before and after, served, energy in kWh.

        For upcoming hours, means over the forecast's samples, some with `_p10` and `_p90`.
        """
        return load_dataset(self.run.made(SCHEDULE, "schedule"))

    @cached_property
    def forecast(self) -> xr.DataArray:
        """What the decisions were made on, each hour as last seen, (station, sample, time)."""
        return latest_of(read_rolling_forecasts(self.run.made(FORECAST, "forecast")))

    @cached_property
    def flows(self) -> xr.Dataset:
        """The traffic that neighbours carry, over (flow,): hour, source, target, traffic."""
        return load_dataset(self.run.made(FLOWS, "table of whose traffic goes where"))

    @cached_property
    def stations(self) -> gpd.GeoDataFrame:
        """The stations (EPSG:4326) with what the schedule means for each."""
        return read_places(self.run.made(STATIONS, "table of stations"))

    @cached_property
    def summary(self) -> dict[str, Any]:
        """Metrics of the schedule as in the run's file, with `ranges`, `balanced` and notes.

        For upcoming hours, means over the forecast's samples, with their 80 % `ranges`. `balanced`
        is the effect of moving load without any sleep, for the mean traffic.
        """
        return read_json(self.run.made(SUMMARY, "schedule"), dict[str, Any])

    @property
    def metrics(self) -> ScheduleMetrics:
        """Energy, saving, QoE and the other metrics of the schedule."""
        names = ScheduleMetrics.__dataclass_fields__
        return ScheduleMetrics(**{name: self.summary[name] for name in names})

    @property
    def unit(self) -> str:
        """The unit of the traffic."""
        return str(self.summary["units"])

    @cached_property
    def ids(self) -> list[str]:
        """Ids of the stations in the schedule's order."""
        return [str(name) for name in self.schedule["station"].to_numpy()]

    @cached_property
    def hours(self) -> list[str]:
        """Labels of the scheduled hours in local time."""
        return [str(name) for name in local_times(self.schedule).strftime("%a %d %b %H:%M")]

    @cached_property
    def places(self) -> pd.DataFrame:
        """Table of station_id, lon, lat in the schedule's order."""
        points = self.stations.geometry
        table = pd.DataFrame(
            {
                "station_id": self.stations["station_id"].astype(str).to_numpy(),
                "lon": points.x.to_numpy().round(6),
                "lat": points.y.to_numpy().round(6),
            }
        ).set_index("station_id", drop=False)
        return table.loc[self.ids].reset_index(drop=True)

    @cached_property
    def flow_table(self) -> pd.DataFrame:
        """Table of flows between two stations: lon and lat of both, hour and traffic."""
        if not self.run.path(FLOWS).is_file():
            return pd.DataFrame(columns=["hour", "source", "target", "traffic"])
        table = self.flows.to_dataframe().reset_index(drop=True)
        place = self.places.set_index("station_id")[["lon", "lat"]]
        ends = [
            place.loc[table[side].astype(str).tolist()].add_prefix(prefix).reset_index(drop=True)
            for side, prefix in (("source", "from_"), ("target", "to_"))
        ]
        return pd.concat([table, *ends], axis=1)

    def truth(self, station: str) -> xr.DataArray | None:
        """Return the measured traffic of the scheduled hours; None for upcoming hours.

        Parameters
        ----------
        station : str
            Id of a station.

        Returns
        -------
        DataArray (time,) or None
        """
        if self.request.mode == "forecast":
            return None
        return self.schedule["demand"].sel(station=station)

    def compare(self, policies: Sequence[str]) -> pd.DataFrame:
        """Return the metrics of other policies on the same forecast and traffic.

        Nothing is written. Most policies take seconds for a day; ``milp``, ``chance`` and
        ``oracle`` take longer.

        Parameters
        ----------
        policies : sequence of str
            Names such as ``threshold`` or ``oracle``, with their default parameters.

        Returns
        -------
        pandas.DataFrame
            One row per policy, the one of this schedule among them, the largest saving first. The
            columns are the fields of `ScheduleMetrics`.

        Raises
        ------
        BadInput
            Where a policy is unknown, or needs the actual traffic of upcoming hours.

        """
        from netspatial.runs.kinds.policy_comparison import compare_policies  # noqa: PLC0415

        return compare_policies(self, policies)

    def plot(self) -> "go.Figure":
        """Return the chart of every station and hour: asleep, awake or overloaded.

        Returns
        -------
        plotly.graph_objects.Figure
            The stations that sleep most are on top.

        """
        from netspatial.viz.schedule_charts import schedule_chart  # noqa: PLC0415  plotly is heavy

        return schedule_chart(self.schedule)

    def plot_station(self, station: str) -> "go.Figure":
        """Return the chart of one station's traffic, load and power.

        Parameters
        ----------
        station : str
            One of `ids`.

        Returns
        -------
        plotly.graph_objects.Figure
            As Figure 10 of the paper; hours of sleep are shaded.

        Raises
        ------
        BadInput
            Where the schedule has no such station.

        """
        from netspatial.viz.schedule_charts import station_chart  # noqa: PLC0415  plotly is heavy

        hours = self.schedule.sel(station=self._known(station))
        forecast = self.forecast.sel(station=station, time=hours["time"])
        measured = self.request.mode == "backtest"
        return station_chart(hours, forecast, self.unit, measured=measured)

    def plot_forecast(self, station: str) -> "go.Figure":
        """Return the chart of one station's forecast and, in a back-test, its measured traffic.

        Parameters
        ----------
        station : str
            One of `ids`.

        Returns
        -------
        plotly.graph_objects.Figure
            Mean and 80 % range of the samples.

        Raises
        ------
        BadInput
            Where the schedule has no such station.

        """
        from netspatial.viz.schedule_charts import forecast_chart  # noqa: PLC0415  plotly is heavy

        forecast = self.forecast.sel(station=self._known(station), time=self.schedule["time"])
        return forecast_chart(forecast, self.truth(station), self.unit)

    def explore(self, hour: int | None = None) -> "pdk.Deck":
        """Return an interactive map of one hour: states of the stations and moved traffic.

        Parameters
        ----------
        hour : int, optional
            Index of the hour in `hours`; by default the one in which most stations sleep.

        Returns
        -------
        pydeck.Deck
            Loads deck.gl from its public address; ``to_html("map.html", offline=True)`` does not.

        Raises
        ------
        BadInput
            Where the schedule has no such hour.

        """
        from netspatial.viz.notebook_schedule import schedule_map  # noqa: PLC0415  pydeck is heavy

        if hour is not None and not 0 <= hour < len(self.hours):
            raise BadInput(
                f"There is no hour {hour}; the schedule has the hours 0 to {len(self.hours) - 1}."
            )
        return schedule_map(self, hour)

    def to_file(self, path: str | Path) -> Path:
        """Write the schedule and return its path.

        Parameters
        ----------
        path : str or Path
            ``.parquet`` or ``.csv``, one row per station and hour; ``.nc``, all quantities;
            ``.geojson``, one feature per station.

        Returns
        -------
        Path
            The written file; it states its provenance.

        Raises
        ------
        BadInput
            Where the extension is not known.

        """
        from netspatial.runs.exports.schedule import export_schedule  # noqa: PLC0415  reads this

        return export_schedule(self, path)

    def __repr__(self) -> str:
        """Return one line: run, stations, hours, policy, saving and QoE."""
        asked, found = self.request, self.metrics
        return (
            f"<OperateRun '{self.run.name}': {len(asked.stations)} stations, {asked.hours} h "
            f"({asked.mode}), policy {asked.policy}: saves {found.saving_pct:.1f} % at QoE "
            f"{found.qoe:.4f}>"
        )

    def _repr_html_(self) -> str:
        from netspatial.viz.notebook_schedule import schedule_html  # noqa: PLC0415  heavy

        return schedule_html(self)

    def _known(self, station: str) -> str:
        if station not in self.ids:
            raise BadInput(
                f"The schedule has no station '{station}'; it has {', '.join(self.ids[:5])}"
                f"{' and others' if len(self.ids) > 5 else ''}."
            )
        return station
