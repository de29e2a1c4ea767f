"""The result of a schedule: key figures, hourly map, sleep times, one station in detail."""

from functools import partial
from typing import Any

import streamlit as st

from netspatial.city.city import City
from netspatial.operate.metrics import OVERLOAD
from netspatial.plain_text import in_markdown
from netspatial.runs.kinds.operating_result import OperateRun
from netspatial.ui.components import cache
from netspatial.ui.components.hour_slider import hour_slider, playing
from netspatial.ui.components.library import city_version
from netspatial.ui.operate.policy_comparison import comparison_panel
from netspatial.ui.plan.cell_detail import PICTURE
from netspatial.viz import city_map
from netspatial.viz.schedule_charts import (
    ASLEEP,
    forecast_chart,
    schedule_chart,
    sleepiest_hour,
    states,
    station_chart,
)
from netspatial.viz.schedule_map import (
    bounds_of,
    clicked,
    flow_layer,
    map_key,
    ring_layer,
    schedule_view,
    state_key,
    state_layer,
)
from netspatial.viz.wording import number, quantity

STEP_S = 1.0
MAP_PX = 440
DETAILS = ("Schedule", "Policies and trade-off", "Notes")


def result_panel(shown: OperateRun, city: City | None) -> None:
    """Show a schedule. city : for the map's image; None if its folder no longer exists."""
    figures(shown)
    station = selected(shown)
    map_side, card_side = st.columns([6, 5], gap="medium")
    with map_side:
        st.fragment(_map_panel, run_every=STEP_S if playing("op-") else None)(shown, city, station)
    with card_side:
        _station(shown, station)
    schedule, policies, notes = st.tabs(DETAILS)
    with schedule:
        st.plotly_chart(
            schedule_chart(shown.schedule),
            config=PICTURE,
            key="op-schedule",
            alt="Which station is asleep, awake or overloaded in which hour",
        )
        st.html(state_key())
    with policies:
        comparison_panel(shown)
    with notes:
        _notes(shown)


def selected(shown: OperateRun) -> str:
    """Return the selected station: the one in the address, else the one that sleeps most."""
    wanted = st.query_params.get("station")
    if wanted in shown.ids:
        return str(wanted)
    if wanted:
        st.warning(
            in_markdown(
                f"The run has no station '{wanted:.40}'; the one that sleeps most is shown."
            )
        )
        st.query_params.pop("station", None)
    return shown.ids[int((states(shown.schedule) == ASLEEP).sum(axis=1).argmax())]


def figures(shown: OperateRun) -> None:
    """Show energy and QoE, compared with all stations always on."""
    summary, floor = shown.summary, shown.request.qoe_min
    span = partial(_range, summary)
    columns = st.columns(6)
    columns[0].metric(
        "Energy",
        quantity(summary["energy_kwh"], "kWh"),
        _unless_zero(-summary["saving_pct"], "{:+.1f} %"),
        delta_color="inverse",
        help=f"Always on: {quantity(summary['always_on_kwh'], 'kWh')}, idle power included."
        f"{span('energy_kwh', 'kWh')} The stations draw more than always on in "
        f"{summary['hours_above']:,.3g} hours ({100 * summary['share_above']:.1f} %), by "
        f"{quantity(summary['kwh_above'], 'kWh')} in total.",
    )
    columns[1].metric(
        "Saved",
        quantity(summary["saved_kwh"], "kWh"),
        help=f"Also saved: {quantity(summary['co2_kg'], 'kg')} CO₂ at "
        f"{shown.request.co2_kg_per_kwh:g} kg/kWh, and an electricity cost of "
        f"{number(summary['cost'])} at {shown.request.cost_per_kwh:g} per kWh (set price)."
        f"{span('saved_kwh', 'kWh')}{span('saving_pct', '% of always on')}",
    )
    met = summary["qoe"] >= floor
    columns[2].metric(
        "Traffic served",
        f"{100 * summary['qoe']:.2f} %",
        f"{'meets' if met else 'below'} {100 * floor:g} %",
        delta_color="normal" if met else "inverse",
        delta_arrow="off",
        help=f"QoE, Eq. 20. Worst hour {100 * summary['worst_hour']:.2f} %, worst station "
        f"{100 * summary['worst_station']:.2f} %.",
    )
    columns[3].metric(
        "Asleep",
        f"{100 * summary['asleep_share']:.1f} %",
        help=f"Share of all station-hours. {shown.facts['may_sleep']} of "
        f"{shown.facts['stations']} stations may sleep, because their neighbours can cover them.",
    )
    columns[4].metric(
        "Activations",
        f"{summary['wakeups_per_station_day']:.2f}",
        help="Activations per station and day.",
    )
    before = summary["overload_hours_before"]
    columns[5].metric(
        "Overloaded",
        f"{summary['overload_hours']:,.4g} h",
        _unless_zero(summary["overload_hours"] - before, "{:+,.4g} h"),
        delta_color="inverse",
        help=f"Station-hours with a load above {100 * OVERLOAD:.0f} % of the capacity; always on: "
        f"{before:,.4g} h.{span('overload_hours', 'h')}",
    )
    if summary["ranges"]:
        st.caption(ranges_sentence(summary, shown.request.samples))


