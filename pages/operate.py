"""Network operation (what-to-do): which stations can sleep, energy saved and traffic served."""

from pathlib import Path
from typing import Any

import streamlit as st

from netspatial.city.city import City
from netspatial.errors import NetSpatialError
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs import worker
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.operating_request import OperateRequest, make_request, submit
from netspatial.runs.kinds.operating_result import OperateRun
from netspatial.ui.components import panels
from netspatial.ui.components.addressed_run import run_of_address
from netspatial.ui.components.city_choice import choose_city
from netspatial.ui.components.jobs import follow
from netspatial.ui.components.scenarios import stations_after
from netspatial.ui.components.sharing import sharing_panel
from netspatial.ui.operate.choices import POLICY_NAMES, changed, chosen
from netspatial.ui.operate.downloads import downloads
from netspatial.ui.operate.forecast_panel import ADDRESS, forecast_panel
from netspatial.ui.operate.panel import result_panel
from netspatial.ui.operate.schedule_view import KIND, first_run, opened, ready, stamp
from netspatial.ui.operate.stations import chosen_ids, stations_panel
from netspatial.ui.server import workspace

STYLE = Path(__file__).parents[1] / "assets/operate.css"
VIEWS = {"stations": "Stations", "result": "Result", "forecast": "Forecast"}


def leave() -> None:
    """Remove the run from the address."""
    for name in ("run", "station"):
        st.query_params.pop(name, None)


def other_city() -> None:
    """Reset the state that belongs to the previous city."""
    leave()
    for name in ("stations", ADDRESS):
        st.query_params.pop(name, None)
    for name in ("op-of", "op-view", "op-coming", "op-hour"):
        st.session_state.pop(name, None)


def city_of(cities: dict[str, Path], run: Run | None) -> City:
    """Return the city that the user selects; the run's own city by default."""
    own = None if run is None else Path(OperateRequest.of(run).city)
    return choose_city(cities, lambda path: path.resolve() == own, other_city)


def schedule(city: City, settings: dict[str, Any]) -> None:
    """Submit a run over the selected stations and start a worker."""
    try:
        folder = workspace.new_run(KIND, city.folder.name)
        ids = stations_after(chosen_ids(), settings["scenario"])
        run = submit(make_request(city, ids, **settings), folder)
        worker.start(run.folder)
    except NetSpatialError as error:
        st.session_state["refused"] = str(error)
        return
    st.session_state["op-view"] = st.session_state["op-coming"] = "result"
    st.session_state.pop("op-hour", None)
    st.query_params.pop("station", None)
    st.query_params["run"] = run.name


def heading(city: City, run: Run | None) -> None:
    """Show the title, the provenance of the data, and one sentence on the page or its result."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title("Network operation (what-to-do)", anchor=False, width="content")
        panels.provenance_badge(city.record.provenance)
        if run is not None and OperateRequest.of(run).mode == "forecast":
            panels.provenance_badge("generated")
    sentence = (
        "Which stations can sleep, how much energy that saves, and how much traffic is served."
    )
    if run is not None:
        sentence = lead(opened(run.folder, stamp(run)))
    panels.lead(sentence)


def lead(shown: OperateRun) -> str:
    """Return one sentence on the energy saved and the traffic served."""
    request, summary = shown.request, shown.summary
    simulated = shown.facts["city"]["provenance"] == "simulated"
    hours = request.hours
    days = {24: "a day", 48: "two days", 168: "a week"}.get(hours, f"{hours} hours")
    return (
        f"{len(request.stations)} stations for {days}, policy "
        f"“{POLICY_NAMES.get(request.policy, request.policy)}”: {summary['saving_pct']:.1f} % of "
        f"the always-on energy saved, {100 * summary['qoe']:.2f} % of the traffic served. "
        + ("The city is simulated; nothing here was measured." if simulated else "")
    )


def current_view(*, done: bool) -> str:
    """Return the view that the user selects; a new schedule is shown as soon as it is finished."""
    if done and (coming := st.session_state.pop("op-coming", None)):
        # a late event of the map may have restored the old view meanwhile
        st.session_state["op-view"] = coming
    first = "forecast" if ADDRESS in st.query_params else "result" if done else "stations"
    st.session_state.setdefault("op-view", first)
    view = st.segmented_control(
        "View",
        list(VIEWS),
        format_func=VIEWS.__getitem__,
        key="op-view",
        required=True,
        label_visibility="collapsed",
    )
    return str(view)


def lacking(city: City) -> bool:
    """Return True, and show a message, if the city lacks stations or traffic."""
    for part in ("stations", "traffic"):
        if not city.has(part):
            st.info(panels.missing(city, part), icon=":material/info:")
            return True
    return False


def main() -> None:
    """Lay out the page: settings in the side bar, an unfinished run on top, then one view."""
    st.html(STYLE)
    run = run_of_address(KIND, leave)
    cities = workspace.cities(run)
    if not cities:
        panels.no_city(workspace.cities_folder())
        return
    with st.sidebar:
        city = city_of(cities, run)
    run = run or first_run(city.folder)
    request = OperateRequest.of(run) if run is not None else None
    done = run is not None and ready(run)
    with st.sidebar:
        settings = chosen(request)
    with_result = done and st.session_state.get("op-view") != "forecast"
    heading(city, run if with_result else None)
    if lacking(city):
        return
    if run is not None and not done:
        follow(run, "your schedule", leave)
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with bar:
        view = current_view(done=done)
    if refused := st.session_state.pop("refused", None):
        st.error(in_markdown(refused), icon=":material/error:")
    if view == "forecast":
        forecast_panel(city)
    elif view == "stations":
        stations_panel(city, request, settings, lambda: schedule(city, settings))
    elif done and run is not None and request is not None:
        if different := changed(settings, request):
            st.info(
                f"You changed: {', '.join(different)}. This takes effect with the next run: "
                "go to *Stations* and press Schedule.",
                icon=":material/info:",
            )
        shown = opened(run.folder, stamp(run))
        with bar:
            downloads(shown, city)
            sharing_panel(run)
        result_panel(shown, city)
    elif run is None:
        st.info("Nothing is scheduled yet. Go to *Stations*, select some and press Schedule.")
    else:
        st.caption("The result appears here when the run is finished.")


main()
