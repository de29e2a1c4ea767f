"""The schedule on screen: the files of a run, read once and cached between reruns of the page."""

from pathlib import Path

import streamlit as st

from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.operating_result import SUMMARY, OperateRun
from netspatial.ui.server import workspace

KIND = "operate"


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
def opened(folder: Path, stamped: int) -> OperateRun:  # noqa: ARG001 the stamp is for the cache
    """Return the opened run; its files are read once."""
    return OperateRun.open(folder)


def stamp(run: Run) -> int:
    """Return a number that changes whenever the run's result is rewritten."""
    return run.path(SUMMARY).stat().st_mtime_ns
