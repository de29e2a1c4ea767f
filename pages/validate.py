"""Validate: compare the estimate with measured stations that are held out, in one city."""

from pathlib import Path
from typing import Any

import streamlit as st

from netspatial.city.city import City
from netspatial.errors import NetSpatialError
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs import worker
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.validating import ValidateRequest, make_request, submit
from netspatial.runs.kinds.validation_result import KIND, ValidationRun
from netspatial.ui.cities.validation import chosen, finished_runs, title_of, validation_panel
from netspatial.ui.components import panels
from netspatial.ui.components.addressed_run import run_of_address
from netspatial.ui.components.city_choice import choose_city
from netspatial.ui.components.jobs import follow
from netspatial.ui.components.sharing import sharing_panel
from netspatial.ui.server import workspace

SETTINGS = ("folds", "block_m", "protocol", "service", "model", "split", "of")


def leave() -> None:
    """Remove the run from the address, and the settings that belong to it."""
    for name in ("run", *SETTINGS):
        st.query_params.pop(name, None)
        st.session_state.pop(name, None)


def city_of(cities: dict[str, Path], run: Run | None) -> City:
    """Return the city that the user selects; the run's own city by default."""
    own = None if run is None else Path(ValidateRequest.of(run).city)
    return choose_city(cities, lambda path: path.resolve() == own, leave)


def validate(city: City, settings: dict[str, Any]) -> None:
    """Submit a validation and start a worker."""
    try:
        request = make_request(city, **settings)
        run = submit(request, workspace.new_run(KIND, city.folder.name))
        worker.start(run.folder)
    except NetSpatialError as error:
        st.session_state["refused"] = str(error)
        return
    st.query_params["run"] = run.name


def choose_run(runs: list[Run]) -> Run | None:
    """Return the finished validation that the user selects, the newest by default."""
    if len(runs) < 2:
        return runs[0] if runs else None
    titles = {run.name: title_of(run) for run in runs}
    name = st.selectbox(
        "Result", list(titles), format_func=titles.__getitem__, key="result", filter_mode=None
    )
    return next(run for run in runs if run.name == name)


def heading(city: City) -> None:
    """Show the title, the provenance of the city's data, and what the page does."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title("Validate", anchor=False, width="content")
        panels.provenance_badge(city.record.provenance)
    panels.lead(
        "How well does it do in this city? Measured stations are held out in turn, estimated from "
        "the others, and compared with what they carried."
    )


def lacking(city: City) -> bool:
    """Return True, and show a message, if the city lacks stations or traffic."""
    for part in ("stations", "traffic"):
        if not city.has(part):
            st.info(panels.missing(city, part), icon=":material/info:")
            return True
    return False


def main() -> None:
    """Lay out the page: settings in the side bar, an unfinished run on top, then the result."""
    run = run_of_address(KIND, leave)
    cities = workspace.cities(run)
    if not cities:
        panels.no_city(workspace.cities_folder())
        return
    with st.sidebar:
        city = city_of(cities, run)
    heading(city)
    if lacking(city):
        return
    with st.sidebar:
        settings = chosen(city, ValidateRequest.of(run) if run is not None else None)
        st.button(
            "Validate",
            type="primary",
            icon=":material/query_stats:",
            key="validate",
            on_click=validate,
            args=(city, settings),
            width="stretch",
        )
    if refused := st.session_state.pop("refused", None):
        st.error(in_markdown(refused), icon=":material/error:")
    if run is not None and run.progress().state != "finished":
        follow(run, "your validation", leave)
        return
    shown = run or choose_run(finished_runs(city.folder))
    if shown is None:
        st.info("Nothing is validated yet. Press *Validate*: about a minute per 100 stations.")
        return
    sharing_panel(shown)
    validation_panel(ValidationRun.open(shown.folder), city)


main()
