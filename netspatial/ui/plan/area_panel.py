"""Selection of the area to plan: drawn, from a file, as a bounding box, or a square of 3 km.

Earlier areas are kept, so that the last step can be undone.
"""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from netspatial.area import Area
from netspatial.area_files import ENDINGS
from netspatial.city.city import City
from netspatial.errors import BadInput, NetSpatialError
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs import worker
from netspatial.runs.kinds.plan_request import PlanRequest
from netspatial.scenario.scenario import Scenario
from netspatial.ui.components import address, cache
from netspatial.ui.components.drawing import (
    chosen_overlay,
    drawing_map,
    drawn_on,
    last_click,
    view_of,
)
from netspatial.ui.components.estimate import plan_counts, plan_pace
from netspatial.ui.components.library import city_version
from netspatial.ui.plan import areas
from netspatial.ui.plan.area_upload import MAX_MB, area_of_upload
from netspatial.ui.plan.choices import Choices
from netspatial.ui.plan.plan_view import finished_runs
from netspatial.ui.plan.scenario_panel import edited_scenario, scenario_marks, scenario_panel
from netspatial.ui.server import workspace
from netspatial.ui.server.static_files import leaflet_links, within_frame

HISTORY = "areas"
MAX_CELLS = 20_000
"""Maximum cells of one run in the app; the command line accepts more."""
MAP_PX = 560


def current_area() -> Area | None:
    """Return the selected area; None if there is none."""
    history = st.session_state.get(HISTORY, [])
    return history[-1] if history else None


def area_panel(
    city: City, choices: Choices, request: PlanRequest | None, generate: Callable[[], None]
) -> None:
    """Show the map to draw on, the other ways to select an area, and the button Generate."""
    _begin(city, request)
    map_side, side = st.columns([5, 2], gap="medium")
    with side:
        _other_ways(city)
        area = current_area()
        scenario_panel(
            city,
            Scenario() if request is None else request.scenario,
            None if area is None else area.to_geojson(),
        )
        _ready(city, choices, generate)
    with map_side:
        _draw(city)
    worker.warm_up(workspace.runs_folder())  # models load while the planner draws


def _begin(city: City, request: PlanRequest | None) -> None:
    """Initialise the area from the address, else from the shown run."""
    if HISTORY in st.session_state:
        return
    st.session_state[HISTORY] = []
    text = st.query_params.get("area")
    try:
        if text:
            area = areas.from_address(text)
            areas.check_in_city(area, city)
            st.session_state[HISTORY] = [area]
        elif request is not None:
            st.session_state[HISTORY] = [request.open_area()]
    except NetSpatialError as error:
        st.warning(in_markdown(error))
        st.query_params.pop("area", None)


def _take(area: Area, city: City) -> None:
    """Select an area; raise unless it lies in the city."""
    areas.check_in_city(area, city)
    history = st.session_state.setdefault(HISTORY, [])
    history.append(area)
    address.write("area", areas.to_address(area))


def _undo() -> None:
    history = st.session_state.get(HISTORY, [])
    if history:
        history.pop()
    address.write("area", areas.to_address(history[-1]) if history else None)


def _draw(city: City) -> None:
    links = leaflet_links()
    if links is None:
        st.info(
            "The drawing tools are not installed and are loaded from the internet. If the map "
            "stays empty, use a file, a bounding box or the square. `make app` installs them if "
            "npm is available.",
            icon=":material/info:",
        )
    image = (
        cache.served_backdrop(city.folder, city_version(city.folder))
        if city.has("imagery")
        else None
    )
    if image is not None:
        image = replace(image, uri=within_frame(image.uri))
    area = current_area()
    overlay = chosen_overlay(area)
    for mark in scenario_marks(edited_scenario()):
        mark.add_to(overlay)
    zoom, centre = view_of(area, city)
    answer = drawn_on(
        drawing_map(city, image, links),
        key=f"draw-{city.folder.name}",
        height=MAP_PX,
        returned_objects=["all_drawings", "last_clicked"],
        feature_group_to_add=overlay,
        zoom=zoom,
        center=centre,
    )
    st.session_state["clicked"] = last_click(answer)
    drawings = (answer or {}).get("all_drawings") or []
    if drawings and drawings != st.session_state.get("drawings"):
        st.session_state["drawings"] = drawings
        try:
            area = areas.drawn(drawings)
            if area is not None:
                _take(area, city)
        except NetSpatialError as error:
            st.session_state["refused"] = str(error)
        st.rerun()
    st.caption(
        "Draw with the rectangle or polygon tool at the map's upper left. Click the map to place "
        "the square."
    )


