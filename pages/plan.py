"""Site planning (what-if): draw an area, generate the traffic of its cells, rank the sites."""

from pathlib import Path
from typing import Any

import streamlit as st

from netspatial.city.city import City
from netspatial.errors import NetSpatialError
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs import worker
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.plan_request import KIND, PlanRequest, make_request, submit
from netspatial.runs.kinds.plan_result import PLAN
from netspatial.ui.components import panels
from netspatial.ui.components.addressed_run import run_of_address
from netspatial.ui.components.city_choice import choose_city
from netspatial.ui.components.jobs import follow
from netspatial.ui.components.sharing import sharing_panel
from netspatial.ui.plan.area_panel import area_panel, current_area
from netspatial.ui.plan.areas import to_address
from netspatial.ui.plan.choices import Choices, chosen, forget
from netspatial.ui.plan.generation import changed
from netspatial.ui.plan.panel import plan_panel
from netspatial.ui.plan.plan_view import first_run, shown, stamp
from netspatial.ui.plan.scenario_panel import edited_scenario, forget_scenario, is_edited
from netspatial.ui.server import workspace

VIEWS = {"area": "Area", "result": "Result"}


def leave() -> None:
    """Remove the run and its state from the address and the session."""
    for name in ("run", "cell"):
        st.query_params.pop(name, None)
    for name in ("view", "coming"):
        st.session_state.pop(name, None)
    forget()
    forget_scenario()


def other_city() -> None:
    """Reset the state that belongs to the previous city."""
    leave()
    st.query_params.pop("area", None)
    st.session_state.pop("areas", None)


def city_of(cities: dict[str, Path], run: Run | None) -> City:
    """Return the city that the user selects; by default the run's own, or one with an example."""
    if run is None:
        return choose_city(cities, lambda path: first_run(path) is not None, other_city)
    own = Path(PlanRequest.of(run).city)
    return choose_city(cities, lambda path: path.resolve() == own, other_city)


def generate(city: City, choices: Choices) -> None:
    """Submit a run over the current area and start a worker."""
    area = current_area()
    if area is None:
        return
    try:
        request = make_request(
            city,
            area,
            settings=choices.settings,
            scenario=edited_scenario(),
            **choices.making,
        )
        run = submit(request, workspace.new_run(KIND, city.folder.name))
        worker.start(run.folder)
    except NetSpatialError as error:
        st.session_state["refused"] = str(error)
        return
    st.session_state["view"] = st.session_state["coming"] = "result"
    st.query_params.pop("cell", None)
    st.query_params["run"] = run.name
    if address := to_address(area):
        st.query_params["area"] = address


def heading(city: City, request: PlanRequest | None, *, example: bool) -> None:
    """Show the title, the provenance of the data, and one sentence on the example."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title("Site planning (what-if)", anchor=False, width="content")
        panels.provenance_badge(city.record.provenance)
        if request is not None:
            panels.provenance_badge("generated")
    if example and request is not None:
        panels.lead(lead(city, request))


def lead(city: City, request: PlanRequest) -> str:
    """Return one sentence on the example plan."""
    simulated = city.record.provenance == "simulated"
    return (
        f"Example in {city.name}: the expected traffic of a new base station in each cell, "
        "generated from the satellite image and the points of interest, and the "
        f"{request.settings.sites} best cells to build one. "
        + ("The city is simulated; nothing here was measured." if simulated else "")
    )


def about_result(choices: Choices, request: PlanRequest, facts: dict[str, Any]) -> None:
    """Show what was changed since the run was made, and the scenario that it assumes."""
    different = changed(choices.making, request)
    different += ["scenario"] if is_edited(request.scenario) else []
    if different:
        st.info(
            f"You changed: {', '.join(different)}. This takes effect with the next run: "
            "go to *Area* and press Generate.",
            icon=":material/info:",
        )
    if notes := facts.get("scenario"):
        st.info(in_markdown(" ".join(notes)), icon=":material/construction:")


def main() -> None:
    """Lay out the page: settings in the side bar, an unfinished run on top, then one view."""
    run = run_of_address(PlanRequest.kind, leave)
    cities = workspace.cities(run)
    if not cities:
        panels.no_city(workspace.cities_folder())
        return
    with st.sidebar:
        city = city_of(cities, run)
    example = False
    if run is None:
        run = first_run(city.folder)
        example = run is not None
    request = PlanRequest.of(run) if run is not None else None
    ready = run is not None and run.path(PLAN).is_file() and run.progress().state == "finished"
    with st.sidebar:
        units = city.record.units
        facts = run.manifest.facts if run is not None else {}
        choices = chosen(request, facts.get("units") or units.get("total", "of traffic"))
    heading(city, request if ready else None, example=example)
    if run is not None and not ready:
        follow(run, "your plan", leave)
    if ready and (coming := st.session_state.pop("coming", None)):
        # a late event of the map may have restored the old view meanwhile
        st.session_state["view"] = coming
    st.session_state.setdefault("view", "area" if run is None else "result")
    view = st.segmented_control(
        "View",
        list(VIEWS),
        format_func=VIEWS.__getitem__,
        key="view",
        required=True,
        label_visibility="collapsed",
    )
    if refused := st.session_state.pop("refused", None):
        st.error(in_markdown(refused), icon=":material/error:")
    if view == "area":
        area_panel(city, choices, request, lambda: generate(city, choices))
    elif ready and run is not None and request is not None:
        about_result(choices, request, facts)
        sharing_panel(run)
        plan_panel(shown(run.folder, stamp(run), choices.settings.model_dump_json()))
    elif run is None:
        st.info("Nothing is generated yet. Go to *Area*, draw one and press Generate.")
    else:
        st.caption("The result appears here when the run is finished.")


main()
