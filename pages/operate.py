"""What-to-do: choose stations, forecast, let some sleep; what it saves and what users feel."""

from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from netspatial.city.city import City
from netspatial.errors import BadInput, NetSpatialError
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs import worker
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.operating_request import OperateRequest, make_request, submit
from netspatial.ui.components import panels
from netspatial.ui.components.jobs import follow
from netspatial.ui.components.sharing import sharing_panel
from netspatial.ui.operate.choices import POLICY_NAMES, changed, chosen
from netspatial.ui.operate.downloads import downloads
from netspatial.ui.operate.forecast_panel import ADDRESS, forecast_panel
from netspatial.ui.operate.panel import result_panel
from netspatial.ui.operate.schedule_view import KIND, ShownSchedule, first_run, opened, ready, stamp
from netspatial.ui.operate.stations import chosen_ids, stations_panel
from netspatial.ui.plan.plan_view import run_named
from netspatial.ui.server import workspace

STYLE = Path(__file__).parents[1] / "assets/operate.css"
VIEWS = {"stations": "Stations", "result": "Result", "forecast": "Forecast"}


def run_of_address() -> Run | None:
    """Return the run that the address names; a run that is gone is told, not an error."""
    name = st.query_params.get("run")
    if not name:
        return None
    try:
        return run_named(name, KIND)
    except BadInput as error:
        st.warning(in_markdown(error))
        leave()
        return None


def leave() -> None:
    """Turn away from the run of the address."""
    for name in ("run", "station"):
        st.query_params.pop(name, None)


def other_city() -> None:
    """Forget what belongs to the city that was shown."""
    leave()
    for name in ("stations", ADDRESS):
        st.query_params.pop(name, None)
    for name in ("op-of", "op-view", "op-coming", "op-hour"):
        st.session_state.pop(name, None)


def choose_city(cities: dict[str, Path], run: Run | None) -> City:
    """Let the user take a city; the run's own until then."""
    at = 0
    if run is not None:
        asked = Path(OperateRequest.of(run).city)
        at = next((n for n, path in enumerate(cities.values()) if path.resolve() == asked), 0)
    name = st.selectbox(
        "City", list(cities), index=at, key="city", bind="query-params", on_change=other_city,
        filter_mode=None,
    )  # fmt: skip
    return City.open(cities[name])


def schedule(city: City, settings: dict[str, Any]) -> None:
    """Ask for a run over the chosen stations and have a worker begin."""
    try:
        folder = workspace.new_run(KIND, city.folder.name)
        run = submit(make_request(city, chosen_ids(), **settings), folder)
        worker.start(run.folder)
    except NetSpatialError as error:
        st.session_state["refused"] = str(error)
        return
    st.session_state["op-view"] = st.session_state["op-coming"] = "result"
    st.session_state.pop("op-hour", None)
    st.query_params.pop("station", None)
    st.query_params["run"] = run.name


def heading(city: City, run: Run | None) -> None:
    """Say what this page is for, or in one sentence what was found, and whose numbers they are."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title("What to do", anchor=False, width="content")
        panels.provenance_badge(city.record.provenance)
        if run is not None and OperateRequest.of(run).when == "forecast":
            panels.provenance_badge("generated")
    metadata = "Which stations may sleep when, what that saves, and what users feel."
    if run is not None:
        metadata = lead(opened(run.folder, stamp(run)))
    st.html(f'<p class="ns-lead">{escape(metadata)}</p>')


def lead(shown: ShownSchedule) -> str:
    """Say in one sentence what a schedule does."""
    asked, metadata = shown.request, shown.summary
    simulated = shown.facts["city"]["provenance"] == "simulated"
    days = {24: "a day", 48: "two days", 168: "a week"}.get(asked.hours, f"{asked.hours} hours")
    return (
        f"{len(asked.stations)} stations for {days}, by the policy "
        f"“{POLICY_NAMES.get(asked.policy, asked.policy)}”: {metadata['saving_pct']:.1f} % of the "
        f"energy saved against always on, {100 * metadata['qoe']:.2f} % of the traffic served. "
        + ("The city is simulated; nothing here was measured." if simulated else "")
    )


def current_view(*, done: bool) -> str:
    """Let the user switch views; a schedule that was asked for is shown as soon as it is there."""
    if done and (coming := st.session_state.pop("op-coming", None)):
        # a map that says something late may have brought the old view back meanwhile
        st.session_state["op-view"] = coming
    first = "forecast" if ADDRESS in st.query_params else "result" if done else "stations"
    st.session_state.setdefault("op-view", first)
    view = st.segmented_control(
        "View", list(VIEWS), format_func=VIEWS.__getitem__, key="op-view", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    return str(view)


def lacking(city: City) -> bool:
    """Say what a city lacks to be operated."""
    for part in ("stations", "traffic"):
        if not city.has(part):
            st.info(panels.missing(city, part), icon=":material/info:")
            return True
    return False


def main() -> None:
    """Lay out the page: settings at the side; the stations or the result; a run at work above."""
    st.html(STYLE)
    run = run_of_address()
    cities = workspace.cities(run)
    if not cities:
        panels.no_city(workspace.cities_folder())
        return
    with st.sidebar:
        city = choose_city(cities, run)
    run = run or first_run(city.folder)
    request = OperateRequest.of(run) if run is not None else None
    done = run is not None and ready(run)
    with st.sidebar:
        settings = chosen(request)
    metadata = done and st.session_state.get("op-view") != "forecast"
    heading(city, run if metadata else None)
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
                f"You changed {', '.join(different)}: this takes effect with the next run. "
                "Go to *Stations* and press Schedule.", icon=":material/info:",
            )  # fmt: skip
        shown = opened(run.folder, stamp(run))
        with bar:
            downloads(shown, city)
            sharing_panel(run)
        result_panel(shown, city)
    elif run is None:
        st.info("Nothing is scheduled yet. Go to *Stations*, choose some and press Schedule.")
    else:
        st.caption("The result appears here as soon as it is there.")


main()
