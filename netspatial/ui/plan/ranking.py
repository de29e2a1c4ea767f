"""The ranking table of the selected sites; selecting a row selects its cell on the map."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from netspatial.plain_text import in_markdown
from netspatial.runs.kinds.plan_result import RerankedPlan
from netspatial.timeline import HOURS_PER_WEEK
from netspatial.viz.plan_map import short_id
from netspatial.viz.wording import number

ROW_PX = 35
TALLEST_PX = 400


def ranking_table(plan: RerankedPlan) -> pd.DataFrame:
    """Return one row per site in order of rank."""
    sites, shown = plan.plan.sites, plan.plan
    table = pd.DataFrame(
        {
            "#": sites["rank"].astype(int).to_numpy(),
            "Cell": sites["cell_id"].map(short_id).to_numpy(),
            "Utility": sites["utility_mean"].to_numpy(),
            "Demand": sites["demand_mean"].to_numpy(),
            "P10–P90": [
                f"{number(low)} – {number(high)}"
                for low, high in zip(sites["demand_p10"], sites["demand_p90"], strict=True)
            ],
            "Peak": [f"{hour:02d}:00" for hour in sites["peak_hour"].astype(int)],
            "Station": sites["nearest_station_m"].to_numpy(dtype=float),
            "Selected in": sites["selected_in"].to_numpy() / shown.samples,
        }
    )
    return table if table["Station"].notna().any() else table.drop(columns="Station")


def ranking(
    plan: RerankedPlan, cell: str | None, map_version: int, on_choice: Callable[[str], None]
) -> None:
    """Draw the table; `on_choice` gets the cell id of the row that the user selects."""
    ids = plan.plan.sites["cell_id"].astype(str).tolist()
    key = f"ranking-{plan.run.name}-{map_version}"

    def choose() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        if rows and rows[0] < len(ids):
            on_choice(ids[rows[0]])

    unit, samples = plan.plan.demand_unit, plan.plan.samples
    st.dataframe(
        ranking_table(plan),
        key=key,
        on_select=choose,
        selection_mode="single-row",
        selection_default={"selection": {"rows": [ids.index(cell)] if cell in ids else []}},
        hide_index=True,
        height=min(TALLEST_PX, ROW_PX * (len(ids) + 1) + 2),
        column_config={
            "#": st.column_config.NumberColumn(width=40),
            "Utility": st.column_config.NumberColumn(
                format="%.3g",
                help=f"{plan.plan.utility.title}: {plan.plan.utility.meaning}"
                + (f", in {in_markdown(plan.plan.unit)}." if plan.plan.unit else "."),
            ),
            "Demand": st.column_config.NumberColumn(f"Demand, {unit}", format="%.3g"),
            "P10–P90": st.column_config.TextColumn(
                help=f"80 % range of the demand, {in_markdown(unit)}."
            ),
            "Peak": st.column_config.TextColumn(help="Busiest local hour of the day."),
            "Station": st.column_config.NumberColumn(
                "Station, m", format="%.0f", help="Distance to the nearest existing station."
            ),
            "Selected in": st.column_config.ProgressColumn(
                format="percent",
                min_value=0,
                max_value=1,
                help=f"Share of the {samples} samples in which the cell is selected.",
            ),
        },
        alt="The selected sites in order of rank",
    )


def first_hour(week: np.ndarray) -> int:
    """Return the busiest hour of the mean week over all cells (cell, hour of week)."""
    return int(np.nan_to_num(week).mean(axis=0).argmax()) % HOURS_PER_WEEK
