"""The tab of forecasts: several services told beforehand, and held to what came.

Learning is a run of a worker; what is shown is read from its files.
"""

from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from netspatial.city.city import City
from netspatial.errors import BadInput, NetSpatialError
from netspatial.forecast import FORECASTERS, RULES
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs import worker
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds import forecasting
from netspatial.runs.kinds.forecasting import SCORES, ForecastRun
from netspatial.ui.components import panels
from netspatial.ui.components.jobs import follow
from netspatial.ui.operate.choices import FORECASTER_NAMES
from netspatial.ui.plan.cell_detail import PICTURE
from netspatial.ui.plan.plan_view import run_named
from netspatial.ui.server import workspace
from netspatial.viz.forecast_charts import errors_table, hours_chart, listened_chart
from netspatial.viz.wording import quantity, service_label, service_name

ADDRESS = "forecast"
"""Name of the run in the address."""
DAYS = {3: "3 days", 7: "A week", 14: "Two weeks", 0: "All of it"}
LEARN_FROM = {
    "pretrained": "What many cities taught, then this history",
    "history": "This history alone",
    "simulation": "Simulated cities first",
    "reweighted": "Simulated cities, each for what it helps",
}


def forecast_panel(city: City) -> None:
    """Show the settings beside the newest forecast, or the one that the address names."""
    run = _run_of_address() or first_run(city.folder)
    result, side = st.columns([5, 2], gap="medium")
    with side:
        _settings(city)
    with result:
        if run is None:
            st.info("Nothing is forecast yet. Choose services beside this and press Forecast.")
        elif not ready(run):
            follow(run, "your forecast", leave)
        else:
            _result(_opened(run.folder, run.path(SCORES).stat().st_mtime_ns))


def ready(run: Run) -> bool:
    """Tell whether a run's result is there."""
    return run.path(SCORES).is_file() and run.progress().state == "finished"


def first_run(city: Path) -> Run | None:
    """Return the newest finished forecast of a city, where there is one."""
    for run in workspace.runs():
        manifest = run.manifest
        ours = manifest.kind == forecasting.KIND and ready(run)
        if ours and Path(str(manifest.request["city"])) == city.resolve():
            return run
    return None


def leave() -> None:
    """Turn away from the run of the address."""
    st.query_params.pop(ADDRESS, None)


def _run_of_address() -> Run | None:
    name = st.query_params.get(ADDRESS)
    if not name:
        return None
    try:
        return run_named(name, forecasting.KIND)
    except BadInput as error:
        st.warning(in_markdown(error))
        leave()
        return None


@st.cache_resource(max_entries=8, show_spinner=False)
def _opened(folder: Path, stamped: int) -> ForecastRun:  # noqa: ARG001 the stamp is for the cache
    return ForecastRun.open(folder)


def _settings(city: City) -> None:
    parts = [name for name in city.services if name != "total"] or city.services
    with st.container(border=True):
        services = st.pills(
            "Services", city.services, format_func=service_label, selection_mode="multi",
            default=parts, key="fc-services",
        )  # fmt: skip
        days = st.selectbox(
            "History to learn from", list(DAYS), index=1, format_func=DAYS.__getitem__,
            key="fc-days", filter_mode=None, help="What was measured before the last day, which is "
            "forecast and held to what came.",
        )  # fmt: skip
        way = st.selectbox(
            "Learn from", list(LEARN_FROM), format_func=LEARN_FROM.__getitem__, key="fc-from",
            filter_mode=None, help="A network that 64 simulated cities taught comes along and "
            "takes seconds to a minute. Simulating anew takes minutes; where cities are weighed, "
            "one sees afterwards which of them were listened to.",
        )  # fmt: skip
        beside = st.multiselect(
            "Compare with", list(FORECASTERS), default=list(RULES), key="fc-beside",
            format_func=lambda name: FORECASTER_NAMES.get(name, name), filter_mode=None,
            help="Forecasters that say the same hours from the same history.",
        )  # fmt: skip
        if st.button(
            "Forecast", key="fc-begin", type="primary", icon=":material/query_stats:",
            width="stretch", disabled=not services or not beside,
        ):  # fmt: skip
            _begin(city, list(services), days=days or None, init=way, beside=beside)


def _begin(city: City, services: list[str], **choices: Any) -> None:
    try:
        run = forecasting.submit(city, services, runs=workspace.runs_folder(), **choices)
        worker.start(run.folder)
    except NetSpatialError as error:
        st.error(in_markdown(error), icon=":material/error:")
        return
    st.query_params[ADDRESS] = run.name
    st.rerun()


def _result(shown: ForecastRun) -> None:
    facts, asked = shown.facts, shown.request
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        panels.provenance_badge(facts["city"]["provenance"])
        panels.provenance_badge("generated")
    st.html(f'<p class="ns-lead">{escape(_lead(shown))}</p>')
    places = sorted(shown.table["place"].unique())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        service = st.segmented_control(
            "Service", list(asked.services), format_func=service_label, default=asked.services[0],
            required=True, key=f"fc-service-{shown.run.name}", label_visibility="collapsed",
        )  # fmt: skip
        place = st.selectbox(
            "Station", places, key=f"fc-place-{shown.run.name}", label_visibility="collapsed",
            width=170,
        )  # fmt: skip
    table = shown.table
    rows = table[(table["task"] == service) & (table["place"] == place)].reset_index(drop=True)
    rivals = {name: FORECASTER_NAMES.get(name, name) for name in facts["rivals"]}
    st.plotly_chart(
        hours_chart(rows, rivals, facts["timezone"]), config=PICTURE, key="fc-hours",
        alt="Forecast of the station with its band, what came, and what rivals said",
    )  # fmt: skip
    st.markdown("**Mean absolute error over all stations and hours**")
    st.dataframe(
        errors_table(shown.scores, {"forecast": "Forecast", **rivals}), hide_index=True,
        column_config=_columns(["Mean", "Forecast", *rivals.values()]),
        alt="Errors of the forecast and its rivals",
    )  # fmt: skip
    for name, reason in facts.get("left_out", {}).items():
        st.caption(f"{FORECASTER_NAMES.get(name, name)} is left out: {reason}")
    if len(shown.listened):
        st.plotly_chart(
            listened_chart(shown.listened), config=PICTURE, key="fc-listened",
            alt="Which simulated cities were listened to, the heaviest above",
        )  # fmt: skip
        st.caption(
            "Each simulated city is made differently; rest the pointer on one to see how. Those "
            "above the mean helped to forecast the stations here."
        )


def _columns(numbers: list[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        name: st.column_config.NumberColumn(format="%.3g", help="In the unit of the service.")
        for name in numbers
    }
    shown["Within P5–P95"] = st.column_config.NumberColumn(
        format="percent", help="Hours that came to lie in the band, which should hold 90 %."
    )
    return shown


def _lead(shown: ForecastRun) -> str:
    """Say in one sentence what was found."""
    facts, best = shown.facts, shown.scores[0]
    errors = best["mae"]
    rival = min((name for name in errors if name != "forecast"), key=errors.__getitem__)
    simulated = facts["city"]["provenance"] == "simulated"
    metadata = (
        f"The last {shown.request.horizon} hours, forecast from {facts['days']:.0f} days before: "
        f"{service_name(best['service']).lower()} to within "
        f"{quantity(errors['forecast'], best['unit'])} on average, "
        f"“{FORECASTER_NAMES.get(rival, rival).lower()}” to within "
        f"{quantity(errors[rival], best['unit'])}. "
    )
    return metadata + ("The city is simulated; nothing here was measured." if simulated else "")