def ranges_sentence(summary: dict[str, Any], samples: int) -> str:
    """Return a sentence on the 80 % ranges of the main figures of upcoming hours."""
    saved, served, full = (
        summary["ranges"][name] for name in ("saving_pct", "qoe", "overload_hours")
    )
    return (
        f"Means over the {samples} samples of the forecast. 80 % ranges: saved {saved[0]:.1f} to "
        f"{saved[1]:.1f} %, served {100 * served[0]:.2f} to {100 * served[1]:.2f} %, overloaded "
        f"{full[0]:,.4g} to {full[1]:,.4g} station-hours."
    )


def _range(summary: dict[str, Any], name: str, unit: str) -> str:
    """Return a sentence on the 80 % range of a figure; '' if the traffic is known."""
    if name not in summary["ranges"]:
        return ""
    low, high = map(number, summary["ranges"][name])
    return f" 80 % range: {low} to {high} {unit}."


def _unless_zero(change: float, words: str) -> str | None:
    """Return a change in words; None if it rounds to zero."""
    return words.format(change) if abs(change) >= 0.05 else None


def _map_panel(shown: OperateRun, city: City | None, station: str) -> None:
    if st.session_state.pop("op-clicked", False):
        st.rerun()  # the station's charts are beside the map, outside this fragment
    hour = _hour_bar(shown)
    schedule = shown.schedule
    state = states(schedule)[:, hour]
    load = schedule["load_after"].to_numpy()[:, hour]
    demand = schedule["demand"].to_numpy()[:, hour]
    clicks = st.session_state.get("op-clicks", 0)
    places = shown.places
    layers = []
    if city is not None and city.has("imagery"):
        layers.append(
            city_map.image_layer(cache.served_backdrop(city.folder, city_version(city.folder)))
        )
    flows = shown.flow_table
    now = flows[flows["hour"] == hour]
    if len(now):
        layers.append(flow_layer(now, float(flows["traffic"].max()), shown.unit))
    layers.append(state_layer(places, state, load, demand, shown.unit, clicks))
    at = places.loc[places["station_id"] == station].iloc[0]
    layers.append(ring_layer(float(at["lon"]), float(at["lat"])))
    key = f"op-map-{shown.run.name}"

    def click() -> None:
        selection = st.session_state[key].selection
        if not selection.get("indices"):
            return
        st.session_state["op-clicks"] = clicks + 1
        if hit := clicked(selection, shown.ids, clicks):
            st.query_params["station"] = hit
            st.session_state["op-clicked"] = True

    with st.container(key="op-map"):
        st.pydeck_chart(
            city_map.city_map(layers, schedule_view(bounds_of(places), "flat", MAP_PX)),
            height=MAP_PX,
            key=key,
            on_select=click,
            alt="Map of the stations, awake, asleep or overloaded, and the load moved between them",
        )
    st.html(map_key())
    counts = {name: int((state == code).sum()) for code, name in enumerate(("asleep", "awake"))}
    moved = float(now["traffic"].sum())
    caption = (
        f"{shown.hours[hour]}: {counts['asleep']} asleep, {int((load > OVERLOAD).sum())} "
        f"overloaded; neighbours carry {quantity(moved, shown.unit)} of "
        f"{quantity(float(demand.sum()), shown.unit)}."
    )
    st.caption(in_markdown(caption))


