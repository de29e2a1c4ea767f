"""The plan on screen: a run's cells, ranked with the current settings, cached between reruns.

Ranking again reads what the run generated and writes nothing. Exports contain the plan that is
shown, not the one of the run's original settings.
"""

from pathlib import Path

import pandas as pd
import streamlit as st
import xarray as xr

from netspatial.arrays import Floats32
from netspatial.imagery import Bounds
from netspatial.plan.level_range import LevelRange, level_range
from netspatial.plan.settings import PlanSettings
from netspatial.runs.jobs.run import Run, runs_folder
from netspatial.runs.kinds.plan_request import PlanRequest
from netspatial.runs.kinds.plan_result import PLAN, PlanRun, RerankedPlan
from netspatial.ui.server import workspace
from netspatial.viz.plan_map import Ring, cell_outlines, outline_bounds


def first_run(city: Path) -> Run | None:
    """Return the example plan of a city; None if there is none."""
    folder = runs_folder() / f"{workspace.EXAMPLE}{city.name}"
    if not (folder / PLAN).is_file():
        return None
    run = Run.open(folder)
    return run if Path(PlanRequest.of(run).city) == city.resolve() else None


def finished_runs() -> list[Run]:
    """Return the finished plans, the newest first."""
    seen = workspace.runs()
    return [run for run in seen if run.manifest.kind == "plan" and run.path(PLAN).is_file()]


def stamp(run: Run) -> int:
    """Return a number that changes whenever the run's plan is rewritten."""
    return run.path(PLAN).stat().st_mtime_ns


@st.cache_resource(max_entries=8, show_spinner=False)
def opened(folder: Path, stamped: int) -> PlanRun:  # noqa: ARG001 the stamp is for the cache
    """Return the opened run; its files are read once."""
    return PlanRun.open(folder)


@st.cache_resource(max_entries=24, show_spinner=False)
def shown(folder: Path, stamped: int, settings: str) -> RerankedPlan:
    """Return a run's plan, ranked with settings given as JSON."""
    return opened(folder, stamped).rerank(settings=PlanSettings.model_validate_json(settings))


@st.cache_resource(max_entries=8, show_spinner=False)
def outlines(folder: Path, stamped: int) -> list[Ring]:
    """Return the corners of each cell, lon and lat, in the order of the run's cells."""
    return cell_outlines(opened(folder, stamped).places)


@st.cache_resource(max_entries=8, show_spinner=False)
def bounds_of(folder: Path, stamped: int) -> Bounds:
    """Return the west, south, east and north of all cells, degrees."""
    return outline_bounds(outlines(folder, stamped))


@st.cache_resource(max_entries=8, show_spinner=False)
def week_of(folder: Path, stamped: int) -> Floats32:
    """Return the mean generated week, (cell, hour of week), in the order of the run's cells."""
    run = opened(folder, stamped)
    profile = run.statistics["profile"].sel(cell=run.places["cell_id"].astype(str).to_numpy())
    week: Floats32 = profile.to_numpy()
    return week


@st.cache_resource(max_entries=8, show_spinner=False)
def level_range_of(folder: Path, stamped: int) -> LevelRange:
    """Return the range of the mean load, in the order of the run's cells."""
    run = opened(folder, stamped)
    return level_range(run.places, run.statistics)


@st.cache_resource(max_entries=8, show_spinner=False)
def measured_stations(folder: Path, stamped: int) -> pd.DataFrame:
    """Return the stations that the estimates rest on most: station_id, lon, lat."""
    run = opened(folder, stamped)
    columns = [name for name in run.places.columns if str(name).startswith("station_")]
    used = {str(name) for column in columns for name in run.places[column].dropna()}
    if not used:
        return pd.DataFrame({"station_id": [], "lon": [], "lat": []})
    stations = run.city.stations
    rows = stations[stations["station_id"].astype(str).isin(used)]
    return pd.DataFrame(
        {
            "station_id": rows["station_id"].astype(str).to_numpy(),
            "lon": rows.geometry.x.to_numpy(),
            "lat": rows.geometry.y.to_numpy(),
        }
    )


@st.cache_data(max_entries=64, show_spinner=False)
def ensemble_of(folder: Path, stamped: int, cell_id: str) -> xr.DataArray:
    """Return the samples of one cell, (sample, time)."""
    return opened(folder, stamped).traffic_of([cell_id]).isel(cell=0, drop=True)
