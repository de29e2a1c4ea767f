"""The result of a plan: map with legend, mean week, ranking table, one cell in detail."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from netspatial.arrays import Floats
from netspatial.plain_text import in_markdown
from netspatial.runs.kinds.plan_result import RerankedPlan
from netspatial.ui.components import address, cache
from netspatial.ui.components.hour_slider import hour_slider, playing
from netspatial.ui.components.library import city_version
from netspatial.ui.components.panels import legend
from netspatial.ui.plan.cell_detail import cell_detail
from netspatial.ui.plan.downloads import downloads
from netspatial.ui.plan.plan_view import (
    bounds_of,
    level_range_of,
    measured_stations,
    outlines,
    stamp,
    week_of,
)
from netspatial.ui.plan.ranking import first_hour, ranking
from netspatial.ui.plan.site_change_panel import site_change_panel
from netspatial.viz import city_map
from netspatial.viz.colours import Scale
from netspatial.viz.key import KeyEntry, key_html
from netspatial.viz.plan_map import (
    area_rings,
    border_layer,
    cells_layer,
    chosen_layer,
    clicked_cell,
    heights,
    measured_layer,
    plan_view,
    site_layers,
)
from netspatial.viz.station_charts import hour_label
from netspatial.viz.wording import capitalised

LOOKS = {"flat": "2D", "raised": "3D"}
PAINTS = {
    "utility": "Utility",
    "week": "Week",
    "uncertainty": "Uncertainty",
    "load": "Before / after",
}
STEP_S = 0.8
LAST_HOUR = 167


@dataclass(frozen=True)
class Painted:
    """What colours the cells: values, their scale and title, and a sign before each value."""

    values: Floats
    scale: Scale
    title: str
    sign: str = ""


def plan_panel(plan: RerankedPlan) -> None:
    """Show a plan."""
    cell = selected(plan)
    map_side, cell_side = st.columns([3, 2], gap="medium")
    with map_side:
        st.fragment(_map_panel, run_every=STEP_S if playing("") else None)(plan, cell)
        _summary(plan)
        ranking(plan, cell, st.session_state.get("table-edition", 0), _fly_to)
        _notes(plan)
    with cell_side:
        if cell is None:
            st.info("Click a cell on the map or a row of the table to see its expected traffic.")
        else:
            cell_detail(plan, cell)


def selected(plan: RerankedPlan) -> str | None:
    """Return the selected cell: the one in the address, else the best site."""
    wanted = st.query_params.get("cell")
    if wanted:
        if (plan.plan.cells["cell_id"] == wanted).any():
            return str(wanted)
        st.warning(in_markdown(f"The run has no cell '{wanted:.60}'; its best site is shown."))
        st.query_params.pop("cell", None)
    sites = plan.plan.sites
    return str(sites["cell_id"].iloc[0]) if len(sites) else None


def _fly_to(cell: str) -> None:
    st.query_params["cell"] = cell
    st.session_state["focus"] = cell


def _map_panel(plan: RerankedPlan, cell: str | None) -> None:
    if st.session_state.pop("clicked-cell", False):
        st.rerun()  # the cell's charts are beside the map, outside this fragment
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        known = level_range_of(plan.folder, stamp(plan.run)).percent is not None
        paints = {name: PAINTS[name] for name in PAINTS if known or name != "uncertainty"}
        paint = address.switch("Colours", "paint", paints, "utility")
        look = address.switch("View", "look", LOOKS, "flat")
        if st.session_state.get("focus"):
            st.button("All cells", icon=":material/zoom_out_map:", key="all", on_click=_all_cells)
        downloads(plan)
    if paint == "load":
        site_change_panel(plan, look)
        return
    painted = _painted(plan, paint)
    _draw(plan, cell, look, painted, stations=paint == "uncertainty")
    measured = paint == "uncertainty" and len(measured_stations(plan.folder, stamp(plan.run))) > 0
    st.html(
        legend(f"{painted.title} {painted.sign}".rstrip(), painted.scale, some_unknown=False)
        + key_html(
            KeyEntry("below minimum demand", kind="ns-pale"),
            KeyEntry("building not allowed", kind="ns-closed"),
            KeyEntry("selected site", kind="ns-site", label="1"),
            *([KeyEntry("measured station", kind="ns-measured")] if measured else []),
        )
    )


def _all_cells() -> None:
    st.session_state.pop("focus", None)


def _week_bar(plan: RerankedPlan) -> int:
    """Return the hour of the mean week to show."""
    return hour_slider(
        LAST_HOUR + 1,
        "Hour of the week",
        hour_label,
        lambda: first_hour(week_of(plan.folder, stamp(plan.run))),
        prefix="",
    )


def _painted(plan: RerankedPlan, paint: str) -> Painted:
    """Return what colours the cells; the week shows the hour that the user moves to."""
    shown, stamped = plan.plan, stamp(plan.run)
    if paint == "week":
        week, hour = week_of(plan.folder, stamped), _week_bar(plan)
        scale = Scale.over(week.ravel(), shown.demand_unit)
        return Painted(week[:, hour].astype(float), scale, f"Demand, {hour_label(hour)}")
    open_cells = (shown.cells["status"] != "not feasible").to_numpy()
    percent = level_range_of(plan.folder, stamped).percent if paint == "uncertainty" else None
    if percent is not None:
        scale = Scale.over(percent[open_cells], "%")
        return Painted(np.asarray(percent), scale, "80 % range of the mean load", "± ")
    values = shown.cells["utility_mean"].to_numpy(dtype=float)
    scale = Scale.over(values[open_cells], shown.unit)
    return Painted(values, scale, capitalised(shown.utility.title))


def _draw(
    plan: RerankedPlan, cell: str | None, look: str, painted: Painted, *, stations: bool
) -> None:
    """Draw the map. stations : whether the measured stations are shown."""
    shown, stamped = plan.plan, stamp(plan.run)
    rings = outlines(plan.folder, stamped)
    cells, values, scale = shown.cells, painted.values, painted.scale
    raised = look != "flat"
    tops = heights(values, scale, cells) * (cells["status"] != "not feasible").to_numpy() * raised
    ids = cells["cell_id"].astype(str).tolist()
    clicks = st.session_state.get("clicks", 0)
    layers = []
    if plan.city.has("imagery"):
        layers.append(
            city_map.image_layer(
                cache.served_backdrop(plan.city.folder, city_version(plan.city.folder))
            )
        )
    layers.append(
        cells_layer(
            cells,
            rings,
            values,
            scale,
            painted.title,
            sign=painted.sign,
            look=look,
            map_version=clicks,
        )
    )
    layers.append(border_layer(area_rings(plan.request.open_area())))
    if stations:
        layers.append(measured_layer(measured_stations(plan.folder, stamped)))
    place = {name: number for number, name in enumerate(ids)}
    if cell is not None:
        layers.append(chosen_layer(rings[place[cell]], float(tops[place[cell]])))
    sites = shown.sites
    layers += site_layers(
        pd.DataFrame(
            {
                "lon": sites["lon"],
                "lat": sites["lat"],
                "rank": sites["rank"],
                "height": [tops[place[str(name)]] for name in sites["cell_id"]],
            }
        )
    )
    focus = st.session_state.get("focus")
    at = None
    if focus in place:
        row = cells.iloc[place[focus]]
        at = (float(row["lon"]), float(row["lat"]))
    key = f"plan-map-{plan.run.name}-{look}"

    def click() -> None:
        selection = st.session_state[key].selection
        if not selection.get("indices"):
            return
        st.session_state["clicks"] = clicks + 1
        if hit := clicked_cell(selection, ids, clicks):
            st.query_params["cell"] = hit
            st.session_state["table-edition"] = st.session_state.get("table-edition", 0) + 1
            st.session_state["clicked-cell"] = True

    with st.container(key="plan-map"):
        st.pydeck_chart(
            city_map.city_map(layers, plan_view(bounds_of(plan.folder, stamped), look, at)),
            height="stretch",
            key=key,
            on_select=click,
            alt="Map of the cells with the selected sites numbered",
        )


def _summary(plan: RerankedPlan) -> None:
    shown = plan.plan
    open_to = int((shown.cells["status"] != "not feasible").sum())
    st.markdown(
        f"**{len(shown.sites)} sites** of {len(shown.cells):,} cells; building is allowed in "
        f"{open_to:,} of them. {in_markdown(shown.demand_floor.sentence)}"
    )


def _notes(plan: RerankedPlan) -> None:
    for note in (*plan.plan.notes, level_range_of(plan.folder, stamp(plan.run)).source):
        st.caption(in_markdown(note))
    facts = plan.facts
    origin = (
        f"Traffic generated by the model “{facts['generator']['name']}”, trained on "
        f"{facts['generator']['trained_on']} traffic; seed {facts['seed']}. "
        f"{'; '.join(facts['attribution'])}."
    )
    st.caption(in_markdown(f"{facts['measured']['note']} {origin}"))
