"""The forecast tab: forecasts of several services, compared with actual traffic and baselines.

A worker trains and forecasts; this tab reads the files of its run.
"""

from pathlib import Path
from typing import Any

import streamlit as st

from netspatial.city.city import City
from netspatial.errors import NetSpatialError
from netspatial.forecast import FORECASTERS, RULES
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs import worker
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds import forecasting
from netspatial.runs.kinds.forecasting import SCORES, ForecastRun
from netspatial.ui.components import panels
from netspatial.ui.components.addressed_run import run_of_address
from netspatial.ui.components.jobs import follow
from netspatial.ui.operate.choices import FORECASTER_NAMES
from netspatial.ui.plan.cell_detail import PICTURE
from netspatial.ui.server import workspace
from netspatial.viz.forecast_charts import errors_table, hours_chart, weights_chart
from netspatial.viz.wording import quantity, service_label, service_name

ADDRESS = "forecast"
"""Parameter of the address that names the run."""
DAYS = {3: "3 days", 7: "1 week", 14: "2 weeks", 0: "Full history"}
INITS = {
    "pretrained": "Pre-trained, then adapted to this history",
    "scratch": "This history only",
    "simulation": "Simulated cities, then this history",
    "reweighted": "Simulated cities, reweighted",
}


def forecast_panel(city: City) -> None:
    """Show the settings beside the forecast in the address, or the newest one."""
    run = run_of_address(forecasting.KIND, leave, ADDRESS) or first_run(city.folder)
    result, side = st.columns([5, 2], gap="medium")
    with side:
        _settings(city)
    with result:
        if run is None:
            st.info("Nothing is forecast yet. Choose services on the right and press Forecast.")
        elif not ready(run):
            follow(run, "your forecast", leave)
        else:
            _result(_opened(run.folder, run.path(SCORES).stat().st_mtime_ns))


def ready(run: Run) -> bool:
    """Return whether a run is finished."""
    return run.path(SCORES).is_file() and run.progress().state == "finished"


def first_run(city: Path) -> Run | None:
    """Return the newest finished forecast of a city; None if there is none."""
    for run in workspace.runs():
        manifest = run.manifest
        ours = manifest.kind == forecasting.KIND and ready(run)
        if ours and Path(str(manifest.request["city"])) == city.resolve():
            return run
    return None


def leave() -> None:
    """Remove the run from the address."""
    st.query_params.pop(ADDRESS, None)


@st.cache_resource(max_entries=8, show_spinner=False)
def _opened(folder: Path, stamped: int) -> ForecastRun:  # noqa: ARG001 the stamp is for the cache
    return ForecastRun.open(folder)


def _settings(city: City) -> None:
    parts = [name for name in city.services if name != "total"] or city.services
    with st.container(border=True):
        services = st.pills(
            "Services",
            city.services,
            format_func=service_label,
            selection_mode="multi",
            default=parts,
            key="fc-services",
        )
        days = st.selectbox(
            "Training history",
            list(DAYS),
            index=1,
            format_func=DAYS.__getitem__,
            key="fc-days",
            filter_mode=None,
            help="Measured traffic before the last day. The last "
            "day is forecast and compared with actual traffic.",
        )
        way = st.selectbox(
            "Training",
            list(INITS),
            format_func=INITS.__getitem__,
            key="fc-from",
            filter_mode=None,
            help="The built-in network is pre-trained on 64 simulated cities; "
            "adapting it takes seconds to a minute. Simulating new cities takes minutes. With "
            "reweighting, the result shows which cities carried weight.",
        )
        baselines = st.multiselect(
            "Compare with",
            list(FORECASTERS),
            default=list(RULES),
            key="fc-beside",
            format_func=lambda name: FORECASTER_NAMES.get(name, name),
            filter_mode=None,
            help="Baselines that forecast the same hours from the same history.",
        )
        if st.button(
            "Forecast",
            key="fc-begin",
            type="primary",
            icon=":material/query_stats:",
            width="stretch",
            disabled=not services or not baselines,
        ):
            _begin(city, list(services), days=days or None, init=way, baselines=baselines)


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
    facts, services = shown.facts, shown.request.services
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        panels.provenance_badge(facts["city"]["provenance"])
        panels.provenance_badge("generated")
    panels.lead(_lead(shown))
    places = sorted(shown.table["place"].unique())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        service = st.segmented_control(
            "Service",
            list(services),
            format_func=service_label,
            default=services[0],
            required=True,
            key=f"fc-service-{shown.run.name}",
            label_visibility="collapsed",
        )
        place = st.selectbox(
            "Station",
            places,
            key=f"fc-place-{shown.run.name}",
            label_visibility="collapsed",
            width=170,
        )
    table = shown.table
    rows = table[(table["task"] == service) & (table["place"] == place)].reset_index(drop=True)
    baselines = {name: FORECASTER_NAMES.get(name, name) for name in facts["baselines"]}
    st.plotly_chart(
        hours_chart(rows, baselines, facts["timezone"]),
        config=PICTURE,
        key="fc-hours",
        alt="Forecast of the station with its band, actual traffic, and baselines",
    )
    st.markdown("**Mean absolute error over all stations and hours**")
    st.dataframe(
        errors_table(shown.scores, {"forecast": "Forecast", **baselines}),
        hide_index=True,
        column_config=_columns(["Mean", "Forecast", *baselines.values()]),
        alt="Errors of the forecast and the baselines",
    )
    for name, reason in facts.get("left_out", {}).items():
        st.caption(f"{FORECASTER_NAMES.get(name, name)} is left out: {reason}")
    if len(shown.simulation_weights):
        st.plotly_chart(
            weights_chart(shown.simulation_weights),
            config=PICTURE,
            key="fc-listened",
            alt="Training weights of the simulated cities, the largest on top",
        )
        st.caption(
            "Each simulated city has its own configuration; point at a bar to see it. Cities above "
            "the mean of 1 carried more weight in training."
        )


def _columns(numbers: list[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        name: st.column_config.NumberColumn(format="%.3g", help="In the unit of the service.")
        for name in numbers
    }
    shown["Within P5–P95"] = st.column_config.NumberColumn(
        format="percent", help="Share of the hours inside the band; 90 % is nominal."
    )
    return shown


def _lead(shown: ForecastRun) -> str:
    """Return the main result in words: the errors of the forecast and of the best baseline."""
    facts, best = shown.facts, shown.scores[0]
    errors = best["mae"]
    baseline = min((name for name in errors if name != "forecast"), key=errors.__getitem__)
    simulated = facts["city"]["provenance"] == "simulated"
    result = (
        f"The last {shown.request.horizon} hours, forecast from {facts['days']:.0f} days of "
        f"history. Mean absolute error of {service_name(best['service']).lower()}: "
        f"{quantity(errors['forecast'], best['unit'])}; best baseline "
        f"“{FORECASTER_NAMES.get(baseline, baseline).lower()}”: "
        f"{quantity(errors[baseline], best['unit'])}. "
    )
    return result + ("The city is simulated; nothing here was measured." if simulated else "")
