"""The schedule on screen: a run's files, read once and kept between reruns of the page."""

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
    """A run with its tables as the page draws them."""

    @cached_property
    def places(self) -> pd.DataFrame:
        """Per station, in the schedule's order: station_id, lon, lat."""
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
        """The stations, in the schedule's order."""
        return [str(name) for name in self.schedule["station"].to_numpy()]

    @cached_property
    def hours(self) -> list[str]:
        """What each operated hour is called on the local clock."""
        return [str(name) for name in local_times(self.schedule).strftime("%a %d %b %H:%M")]

    @cached_property
    def flow_table(self) -> pd.DataFrame:
        """Every flow between two stations with its ends in lon, lat, and its hour and traffic."""
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
        """What was measured in the operated hours; None where they are yet to come."""
        if self.request.when == "forecast":
            return None
        return self.schedule["demand"].sel(station=station)


def finished() -> list[Run]:
    """Return the schedules that can be shown, the newest first."""
    return [run for run in workspace.runs() if run.manifest.kind == KIND and ready(run)]


def ready(run: Run) -> bool:
    """Tell whether a run's result is there."""
    return run.path(SUMMARY).is_file() and run.progress().state == "finished"


def first_run(city: Path) -> Run | None:
    """Return the newest schedule of a city, where there is one."""
    for run in finished():
        if Path(str(run.manifest.request["city"])) == city.resolve():
            return run
    return None


@st.cache_resource(max_entries=8, show_spinner=False)
def opened(folder: Path, stamped: int) -> ShownSchedule:  # noqa: ARG001 the stamp is for the cache
    """Return a run that can be read; its files are read once."""
    return ShownSchedule(OperateRun.open(folder).run)


def stamp(run: Run) -> int:
    """Return a number that changes when the run's result is written anew."""
    return run.path(SUMMARY).stat().st_mtime_ns
