"""The result of operating stations: figures, the map hour by hour, who sleeps when, one station."""

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from netspatial.city.city import City
from netspatial.operate.metrics import OVERLOAD
from netspatial.plain_text import in_markdown
from netspatial.ui.components import cache
from netspatial.ui.components.hour_slider import hour_bar, playing
from netspatial.ui.components.library import city_version
from netspatial.ui.operate.policy_comparison import weighing_panel
from netspatial.ui.operate.schedule_view import ShownSchedule
from netspatial.ui.plan.cell_detail import PICTURE
from netspatial.viz import city_map
from netspatial.viz.schedule_charts import (
    ASLEEP,
    forecast_chart,
    schedule_chart,
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


def result_panel(shown: ShownSchedule, city: City | None) -> None:
    """Show a schedule. city : for the map's image; None where its folder is gone."""
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
            schedule_chart(shown.schedule), config=PICTURE, key="op-schedule",
            alt="Which station is asleep, awake or overloaded in which hour",
        )  # fmt: skip
        st.html(state_key())
    with policies:
        weighing_panel(shown)
    with notes:
        _notes(shown)


def selected(shown: ShownSchedule) -> str:
    """Return the station that is looked at: the address's, else the one that sleeps most."""
    asked = st.query_params.get("station")
    if asked in shown.ids:
        return str(asked)
    if asked:
        st.warning(
            in_markdown(f"The run has no station '{asked:.40}'; here is the one that sleeps most.")
        )
        st.query_params.pop("station", None)
    return shown.ids[int((states(shown.schedule) == ASLEEP).sum(axis=1).argmax())]


def figures(shown: ShownSchedule) -> None:
    """Show energy and service against always on."""
    metadata, floor = shown.summary, shown.request.qoe_min
    span = partial(_range, metadata)
    columns = st.columns(6)
    columns[0].metric(
        "Energy", quantity(metadata["energy_kwh"], "kWh"),
        _unless_zero(-metadata["saving_pct"], "{:+.1f} %"),
        delta_color="inverse",
        help=f"Always on: {quantity(metadata['always_on_kwh'], 'kWh')}, idle power included."
        f"{span('energy_kwh', 'kWh')} The stations draw more than always on in "
        f"{metadata['hours_above']:,.3g} hours ({100 * metadata['share_above']:.1f} %), by "
        f"{quantity(metadata['kwh_above'], 'kWh')} in sum.",
    )  # fmt: skip
    columns[1].metric(
        "Saved", quantity(metadata["saved_kwh"], "kWh"),
        help=f"{quantity(metadata['co2_kg'], 'kg')} CO₂ at {shown.request.co2_kg_per_kwh:g} kg/kWh, "
        f"and {number(metadata['cost'])} in money at {shown.request.cost_per_kwh:g} per kWh."
        f"{span('saved_kwh', 'kWh')}{span('saving_pct', '% of always on')}",
    )  # fmt: skip
    met = metadata["qoe"] >= floor
    columns[2].metric(
        "Traffic served", f"{100 * metadata['qoe']:.2f} %",
        f"{'meets' if met else 'below'} {100 * floor:g} %",
        delta_color="normal" if met else "inverse", delta_arrow="off",
        help=f"QoE, Eq. 20. Worst hour {100 * metadata['worst_hour']:.2f} %, worst station "
        f"{100 * metadata['worst_station']:.2f} %.",
    )  # fmt: skip
    columns[3].metric(
        "Asleep", f"{100 * metadata['asleep_share']:.1f} %",
        help=f"Of all station-hours. {shown.facts['may_sleep']} of {shown.facts['stations']} "
        "stations may sleep: neighbours can stand in for them.",
    )  # fmt: skip
    columns[4].metric(
        "Wakings", f"{metadata['wakeups_per_station_day']:.2f}", help="A station and day."
    )
    before = metadata["overload_hours_before"]
    columns[5].metric(
        "Overloaded", f"{metadata['overload_hours']:,.4g} h",
        _unless_zero(metadata["overload_hours"] - before, "{:+,.4g} h"), delta_color="inverse",
        help=f"Station-hours with a load above {100 * OVERLOAD:.0f} % of the capacity; always on: "
        f"{before:,.4g} h.{span('overload_hours', 'h')}",
    )  # fmt: skip
    if metadata["ranges"]:
        st.caption(ranges_sentence(metadata, shown.request.samples))


def ranges_sentence(metadata: dict[str, Any], samples: int) -> str:
    """Say between what the main figures of hours yet to come lie."""
    saved, served, full = (
        metadata["ranges"][name] for name in ("saving_pct", "qoe", "overload_hours")
    )
    return (
        f"Means over the {samples} samples of the forecast. 80 % ranges: saved {saved[0]:.1f} to "
        f"{saved[1]:.1f} %, served {100 * served[0]:.2f} to {100 * served[1]:.2f} %, overloaded "
        f"{full[0]:,.4g} to {full[1]:,.4g} station-hours."
    )


