"""The schedule on screen: the files of a run, read once and cached between reruns of the page."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import streamlit as st
import xarray as xr

from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.operating_result import FLOWS, SUMMARY, OperateRun
from netspatial.timeline import local_times
from netspatial.ui.server import workspace

KIND = "operate"


@dataclass(frozen=True)
class ShownSchedule(OperateRun):
    """A run with the tables that the page draws."""

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
        return table.loc[self.schedule["station"].astype(str).to_numpy()].reset_index(drop=True)

    @cached_property
    def ids(self) -> list[str]:
        """Ids of the stations in the schedule's order."""
        return [str(name) for name in self.schedule["station"].to_numpy()]

    @cached_property
    def hours(self) -> list[str]:
        """Labels of the scheduled hours in local time."""
        return [str(name) for name in local_times(self.schedule).strftime("%a %d %b %H:%M")]

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

    @property
    def unit(self) -> str:
        """The unit of the traffic."""
        return str(self.summary["units"])

    def truth(self, station: str) -> xr.DataArray | None:
        """Return the measured traffic of the scheduled hours; None for upcoming hours."""
        if self.request.mode == "forecast":
            return None
        return self.schedule["demand"].sel(station=station)


def finished() -> list[Run]:
    """Return the finished schedules, the newest first."""
    return [run for run in workspace.runs() if run.manifest.kind == KIND and ready(run)]


def ready(run: Run) -> bool:
    """Return whether a run is finished."""
    return run.path(SUMMARY).is_file() and run.progress().state == "finished"


def first_run(city: Path) -> Run | None:
    """Return the newest schedule of a city; None if there is none."""
    for run in finished():
        if Path(str(run.manifest.request["city"])) == city.resolve():
            return run
    return None


@st.cache_resource(max_entries=8, show_spinner=False)
def opened(folder: Path, stamped: int) -> ShownSchedule:  # noqa: ARG001 the stamp is for the cache
    """Return the opened run; its files are read once."""
    return ShownSchedule(OperateRun.open(folder).run)


def stamp(run: Run) -> int:
    """Return a number that changes whenever the run's result is rewritten."""
    return run.path(SUMMARY).stat().st_mtime_ns
