"""Before and after on the plan's map: loads of existing stations, and what each site takes over."""

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from netspatial.plain_text import in_markdown
from netspatial.plan.settings import PlanSettings
from netspatial.plan.site_change import SiteChange
from netspatial.plan.site_change_text import change_sentences
from netspatial.runs.kinds.plan_result import RerankedPlan
from netspatial.ui.components import address, cache
from netspatial.ui.components.library import city_version
from netspatial.ui.components.panels import legend
from netspatial.ui.plan.plan_view import bounds_of, shown, stamp
from netspatial.viz import city_map
from netspatial.viz.colours import css
from netspatial.viz.key import KeyEntry, key_html
from netspatial.viz.plan_map import plan_view, short_id, site_layers
from netspatial.viz.site_change_map import (
    LINE_RGB,
    LOAD,
    When,
    load_chart,
    load_layer,
    relief_layer,
    relieved_stations,
)
from netspatial.viz.wording import number

WHENS: dict[str, str] = {"before": "Before", "after": "After"}
LINE = css(LINE_RGB[:3])


@st.cache_resource(max_entries=8, show_spinner="Comparing before and after …")
def change_of(folder: Path, stamped: int, settings: str) -> SiteChange:
    """Return what changes at existing stations if the sites of these settings are built."""
    plan = shown(folder, stamped, settings)
    return plan.change_at(plan.plan.sites)


def site_change_panel(plan: RerankedPlan, look: str) -> None:
    """Draw the map with its switch, the chart of loads, the table and the sentences."""
    settings: PlanSettings = plan.plan.settings
    change = change_of(plan.folder, stamp(plan.run), settings.model_dump_json())
    if not change.totals:
        for note in change.notes:
            st.info(in_markdown(note))
        return
    when: When = "before"
    if address.switch("Before or after", "when", WHENS, "after") == "after":
        when = "after"
    stations = relieved_stations(change)
    _map(plan, change, stations, when, look)
    st.html(
        legend(f"Busy-hour load, {when}", LOAD, some_unknown=False)
        + key_html(
            KeyEntry("selected site", kind="ns-site", label="1"),
            KeyEntry("takes over traffic of", kind="ns-flow", colour=LINE),
        )
    )
    for said in change_sentences(change):
        st.caption(in_markdown(said))
    if len(stations):
        st.plotly_chart(
            load_chart(stations),
            config={"displaylogo": False, "modeBarButtons": [["toImage"]]},
            key="load-chart",
            alt="Busy-hour load of the relieved stations before and after",
        )
        st.dataframe(
            change_table(change, plan.plan.sites),
            key="site-change",
            hide_index=True,
            alt="What each site takes over from each station",
        )


def change_table(change: SiteChange, sites: pd.DataFrame) -> pd.DataFrame:
    """Return one row per site and station for display, most traffic first.

    sites : `cell_id` and `rank`
    """
    table = change.stations
    rank = dict(zip(sites["cell_id"].astype(str), sites["rank"].astype(int), strict=True))
    return pd.DataFrame(
        {
            "Site": table["site"].map(rank).astype(int),
            "Cell": table["site"].map(short_id),
            "Station": table["station"],
            "Taken over, %": [_spread(row, "taken_share", 100) for row in _records(table)],
            f"Taken over, {change.unit}": [_spread(row, "taken", 1) for row in _records(table)],
            "Load before, %": np.round(100 * table["load_before_mean"].to_numpy(dtype=float)),
            "Load after, %": [_spread(row, "load_after", 100) for row in _records(table)],
            "Overloaded before, h/week": table["overload_before_mean"].round(1),
            "after, h/week": [_spread(row, "overload_after", 1) for row in _records(table)],
        }
    )


def _records(table: pd.DataFrame) -> list[dict[str, float]]:
    numbers = table.drop(columns=["geometry", "site", "station"])
    return [
        {str(name): float(value) for name, value in row.items()}
        for row in numbers.to_dict("records")
    ]


def _spread(row: dict[str, float], name: str, factor: float) -> str:
    mean, low, high = (number(factor * row[f"{name}_{end}"]) for end in ("mean", "p10", "p90"))
    return f"{mean} ({low}–{high})"


def _map(
    plan: RerankedPlan, change: SiteChange, stations: pd.DataFrame, when: When, look: str
) -> None:
    layers = []
    folder = plan.city.folder
    if plan.city.has("imagery"):
        layers.append(city_map.image_layer(cache.served_backdrop(folder, city_version(folder))))
    layers += [relief_layer(change)] if when == "after" else []
    layers.append(load_layer(stations, when))
    if when == "after":
        sites = plan.plan.sites
        layers += site_layers(
            pd.DataFrame(
                {"lon": sites["lon"], "lat": sites["lat"], "rank": sites["rank"], "height": 0.0}
            )
        )
    with st.container(key="plan-map"):
        st.pydeck_chart(
            city_map.city_map(
                layers, plan_view(bounds_of(plan.folder, stamp(plan.run)), look, None)
            ),
            height="stretch",
            key=f"change-map-{plan.run.name}-{look}",
            alt="Map of existing stations by busy-hour load, and of the sites that relieve them",
        )
