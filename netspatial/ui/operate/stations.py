"""Selection of the stations to schedule: drawn on the map, from a list, or all of the city.

The selection is kept in the session and, if it is short, in the address.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import folium
import pandas as pd
import shapely
import streamlit as st

from netspatial.area import Area
from netspatial.city.city import City
from netspatial.errors import NetSpatialError
from netspatial.operate.stations import district
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs import worker
from netspatial.runs.kinds.operating_request import OperateRequest
from netspatial.ui.components import cache
from netspatial.ui.components.drawing import chosen_overlay, drawing_map, drawn_on, view_of
from netspatial.ui.components.estimate import schedule_counts, schedule_pace
from netspatial.ui.components.library import city_version
from netspatial.ui.operate.schedule_view import finished
from netspatial.ui.plan import areas
from netspatial.ui.server import workspace
from netspatial.ui.server.static_files import leaflet_links, within_frame
from netspatial.viz.key import KeyEntry, key_html

WAYS = {"drawn": "Draw", "list": "List", "all": "All"}
FIRST = 24
"""Number of stations of the densest district, the default selection."""
MAX_IN_ADDRESS = 40
MAP_PX = 560
CHOSEN, OTHERS = "#ffd23f", "#c9d1cf"


def stations_panel(
    city: City, shown: OperateRequest | None, settings: dict[str, Any], schedule: Callable[[], None]
) -> None:
    """Show the stations on a map, the ways to select some, and the button Schedule."""
    table = cache.station_table(city.folder, city_version(city.folder), None)
    _begin(city, table, shown)
    map_side, side = st.columns([5, 2], gap="medium")
    with side:
        way = st.segmented_control(
            "Stations",
            list(WAYS),
            format_func=WAYS.__getitem__,
            key="op-way",
            required=True,
        )
        way = way or "list"
        st.session_state["op-kept-way"] = way
        ids = _choose(way, city, table)
        _tell_address(ids, table)
        _ready(ids, table, settings, schedule)
    with map_side:
        _map(city, table, ids, drawing=way == "drawn")
    worker.warm_up(workspace.runs_folder())  # models load while the operator selects


def chosen_ids() -> list[str]:
    """Return the ids of the selected stations."""
    return list(st.session_state.get("op-chosen", []))


def _begin(city: City, table: pd.DataFrame, shown: OperateRequest | None) -> None:
    """Initialise the selection: the previous one, else that of `_first_choice`.

    Streamlit drops the state of a widget that is not drawn, so it is also kept under other keys.
    """
    state = st.session_state
    if state.get("op-of") != str(city.folder):
        state["op-of"] = str(city.folder)
        for name in ("op-area", "op-drawings", "op-way", "op-list"):
            state.pop(name, None)
        state["op-kept-way"], state["op-kept-list"] = _first_choice(city, table, shown)
    if "op-next-way" in state:
        state["op-way"] = state.pop("op-next-way")
    state.setdefault("op-way", state["op-kept-way"])
    state.setdefault("op-list", state["op-kept-list"])


def _first_choice(
    city: City, table: pd.DataFrame, shown: OperateRequest | None
) -> tuple[str, list[str]]:
    """Return the way to select, and the stations of the address, the shown run or a district."""
    known = set(table["station_id"])
    wanted = [name for name in st.query_params.get("stations", "").split(",") if name]
    way = "all" if wanted == ["all"] else "list"
    wanted = [] if way == "all" else wanted
    unknown = [name for name in wanted if name not in known]
    if unknown:
        st.warning(in_markdown(f"{city.name} has no station '{unknown[0]:.40}'; it is left out."))
    names = [name for name in wanted if name in known]
    if not names and shown is not None and Path(shown.city) == city.folder.resolve():
        names = [name for name in shown.stations if name in known]
    return way, names or sorted(district(city, min(FIRST, len(table))))


def _choose(way: str, city: City, table: pd.DataFrame) -> list[str]:
    names = table["station_id"].tolist()
    if way == "all":
        ids = names
    elif way == "list":
        ids = st.multiselect(
            "Selected stations",
            names,
            key="op-list",
            placeholder="Type an id or select from list",
            label_visibility="collapsed",
        )
        st.session_state["op-kept-list"] = ids
        if len(names) > FIRST:
            st.button(
                "Densest district",
                icon=":material/hub:",
                width="stretch",
                on_click=_densest,
                args=(city, len(names)),
                help=f"The {FIRST} stations in the densest place.",
            )
    else:
        area: Area | None = st.session_state.get("op-area")
        ids = [] if area is None else within(area, table)
        if area is None:
            st.info("Draw a rectangle or a polygon around some stations on the map.")
        else:
            st.button("Clear drawing", icon=":material/undo:", on_click=_forget)
    st.session_state["op-chosen"] = ids
    return ids


def within(area: Area, table: pd.DataFrame) -> list[str]:
    """Return the stations inside an area."""
    inside = shapely.contains_xy(area.geometry, table["lon"], table["lat"])
    return table.loc[inside, "station_id"].tolist()


def _densest(city: City, count: int) -> None:
    st.session_state["op-list"] = sorted(district(city, min(FIRST, count)))


def _forget() -> None:
    st.session_state.pop("op-area", None)
    st.session_state.pop("op-drawings", None)


def _tell_address(ids: list[str], table: pd.DataFrame) -> None:
    text = "all" if len(ids) == len(table) else ",".join(ids)
    if ids and (text == "all" or len(ids) <= MAX_IN_ADDRESS):
        st.query_params["stations"] = text
    else:
        st.query_params.pop("stations", None)


def _ready(
    ids: list[str], table: pd.DataFrame, settings: dict[str, Any], schedule: Callable[[], None]
) -> None:
    chosen = table[table["station_id"].isin(ids)]
    with st.container(border=True, key="op-ready"):
        left, right = st.columns(2)
        left.metric("Stations", f"{len(ids):,}", help=f"Of {len(table):,} in the city.")
        tiers = chosen["tier"].astype(str)
        sleepers = int((tiers != "coverage").sum())
        right.metric(
            "May sleep at most",
            f"{sleepers:,}" if (tiers != "").any() else "–",
            help="Stations outside the coverage tier. Coverage stations never sleep; the others "
            "only if their neighbours can cover them.",
        )
        counts = schedule_counts(len(ids), settings["hours"])
        st.caption(
            f"{settings['hours']} hours, {settings['samples']} samples of the forecast: "
            f"{schedule_pace(finished()).in_words(counts)}."
        )
        st.button(
            "Schedule",
            key="op-go",
            type="primary",
            icon=":material/bedtime:",
            width="stretch",
            on_click=schedule,
            disabled=not ids,
        )


def _map(city: City, table: pd.DataFrame, ids: list[str], *, drawing: bool) -> None:
    links = leaflet_links()
    if links is None:
        st.info(
            "The map's scripts are not installed and are loaded from the internet. If the map "
            "stays empty, select from the list. `make app` installs them if npm is available.",
            icon=":material/info:",
        )
    image = (
        cache.served_backdrop(city.folder, city_version(city.folder))
        if city.has("imagery")
        else None
    )
    if image is not None:
        image = replace(image, uri=within_frame(image.uri))
    area: Area | None = st.session_state.get("op-area") if drawing else None
    zoom, centre = view_of(area, city)
    overlay = chosen_overlay(area)
    for marker in markers(table, set(ids)):
        marker.add_to(overlay)
    answer = drawn_on(
        drawing_map(city, image, links),
        key=f"op-draw-{city.folder.name}",
        height=MAP_PX,
        returned_objects=["all_drawings"],
        feature_group_to_add=overlay,
        zoom=zoom,
        center=centre,
    )
    drawings = (answer or {}).get("all_drawings") or []
    if drawings and drawings != st.session_state.get("op-drawings"):
        st.session_state["op-drawings"] = drawings
        try:
            drawn = areas.drawn(drawings)
        except NetSpatialError as error:
            st.session_state["refused"] = str(error)
        else:
            st.session_state["op-area"] = drawn
            st.session_state["op-next-way"] = "drawn"
        st.rerun()
    st.html(key_html(KeyEntry("selected", CHOSEN), KeyEntry("other stations", OTHERS)))


def markers(table: pd.DataFrame, chosen: set[str]) -> list[folium.CircleMarker]:
    """Return the stations as dots, the selected ones on top."""
    order = table.assign(on=table["station_id"].isin(chosen)).sort_values("on", kind="stable")
    return [
        folium.CircleMarker(
            (lat, lon),
            radius=6 if on else 3.5,
            color="#10181c",
            weight=1,
            fill=True,
            fill_color=CHOSEN if on else OTHERS,
            fill_opacity=0.95 if on else 0.75,
        )
        for lat, lon, on in zip(order["lat"], order["lon"], order["on"], strict=True)
    ]