def _hour_bar(shown: OperateRun) -> int:
    """Return the hour to show; initially the one in which most stations sleep."""
    labels = shown.hours
    return hour_slider(
        len(labels),
        "Hour",
        labels.__getitem__,
        lambda: sleepiest_hour(shown.schedule),
        prefix="op-",
    )


def _station(shown: OperateRun, station: str) -> None:
    """Show one station: traffic, load and power as in Figure 10, and its forecast."""
    state_of = shown.stations.set_index(shown.stations["station_id"].astype(str))
    row = state_of.loc[station]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        picked = st.selectbox(
            "Station",
            shown.ids,
            index=shown.ids.index(station),
            key=f"op-station-{station}",
            label_visibility="collapsed",
            width=150,
            filter_mode=None,
        )
        if picked != station:
            st.query_params["station"] = picked
            st.rerun()
        tier = f"{in_markdown(row['tier'])} tier · " if row.get("tier") else ""
        between = (
            f" ({number(row['saved_kwh_p10'])} to {number(row['saved_kwh_p90'])})"
            if "saved_kwh_p10" in row
            else ""
        )
        st.caption(
            f"{tier}asleep {100 * row['asleep_share']:.0f} % of the hours · saves "
            f"{quantity(float(row['saved_kwh']), 'kWh')}{between} · "
            f"{100 * row['qoe']:.2f} % of its traffic served",
            width="content",
        )
    forecast = shown.forecast.sel(station=station)
    hours = shown.schedule.sel(station=station)
    forecast = forecast.sel(time=hours["time"])
    truth = shown.truth(station)
    operation, ahead = st.tabs(["Load and power", "Forecast"])
    with operation:
        st.plotly_chart(
            station_chart(hours, forecast, shown.unit, measured=truth is not None),
            config=PICTURE,
            key="op-figure-10",
            alt="Traffic, planned load, generated signal, load and power adjustment",
        )
        st.caption(
            "Blue shading: the station sleeps. Grey shading and violet line: volatile windows, "
            "in which the forecast samples differ most, and the signal generated for them."
        )
    with ahead:
        st.plotly_chart(
            forecast_chart(forecast, truth, shown.unit, 380),
            config=PICTURE,
            key="op-forecast",
            alt="Forecast with its band, and actual traffic",
        )
        if truth is None:
            st.caption("These are upcoming hours: there is no measured traffic to compare with.")
        else:
            low, high = (forecast.quantile(level, "sample") for level in (0.1, 0.9))
            within = float(((truth >= low) & (truth <= high)).mean())
            error = float(abs(forecast.mean("sample") - truth).mean())
            st.caption(
                f"Mean absolute error {in_markdown(quantity(error, shown.unit))}, "
                f"{100 * error / max(float(truth.mean()), 1e-12):.0f} % of the mean traffic. "
                f"{100 * within:.0f} % of the hours lie within P10–P90 (nominal: 80 %)."
            )


def _notes(shown: OperateRun) -> None:
    summary, facts, moved = shown.summary, shown.facts, shown.summary["balanced"]
    balanced = (
        f"Above a load of {100 * moved['threshold']:.0f} %: {moved['overload_hours_before']:,} "
        "station-hours with no traffic moved, "
        f"{moved['overload_hours_after']:,} if traffic is moved to neighbours without any sleep"
        + (", for the mean traffic." if summary["ranges"] else ".")
    )
    proxy = (
        f"The paper's ratio (Eq. 19) is {summary['traffic_reduction_ratio']:.4f}. "
        f"{summary['traffic_reduction_note']}"
    )
    origin = (
        f"Forecast method {facts['forecaster']}, seed {facts['seed']}. The traffic of these hours "
        f"is {facts['provenance']}, of the {facts['city']['provenance']} city "
        f"“{facts['city']['name']}”. {'; '.join(facts['attribution'])}."
    )
    for text in (*summary["notes"], balanced, proxy, f"Power: {summary['power']}.", origin):
        st.markdown(f"- {in_markdown(text)}")
