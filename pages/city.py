"""One city: its image, points of interest and stations, and the traffic of each station."""

from pathlib import Path

import pandas as pd
import streamlit as st

from netspatial.city.city import City
from netspatial.plain_text import in_markdown
from netspatial.ui.components import cache, panels
from netspatial.ui.components.library import city_version
from netspatial.ui.server import workspace
from netspatial.viz import city_map
from netspatial.viz.colours import Scale
from netspatial.viz.wording import facts, service_label, service_name

LAYERS = {"imagery": "Image", "pois": "Points of interest", "stations": "Stations"}
LOOKS = {"flat": "2D", "raised": "3D"}


def choose_city(cities: dict[str, Path]) -> City:
    """Return the city that the user selects; the first one by default."""
    chosen = st.selectbox(
        "City",
        list(cities),
        key="city",
        bind="query-params",
        label_visibility="collapsed",
        width=190,
    )
    return City.open(cities[chosen])


def introduce(city: City) -> None:
    """Show the city's name, its provenance and its size."""
    st.title(in_markdown(city.name), anchor=False, width="content")
    panels.provenance_badge(city.record.provenance)
    st.caption(facts(city), width="content")


def choose_service(city: City) -> str | None:
    """Return the traffic service that the user selects; None if the city has no traffic."""
    if not city.has("traffic"):
        return None
    with city.traffic:
        services = city.services
    return st.segmented_control(
        "Traffic",
        services,
        format_func=service_label,
        key="service",
        label_visibility="collapsed",
        default=services[0],
        required=True,
    )


def take_click(map_key: str, station_ids: list[str], clicks: int) -> None:
    """Select the clicked station."""
    selection = st.session_state[map_key].selection
    if not selection.indices:
        return
    st.session_state["clicks"] = clicks + 1
    station = city_map.clicked_station(selection, station_ids, clicks)
    if station is not None:
        st.session_state["station"] = station


def show_map(city: City, stations: pd.DataFrame, scale: Scale, look: str, shown: list[str]) -> None:
    """Draw the map; a click on a station selects it."""
    written, clicks = city_version(city.folder), st.session_state.get("clicks", 0)
    layers = []
    if "imagery" in shown:
        layers.append(city_map.image_layer(cache.backdrop(city.folder, written)))
    if "pois" in shown:
        layers.append(city_map.poi_layer(cache.poi_table(city.folder, written), clicks))
    if "stations" in shown:
        if chosen := st.session_state.get("station"):
            layers.append(city_map.chosen_layer(stations, chosen, look))
        layers.append(city_map.station_layer(stations, scale, look, clicks))
    key = f"map-{city.folder.name}-{look}"
    st.pydeck_chart(
        city_map.city_map(layers, city_map.viewpoint(city.record.bounds, look)),
        height="stretch",
        key=key,
        on_select=lambda: take_click(key, list(stations["station_id"]), clicks),
        alt=f"Map of {city.name} with its stations coloured by mean traffic",
    )


def show_station(city: City, stations: pd.DataFrame, service: str | None) -> None:
    """Show the traffic of the selected station, or the sum of all stations."""
    wanted = st.query_params.get("station")
    if wanted and "station" not in st.session_state and wanted not in set(stations["station_id"]):
        st.warning(
            in_markdown(f"{city.name} has no station '{wanted}'; the sum of all stations is shown.")
        )
    station = st.selectbox(
        "Station",
        list(stations["station_id"]),
        index=None,
        key="station",
        label_visibility="collapsed",
        bind="query-params",
        placeholder=f"All {len(stations):,} stations – click one on the map or type its id",
    )
    if service is None:
        st.info(panels.missing(city, "traffic"), icon=":material/info:")
        return
    written = city_version(city.folder)
    if station is None:
        everywhere = cache.city_series(city.folder, written, service)
        panels.station_panel(everywhere, float(stations["capacity"].sum(skipna=False)))
        return
    series = cache.station_series(city.folder, written, station, service)
    if series is None:
        st.info(
            in_markdown(f"Station {station} has no traffic in traffic.nc."), icon=":material/info:"
        )
        return
    capacity = stations.set_index("station_id")["capacity"].loc[station]
    panels.station_panel(series, float(capacity))


def main() -> None:
    """Lay out the page: heading and controls, then the map beside the traffic."""
    folder = workspace.cities_folder()
    cities = workspace.cities()
    if not cities:
        panels.no_city(folder)
        return
    heading = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        city = choose_city(cities)
        service = choose_service(city)
        look = st.segmented_control(
            "View",
            list(LOOKS),
            format_func=LOOKS.__getitem__,
            key="look",
            label_visibility="collapsed",
            default="flat",
            required=True,
        )
        parts = [part for part in LAYERS if city.has(part)]
        shown = st.pills(
            "Layers",
            parts,
            format_func=LAYERS.__getitem__,
            selection_mode="multi",
            key="layers",
            label_visibility="collapsed",
            default=parts,
        )
    with heading:
        introduce(city)

    stations = pd.DataFrame()
    if city.has("stations"):
        stations = cache.station_table(city.folder, city_version(city.folder), service)
    map_side, station_side = st.columns([3, 2], gap="medium")
    with station_side:
        if city.has("stations"):
            show_station(city, stations, service)
        else:
            st.info(panels.missing(city, "stations"), icon=":material/info:")
    with map_side:
        scale = Scale.over(stations.get("mean", []), city.record.units.get(service or "", ""))
        with st.container(key="map"):
            show_map(city, stations, scale, look, shown)
        if service and "stations" in shown:
            title = f"Mean {service_name(service).lower()} traffic"
            st.html(panels.legend(title, scale, some_unknown=stations["mean"].isna().any()))


main()
