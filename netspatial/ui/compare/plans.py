"""Comparison of two plans: maps, rank table, demand distributions and duration curves."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from netspatial.arrays import Floats, Floats32
from netspatial.plan.settings import PlanSettings
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.plan_comparison import Comparison, compare
from netspatial.runs.kinds.plan_result import RerankedPlan
from netspatial.ui.compare.run_choice import SIDES, differences
from netspatial.ui.components import cache
from netspatial.ui.components.library import city_version
from netspatial.ui.components.panels import lead, legend
from netspatial.ui.plan.cell_detail import PICTURE
from netspatial.ui.plan.plan_view import ensemble_of, outlines, shown, stamp
from netspatial.viz import city_map
from netspatial.viz.colours import Scale
from netspatial.viz.comparison_charts import distribution_chart, duration_chart, rank_chart
from netspatial.viz.plan_map import cells_layer, plan_view, short_id, site_layers
from netspatial.viz.wording import capitalised, number

MAP_PX = 420
FARTHER = 0.2
"""Zoom steps by which a small map is zoomed out, compared with a large one."""


def compare_plans(runs: tuple[Run, Run]) -> None:
    """Show the comparison of two plans."""
    plans = [_shown(run) for run in runs]
    found = compare(plans[0], plans[1])
    lead(*sentences(found))
    _maps(plans)
    st.html(differences(found.asked))
    _ranks(found)
    _curves(plans)


def sentences(found: Comparison) -> tuple[str, str]:
    """Return how much two plans agree: a second sentence, and the one to show in bold before it."""
    if not found.cells:
        return "The two plans have no cell in common: their areas or grids differ.", ""
    alike = (
        f"; their rank correlation is {number(found.agreement)} (Spearman: 1 is the same order, "
        "-1 the reverse)"
        if found.agreement == found.agreement
        else ""
    )
    return (
        f"The plans have {found.cells:,} cells in common{alike}.",
        f"{found.both} of {len(found.sites)} sites are in both plans.",
    )


def changes(found: Comparison) -> pd.DataFrame:
    """Return one row per site: its rank and demand in both plans, and the change."""
    sites = found.sites
    a, b = (sites[f"rank_{side}"].astype("Float64") for side in SIDES)
    return pd.DataFrame(
        {
            "Cell": sites["cell_id"].map(short_id),
            "Rank, first": _ranks_in_words(a),
            "Rank, second": _ranks_in_words(b),
            "Change": [_change(x, y) for x, y in zip(a, b, strict=True)],
            "Demand, first": sites["demand_mean_a"].astype(float),
            "Demand, second": sites["demand_mean_b"].astype(float),
            "Difference": (sites["demand_mean_b"] - sites["demand_mean_a"]).astype(float),
        }
    )


def _ranks_in_words(ranks: "pd.Series[float]") -> list[str]:
    return ["–" if pd.isna(rank) else f"{rank:.0f}" for rank in ranks]


def _change(before: Any, after: Any) -> str:
    if pd.isna(before):
        return "only in second"
    if pd.isna(after):
        return "only in first"
    step = int(before - after)
    return "same" if step == 0 else f"{'up' if step > 0 else 'down'} {abs(step)}"


def _shown(run: Run) -> RerankedPlan:
    settings = run.manifest.request["settings"]
    return shown(run.folder, stamp(run), PlanSettings.read(settings).model_dump_json())


def _maps(plans: list[RerankedPlan]) -> None:
    same = plans[0].plan.unit == plans[1].plan.unit
    everything = np.concatenate([_open_utility(plan) for plan in plans])
    for side, plan, column in zip(SIDES, plans, st.columns(2, gap="medium"), strict=True):
        values = everything if same else _open_utility(plan)
        scale = Scale.over(values, plan.plan.unit)
        with column:
            _map(side, plan, scale)
            st.html(legend(capitalised(plan.plan.utility.title), scale, some_unknown=False))


def _open_utility(plan: RerankedPlan) -> Floats:
    cells = plan.plan.cells
    return np.asarray(cells.loc[cells["status"] != "not feasible", "utility_mean"], np.float64)


def _map(side: str, plan: RerankedPlan, scale: Scale) -> None:
    cells, rings = plan.plan.cells, outlines(plan.folder, stamp(plan.run))
    layers = []
    city = plan.city
    if city.has("imagery"):
        layers.append(
            city_map.image_layer(cache.served_backdrop(city.folder, city_version(city.folder)))
        )
    values = cells["utility_mean"].to_numpy(dtype=float)
    title = capitalised(plan.plan.utility.title)
    layers.append(cells_layer(cells, rings, values, scale, title))
    sites = plan.plan.sites[["lon", "lat", "rank"]].assign(height=0.0)
    layers += site_layers(pd.DataFrame(sites))
    west, south, east, north = plan.request.open_area().bounds
    view = plan_view((west, south, east, north), "flat", None)
    view.zoom = float(view.zoom) - FARTHER
    st.pydeck_chart(
        city_map.city_map(layers, view),
        height=MAP_PX,
        key=f"compare-map-{side}-{plan.run.name}",
        alt=f"Map of the {'first' if side == 'a' else 'second'} plan with its sites numbered",
    )


def _ranks(found: Comparison) -> None:
    table_side, chart_side = st.columns([3, 2], gap="medium")
    with table_side:
        st.markdown("**Sites of either plan**")
        st.dataframe(
            changes(found),
            hide_index=True,
            key="compare-sites",
            alt="Ranks in both plans",
            column_config={
                name: st.column_config.NumberColumn(format="%.3g")
                for name in ("Demand, first", "Demand, second", "Difference")
            },
        )
    with chart_side:
        st.plotly_chart(
            rank_chart(found.sites),
            config=PICTURE,
            key="compare-ranks",
            alt="How ranks change from the first plan to the second",
        )


def _curves(plans: list[RerankedPlan]) -> None:
    sides = dict(zip(SIDES, plans, strict=True))
    unit = plans[0].plan.demand_unit
    if unit != plans[1].plan.demand_unit:
        st.info("The plans have different traffic units; their curves cannot share one chart.")
        return
    left, right = st.columns(2, gap="medium")
    left.plotly_chart(
        distribution_chart(
            {side: plan.plan.cells["demand_mean"].to_numpy(float) for side, plan in sides.items()},
            "Mean demand of all cells",
            unit,
        ),
        config=PICTURE,
        key="compare-demand",
        alt="Distribution of the demand of all cells",
    )
    right.plotly_chart(
        duration_chart(
            {side: _of_sites(plan) for side, plan in sides.items()},
            "Duration curve of the sites, mean",
            unit,
        ),
        config=PICTURE,
        key="compare-duration",
        alt="Load of the sites against share of hours",
    )


def _of_sites(plan: RerankedPlan) -> Floats32:
    """Return the traffic of the selected sites, (site and sample, hour)."""
    names = plan.plan.sites["cell_id"].astype(str)
    series = [ensemble_of(plan.folder, stamp(plan.run), name).to_numpy() for name in names]
    return np.concatenate(series)
