"""Comparison of two schedules: figures, sleep times, and the load of the stations."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.operating_result import OperateRun
from netspatial.ui.compare.run_choice import SIDES, differences
from netspatial.ui.components.panels import lead
from netspatial.ui.operate.schedule_view import opened, stamp
from netspatial.ui.plan.cell_detail import PICTURE
from netspatial.viz.comparison_charts import distribution_chart, duration_chart, hourly_chart
from netspatial.viz.schedule_charts import ASLEEP, schedule_chart, states
from netspatial.viz.schedule_map import state_key

FIGURES = {
    "energy_kwh": ("Energy, kWh", 1.0),
    "saved_kwh": ("Saved, kWh", 1.0),
    "saving_pct": ("Saved, %", 1.0),
    "qoe": ("Traffic served, %", 100.0),
    "worst_hour": ("Served in the worst hour, %", 100.0),
    "worst_station": ("Served at the worst station, %", 100.0),
    "asleep_share": ("Asleep, % of station-hours", 100.0),
    "wakeups_per_station_day": ("Activations per station and day", 1.0),
    "overload_hours": ("Overloaded station-hours", 1.0),
    "kwh_above": ("Energy above always on, kWh", 1.0),
    "co2_kg": ("CO₂ saved, kg", 1.0),
}


def compare_schedules(runs: tuple[Run, Run]) -> None:
    """Show the comparison of two schedules."""
    shown = [opened(run.folder, stamp(run)) for run in runs]
    sides = dict(zip(SIDES, shown, strict=True))
    lead(*sentences(shown[0], shown[1]))
    for side, column in zip(SIDES, st.columns(2, gap="medium"), strict=True):
        column.plotly_chart(
            schedule_chart(sides[side].schedule),
            config=PICTURE,
            key=f"compare-schedule-{side}",
            alt="Which station is asleep, awake or overloaded in which hour",
        )
    st.html(state_key())
    left, right = st.columns(2, gap="medium")
    with left:
        st.html(differences(different_settings(shown[0], shown[1])))
    with right:
        st.dataframe(
            figures_table(shown[0], shown[1]),
            hide_index=True,
            key="compare-figures",
            alt="Figures of both schedules and their difference",
            column_config={
                name: st.column_config.NumberColumn(format="%,.2f")
                for name in ("First", "Second", "Difference")
            },
        )
    _curves(sides)


def sentences(one: OperateRun, other: OperateRun) -> tuple[str, str]:
    """Return the energy saved and traffic served, and, to show in bold before, the difference."""
    a, b = one.summary, other.summary
    more = b["saving_pct"] - a["saving_pct"]
    words = (
        "Both save the same share of energy"
        if abs(more) < 0.005
        else f"The {'second' if more > 0 else 'first'} saves {abs(more):.2f} percentage points more"
    )
    both = (
        f"{a['saving_pct']:.2f} % and {b['saving_pct']:.2f} % of the always-on energy. They serve "
        f"{100 * a['qoe']:.2f} % and {100 * b['qoe']:.2f} % of the traffic."
    )
    return both, f"{words}:"


def figures_table(one: OperateRun, other: OperateRun) -> pd.DataFrame:
    """Return one row per figure: first, second, and difference."""
    rows = [
        (title, factor * one.summary[name], factor * other.summary[name])
        for name, (title, factor) in FIGURES.items()
    ]
    table = pd.DataFrame(rows, columns=["Figure", "First", "Second"])
    return table.assign(Difference=table["Second"] - table["First"])


def different_settings(one: OperateRun, other: OperateRun) -> list[tuple[str, Any, Any]]:
    """Return the settings that differ: (name, value of the first, value of the second)."""
    a, b = (shown.request.model_dump(mode="json") for shown in (one, other))
    return [(name, a[name], b[name]) for name in a if a[name] != b[name]]


def _curves(sides: Mapping[str, OperateRun]) -> None:
    load = {side: 100 * shown.schedule["load_after"].to_numpy() for side, shown in sides.items()}
    asleep = {
        side: pd.Series((states(shown.schedule) == ASLEEP).sum(axis=0), index=shown.hours)
        for side, shown in sides.items()
    }
    charts = {
        "asleep": hourly_chart(asleep, "Asleep", "stations"),
        "load": distribution_chart(load, "Load in all station-hours", "% of capacity"),
        "duration": duration_chart(load, "Duration curve of the load, mean", "% of capacity"),
    }
    for (name, chart), column in zip(charts.items(), st.columns(3, gap="medium"), strict=True):
        column.plotly_chart(
            chart, config=PICTURE, key=f"compare-{name}", alt="Both schedules in one chart"
        )
