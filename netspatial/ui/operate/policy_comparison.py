"""Comparison of policies and trade-off curve of a schedule, computed on demand by a worker."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from netspatial.errors import NetSpatialError
from netspatial.operate.metrics import ScheduleMetrics
from netspatial.operate.pareto import POLICY_PARAMS, Point, front
from netspatial.operate.policies import POLICIES
from netspatial.runs.jobs import worker
from netspatial.runs.jobs.run import MANIFEST, Run
from netspatial.runs.kinds import policy_comparison
from netspatial.runs.kinds.operating_result import OperateRun
from netspatial.runs.kinds.policy_comparison import QUICK, PolicyResult
from netspatial.ui.components.jobs import follow
from netspatial.ui.operate.choices import POLICY_NAMES
from netspatial.ui.plan.cell_detail import PICTURE
from netspatial.ui.server import workspace
from netspatial.viz.station_charts import AMBER, TEAL, axes

PARAM_NAMES = {
    "quantile": "planned on quantile",
    "impact": "allowed impact",
    "off": "sleeps below a load of",
    "end": "night ends at hour",
    "scale": "target scaled by",
}


def comparison_panel(shown: OperateRun) -> None:
    """Show the comparison of policies with the trade-off curve, or offer to compute it."""
    folder = policy_comparison.folder_of(shown.run)
    run = Run.open(folder) if (folder / MANIFEST).is_file() else None
    if run is not None and run.progress().state != "finished":
        follow(run, "the policy comparison", lambda: _forget(run))
        return
    mine = workspace.is_mine(shown.run)
    if run is None and not mine:
        st.caption("The owner of this run has not compared policies.")
        return
    if run is None:
        _offer(shown)
        return
    found = policy_comparison.read_comparison(run)
    own = shown.metrics
    st.markdown("**Comparison of policies** on the same forecast and hours")
    st.dataframe(
        policy_table(found),
        hide_index=True,
        column_config=_columns(),
        key="op-policies",
        alt="Energy and service of each policy",
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if mine:
            with st.popover("Other policies", icon=":material/tune:"):
                _offer(shown)
        st.caption(
            "The paper's load control puts no station to sleep; it serves less traffic than "
            "demanded. An oracle has perfect information and bounds the other policies.",
            width="content",
        )
    curve = [one for one in found if one.policy_param]
    if not curve:
        st.info(
            f"{POLICY_NAMES[shown.request.policy]} has no policy parameter that trades energy for "
            f"QoE. These have one: {', '.join(POLICY_NAMES[name] for name in POLICY_PARAMS)}."
        )
        return
    st.plotly_chart(
        trade_off_chart(curve, found, own, shown.request.policy),
        config=PICTURE,
        key="op-pareto",
        alt="Energy saved against traffic served, with this schedule's point",
    )
    st.caption(f"The curve varies one policy parameter: {PARAM_NAMES[curve[0].policy_param]}.")


def policy_table(found: list[PolicyResult]) -> pd.DataFrame:
    """Return one row per policy with its default parameters, the largest saving first."""
    rows = [
        {
            "Policy": POLICY_NAMES.get(one.policy, one.policy),
            "Energy": one.figures.energy_kwh,
            "Saved": one.figures.saving_pct,
            "Served": 100 * one.figures.qoe,
            "Worst hour": 100 * one.figures.worst_hour,
            "Asleep": 100 * one.figures.asleep_share,
            "Activations": one.figures.wakeups_per_station_day,
            "Overloaded": one.figures.overload_hours,
        }
        for one in found
        if not one.policy_param
    ]
    return pd.DataFrame(rows).sort_values("Saved", ascending=False, ignore_index=True)


def trade_off_chart(
    curve: list[PolicyResult], found: list[PolicyResult], own: ScheduleMetrics, policy: str
) -> go.Figure:
    """Draw energy saved against traffic served: parameter curve, Pareto front, this schedule."""
    figure = axes("Trade-off", "traffic served, %", 330)
    points = [Point(float(one.value or 0.0), one.figures) for one in curve]
    best = sorted(front(points), key=lambda one: one.figures.saving_pct)
    others = [one for one in found if not one.policy_param and one.policy not in (policy, "paper")]
    _dots(
        figure,
        [one.figures for one in others],
        "Other policies",
        "#8a8f92",
        [POLICY_NAMES.get(one.policy, one.policy) for one in others],
        8,
    )
    figure.add_scatter(
        x=[one.figures.saving_pct for one in best],
        y=[100 * one.figures.qoe for one in best],
        mode="lines",
        line={"width": 1.6, "color": TEAL},
        name="Pareto front",
        hoverinfo="skip",
    )
    _dots(
        figure,
        [one.figures for one in points],
        POLICY_NAMES.get(policy, policy),
        TEAL,
        [f"{PARAM_NAMES[c.policy_param]} {c.value:g}" for c in curve],
        9,
    )
    _dots(figure, [own], "This schedule", AMBER, ["this schedule"], 15, symbol="diamond")
    figure.update_layout(
        showlegend=True,
        legend={
            "orientation": "h",
            "x": 1,
            "xanchor": "right",
            "y": 1.0,
            "yanchor": "bottom",
            "font": {"size": 11},
        },
    )
    shown = [own, *(one.figures for one in points), *(one.figures for one in others)]
    lowest = min(100 * one.qoe for one in shown)
    figure.update_yaxes(
        rangemode="normal",
        ticksuffix=" %",
        nticks=5,
        tickformat="~f",
        range=[min(lowest, 99.0) - 0.1, 100.1],
    )
    figure.update_xaxes(title="energy saved, % of always on", ticksuffix=" %", showgrid=True)
    return figure


def _dots(
    figure: go.Figure,
    figures: list[ScheduleMetrics],
    name: str,
    colour: str,
    labels: list[str],
    size: int,
    symbol: str = "circle",
) -> None:
    figure.add_scatter(
        x=[one.saving_pct for one in figures],
        y=[100 * one.qoe for one in figures],
        mode="markers",
        name=name,
        customdata=labels,
        marker={
            "size": size,
            "color": colour,
            "symbol": symbol,
            "line": {"width": 1, "color": "#10181c"},
        },
        hovertemplate="%{customdata}<br>saves %{x:.2f} %, serves %{y:.3f} %<extra></extra>",
    )


def _offer(shown: OperateRun) -> None:
    upcoming = shown.request.mode == "forecast"
    options = [
        name for name, build in POLICIES.items() if not (upcoming and build().perfect_information)
    ]
    picked = st.pills(
        "Policies to compare",
        options,
        selection_mode="multi",
        default=list(QUICK),
        format_func=lambda name: POLICY_NAMES.get(name, name),
        key="op-beside",
    )
    st.caption(
        "Each is recalculated on this run's forecast, and this run's policy with several values "
        "of its parameter for the trade-off curve. This takes seconds for a day and minutes for a "
        "week; exact and chance-constrained policies take longer."
    )
    st.button(
        "Compare policies",
        key="op-weigh",
        icon=":material/balance:",
        type="primary",
        on_click=_begin,
        args=(shown, tuple(picked)),
    )


def _begin(shown: OperateRun, policies: tuple[str, ...]) -> None:
    try:
        workspace.check_mine(shown.run)
        worker.start(policy_comparison.submit(shown.run, policies).folder)
    except NetSpatialError as error:
        st.session_state["refused"] = str(error)


def _forget(run: Run) -> None:
    try:
        workspace.check_mine(run)
        run.delete()
    except NetSpatialError as error:
        st.session_state["refused"] = str(error)


def _columns() -> dict[str, ColumnConfig]:
    number = st.column_config.NumberColumn
    return {
        "Energy": number("Energy, kWh", format="%,.1f"),
        "Saved": number("Saved, %", format="%.2f", help="Compared with all stations always on."),
        "Served": number("Served, %", format="%.3f", help="QoE, Eq. 20."),
        "Worst hour": number("Worst hour, %", format="%.2f"),
        "Asleep": number("Asleep, %", format="%.1f", help="Share of all station-hours."),
        "Activations": number("Activations per station and day", format="%.2f"),
        "Overloaded": number("Overloaded, h", format="%d", help="Station-hours above 90 % load."),
    }
