"""Comparison of two saved runs: two plans, or two schedules."""

from pathlib import Path

import streamlit as st

from netspatial.ui.compare.plans import compare_plans
from netspatial.ui.compare.run_choice import provenance_badges, two_runs
from netspatial.ui.compare.schedules import compare_schedules
from netspatial.ui.operate.schedule_view import finished
from netspatial.ui.plan.plan_view import finished_runs

STYLE = Path(__file__).parents[1] / "assets/operate.css"
KINDS = {"plan": "Plans", "operate": "Schedules"}
RUNS = {"plan": finished_runs, "operate": finished}
SHOW = {"plan": compare_plans, "operate": compare_schedules}
HOW = {
    "plan": "Generate one on the page *Plan*, change a setting and generate another.",
    "operate": "Schedule some stations on the page *Operate*, then again with another policy.",
}


def main() -> None:
    """Lay out the page: the kind of runs, the two runs, and their differences."""
    st.html(STYLE)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title("Compare two runs", anchor=False, width="content")
        kind = st.segmented_control(
            "Kind",
            list(KINDS),
            format_func=KINDS.__getitem__,
            key="kind",
            default="plan",
            required=True,
            label_visibility="collapsed",
            bind="query-params",
        )
        badges = st.container(horizontal=True, width="content")
    runs = RUNS[kind]()
    pair = two_runs(runs)
    if pair is None:
        there = "one finished run" if runs else "no finished run"
        st.info(f"There is {there} of this kind; two are needed. {HOW[kind]}")
        return
    with badges:
        provenance_badges(pair)
    SHOW[kind](pair)


main()