def _other_ways(city: City) -> None:
    bounds = areas.city_bounds(city)
    side = areas.fitting_side(bounds)
    place = st.session_state.get("clicked")
    km = f"{side / 1000:.3g}"
    st.button(
        f"{km} × {km} km here",
        key="here",
        icon=":material/crop_square:",
        width="stretch",
        help="A square around your last click on the map, or in the centre of the city.",
        on_click=_attempt,
        args=(lambda: _square(city, place, side), city),
    )
    with st.expander("Upload a file", icon=":material/upload_file:"):
        given = st.file_uploader(
            "Area",
            type=list(ENDINGS),
            max_upload_size=MAX_MB,
            label_visibility="collapsed",
            key=f"upload-{st.session_state.get('uploads', 0)}",
        )
        st.caption("GeoJSON, GeoParquet, KML or a zipped shapefile, up to 20 MB.")
        if given is not None:
            name, content = given.name, given.getvalue()
            st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1
            _attempt(lambda: area_of_upload(name, content), city)
            st.rerun()
    with (
        st.expander("Type a bounding box", icon=":material/straighten:"),
        st.form("box", border=False),
    ):
        west, south, east, north = (
            st.text_input(name, placeholder=f"{value:.5f}", key=f"box-{name}")
            for name, value in zip(("West", "South", "East", "North"), bounds, strict=True)
        )
        if st.form_submit_button("Use this bounding box", width="stretch"):
            _attempt(lambda: _box(west, south, east, north), city)
            st.rerun()


def _attempt(make: Callable[[], Area], city: City) -> None:
    try:
        _take(make(), city)
    except NetSpatialError as error:
        st.session_state["refused"] = str(error)


def _square(city: City, place: tuple[float, float] | None, side: float) -> Area:
    bounds = areas.city_bounds(city)
    lon, lat = place or ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    return areas.square_within(bounds, lon, lat, side)


def _box(*degrees: str) -> Area:
    try:
        west, south, east, north = (float(text.replace(",", ".")) for text in degrees)
    except ValueError as error:
        raise BadInput(
            "The bounding box needs four numbers in degrees: west, south, east, north."
        ) from error
    return Area.from_bounds(west, south, east, north)


def _weeks(count: int) -> str:
    return "a week" if count == 1 else f"{count} weeks"


def _ready(city: City, choices: Choices, generate: Callable[[], None]) -> None:
    area = current_area()
    if area is None:
        st.info("No area yet: draw one on the map, or use one of the options above.")
        return
    cells, problem = cache.cell_count(area.geometry.wkt, choices.making["cell_m"], city.record.crs)
    for note in area.notes:
        st.warning(in_markdown(note))
    with st.container(border=True, key="ready"):
        if problem:
            st.error(in_markdown(problem))
        else:
            samples, weeks = choices.making["samples"], choices.making["weeks"]
            duration = plan_pace(finished_runs()).in_words(plan_counts(cells, samples, weeks))
            left, right = st.columns(2)
            left.metric(
                "Cells",
                f"{cells:,}",
                help=f"{areas.size_words(area)} in cells of {choices.making['cell_m']:g} m",
            )
            right.metric("Area", areas.size_words(area))
            st.caption(f"{samples} samples of {_weeks(weeks)} each: {duration}.")
            if cells > MAX_CELLS:
                st.error(
                    f"More than {MAX_CELLS:,} cells: draw a smaller area, set larger cells, or "
                    "use `netspatial plan` on the command line."
                )
        st.button(
            "Generate",
            key="generate",
            type="primary",
            icon=":material/auto_awesome:",
            width="stretch",
            on_click=generate,
            disabled=bool(problem) or cells > MAX_CELLS,
        )
        st.button(
            "Undo",
            key="undo",
            icon=":material/undo:",
            width="stretch",
            on_click=_undo,
            help="Return to the previous area.",
        )