def _range(metadata: dict[str, Any], name: str, unit: str) -> str:
    """Return the sentence on the range of a figure; none where the traffic is known."""
    if name not in metadata["ranges"]:
        return ""
    low, high = map(number, metadata["ranges"][name])
    return f" 80 % range: {low} to {high} {unit}."


def _unless_zero(change: float, words: str) -> str | None:
    """Say a change; none where it would round to nothing."""
    return words.format(change) if abs(change) >= 0.05 else None


def _map_panel(shown: ShownSchedule, city: City | None, station: str) -> None:
    if st.session_state.pop("op-clicked", False):
        st.rerun()  # the station stands beside the map, outside this fragment
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
            height=MAP_PX, key=key, on_select=click,
            alt="Map of the stations, awake, asleep or overloaded, and what neighbours carry",
        )  # fmt: skip
    st.html(map_key())
    counts = {name: int((state == code).sum()) for code, name in enumerate(("asleep", "awake"))}
    moved = float(now["traffic"].sum())
    metadata = (
        f"{shown.hours[hour]}: {counts['asleep']} asleep, {int((load > OVERLOAD).sum())} "
        f"overloaded, {quantity(moved, shown.unit)} carried by neighbours of "
        f"{quantity(float(demand.sum()), shown.unit)} in all."
    )
    st.caption(in_markdown(metadata))


def _hour_bar(shown: ShownSchedule) -> int:
    """Let the user go through the hours, or play them; begin where most stations sleep."""

    def first() -> int:
        return int(np.argmax((states(shown.schedule) == ASLEEP).sum(axis=0)))

    return hour_bar(len(shown.hours), "Hour", shown.hours.__getitem__, first, prefix="op-")


def _station(shown: ShownSchedule, station: str) -> None:
    """Show one station as in Figure 10, and its forecast."""
    state_of = shown.stations.set_index(shown.stations["station_id"].astype(str))
    row = state_of.loc[station]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        picked = st.selectbox(
            "Station", shown.ids, index=shown.ids.index(station), key=f"op-station-{station}",
            label_visibility="collapsed", width=150, filter_mode=None,
        )  # fmt: skip
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
            f"{quantity(float(row['saved_kwh']), 'kWh')}{between} · its users are served "
            f"{100 * row['qoe']:.2f} %",
            width="content",
        )
    forecast = shown.forecast.sel(station=station)
    hours = shown.schedule.sel(station=station)
    forecast = forecast.sel(time=hours["time"])
    truth = shown.truth(station)
    control, ahead = st.tabs(["Control", "Forecast"])
    with control:
        st.plotly_chart(
            station_chart(hours, forecast, shown.unit, measured=truth is not None),
            config=PICTURE, key="op-figure-10",
            alt="Traffic, control target, generated signal, load and power adjustment",
        )  # fmt: skip
        st.caption(
            "Blue ground: the station sleeps. Grey ground and violet line: volatile windows, "
            "in which the forecasts disagree most, and the signal generated for them."
        )
    with ahead:
        st.plotly_chart(
            forecast_chart(forecast, truth, shown.unit, 380), config=PICTURE, key="op-forecast",
            alt="Forecast with its band, and what was measured",
        )  # fmt: skip
        if truth is None:
            st.caption("These hours are yet to come: nothing is measured to hold against it.")
        else:
            low, high = (forecast.quantile(level, "sample") for level in (0.1, 0.9))
            within = float(((truth >= low) & (truth <= high)).mean())
            error = float(abs(forecast.mean("sample") - truth).mean())
            st.caption(
                f"The mean forecast errs by {in_markdown(quantity(error, shown.unit))} on average, "
                f"{100 * error / max(float(truth.mean()), 1e-12):.0f} % of the mean traffic; "
                f"{100 * within:.0f} % of the hours lie within P10–P90, which should hold 80 %."
            )


def _notes(shown: ShownSchedule) -> None:
    metadata, facts, moved = shown.summary, shown.facts, shown.summary["balanced"]
    balanced = (
        f"Above a load of {100 * moved['threshold']:.0f} %: {moved['overload_hours_before']:,} "
        "station-hours with everybody at home; "
        f"{moved['overload_hours_after']:,} if load were moved to neighbours without any sleep"
        + (", of the mean traffic." if metadata["ranges"] else ".")
    )
    proxy = f"The paper's energy ratio (Eq. 19) would be {metadata['traffic_reduction_ratio']:.4f}. {metadata['traffic_reduction_note']}"
    origin = (
        f"Forecast by {facts['forecaster']}, seed {facts['seed']}. Traffic of these hours is "
        f"{facts['provenance']}, of the {facts['city']['provenance']} city "
        f"“{facts['city']['name']}”. {'; '.join(facts['attribution'])}."
    )
    for text in (*metadata["notes"], balanced, proxy, f"Power: {metadata['power']}.", origin):
        st.markdown(f"- {in_markdown(text)}")
