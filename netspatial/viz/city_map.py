"""The map of a city: one function per layer, combined in a deck.gl map that needs no internet.

Colours come from `colours.Scale`, data from `city_queries`.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd
import pydeck as pdk
from pydeck.bindings.json_tools import default_serialize

from netspatial.imagery import Bounds
from netspatial.viz.colours import Scale
from netspatial.viz.wording import category_name, quantity

STATION_LAYER = "stations"
POI_LAYER = "pois"


class Look(NamedTuple):
    """A view of a city: pitch and bearing in degrees, and its initial size in pixels."""

    pitch: float
    bearing: float
    side_px: int


LOOKS = {"flat": Look(0.0, 0.0, 880), "raised": Look(48.0, -14.0, 740)}
"""From above, and from the south-east with stations as columns."""


WHITE = [255, 255, 255, 235]
CHOSEN = [255, 255, 255, 255]


@dataclass(frozen=True)
class Backdrop:
    """A city's image for the map.

    uri    : WebP as a data URI, or the address at which it is served
    bounds : west, south, east, north, degrees
    """

    uri: str
    bounds: Bounds


def viewpoint(bounds: Bounds, look: str = "flat") -> pdk.ViewState:
    """Return the initial view of `bounds` (degrees), whose larger side fills the look's pixels."""
    west, south, east, north = bounds
    span = max(math.radians(east - west), _mercator(north) - _mercator(south))
    middle = math.degrees(
        2 * math.atan(math.exp((_mercator(north) + _mercator(south)) / 2)) - math.pi / 2
    )
    pitch, bearing, side_px = LOOKS[look]
    return pdk.ViewState(
        longitude=(west + east) / 2,
        latitude=middle,
        zoom=math.log2(side_px * 2 * math.pi / (512 * span)),
        pitch=pitch,
        bearing=bearing,
    )


def image_layer(image: Backdrop) -> pdk.Layer:
    """Return the layer of the city's image."""
    return pdk.Layer(
        "BitmapLayer",
        id="image",
        data=None,
        image=f"'{image.uri}'",  # quotes keep pydeck from reading it as an expression
        bounds=list(image.bounds),
        pickable=False,
    )


def poi_layer(pois: pd.DataFrame, map_version: int = 0) -> pdk.Layer:
    """Return the layer of points of interest: small pale dots that grow with the zoom."""
    category = pois["category"].map(category_name)
    data = pois[["lon", "lat"]].assign(
        title=pois["name"].where(pois["name"] != "", category),
        detail=category,
    )
    return pdk.Layer(
        "ScatterplotLayer",
        id=layer_id(POI_LAYER, map_version),
        data=data,
        get_position=["lon", "lat"],
        get_radius=9,
        radius_min_pixels=1,
        radius_max_pixels=6,
        get_fill_color=[250, 246, 232, 150],
        pickable=True,
    )


def disc_layer(data: pd.DataFrame, map_version: int = 0) -> pdk.Layer:
    """Return the layer of stations as discs with a white rim. data : lon, lat, colour."""
    return pdk.Layer(
        "ScatterplotLayer",
        id=layer_id(STATION_LAYER, map_version),
        data=data,
        get_position=["lon", "lat"],
        get_radius=60,
        radius_min_pixels=6,
        radius_max_pixels=14,
        get_fill_color="colour",
        stroked=True,
        get_line_color=WHITE,
        line_width_min_pixels=1.2,
        line_width_max_pixels=1.6,
        pickable=True,
        auto_highlight=True,
        highlight_color=[255, 255, 255, 110],
    )


def station_layer(
    stations: pd.DataFrame, scale: Scale, look: str = "flat", map_version: int = 0
) -> pdk.Layer:
    """Return the layer of stations, coloured by mean traffic; in the raised look also columns.

    Heights are linear in traffic; the busiest station is an eighth of the city's extent high.
    """
    data = _painted(stations, scale)
    if look == "flat":
        return disc_layer(data, map_version)
    return pdk.Layer(
        "ColumnLayer",
        id=layer_id(STATION_LAYER, map_version),
        data=data.assign(height=_heights(stations)),
        get_position=["lon", "lat"],
        radius=max(25.0, _side_m(stations) / 180),
        disk_resolution=20,
        extruded=True,
        get_elevation="height",
        get_fill_color="colour",
        pickable=True,
        auto_highlight=True,
        highlight_color=[255, 255, 255, 110],
    )


def chosen_layer(stations: pd.DataFrame, station_id: str, look: str = "flat") -> pdk.Layer:
    """Return a ring around the selected station, in the raised look at the top of its column."""
    height = 0.0 if look == "flat" else _heights(stations)
    chosen = stations.assign(height=height).loc[stations["station_id"] == station_id]
    return pdk.Layer(
        "ScatterplotLayer",
        id="chosen",
        data=chosen[["lon", "lat", "height"]],
        get_position=["lon", "lat", "height"],
        get_radius=150,
        radius_min_pixels=13,
        radius_max_pixels=26,
        filled=False,
        stroked=True,
        get_line_color=CHOSEN,
        line_width_min_pixels=3,
        line_width_max_pixels=4,
        pickable=False,
    )


class CityMap(pdk.Deck):  # type: ignore[misc]  # pydeck is untyped
    """A deck.gl map with compact JSON, a third of the size of pydeck's indented JSON."""

    def to_json(self) -> str:
        """Return the JSON that the browser draws."""
        return json.dumps(self, sort_keys=True, default=default_serialize, separators=(",", ":"))


def city_map(layers: Sequence[pdk.Layer], view: pdk.ViewState) -> CityMap:
    """Return a map of these layers with tooltips and without map tiles.

    Titles and details of the layers are plain text: Streamlit escapes tooltips.
    """
    return CityMap(layers=list(layers), initial_view_state=view, **MAP_OPTIONS)


MAP_OPTIONS: dict[str, Any] = {
    "map_provider": None,
    "tooltip": {
        "html": "<b>{title}</b><br>{detail}",
        "style": {
            "background": "#1b2427",
            "color": "#f4f2ec",
            "fontSize": "0.8rem",
            "padding": "0.4rem 0.6rem",
            "borderRadius": "0.35rem",
        },
    },
}
"""Of every map: no map tiles, and the tooltip of the layers' titles and details."""


def layer_id(name: str, map_version: int) -> str:
    """Return the id of a layer in one version of the map.

    Streamlit fades everything that was not clicked as long as the clicked layer exists. The page
    increments the version with each click, so that a selection does not fade the other marks.
    """
    return f"{name}-{map_version}"


def clicked_station(
    selection: Mapping[str, Any], station_ids: Sequence[str], map_version: int
) -> str | None:
    """Return the clicked station; None if the click hit something else."""
    rows = selection.get("indices", {}).get(layer_id(STATION_LAYER, map_version), [])
    return station_ids[rows[0]] if rows and rows[0] < len(station_ids) else None


def _painted(stations: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    traffic = [
        f"{quantity(mean, scale.unit)} on average" if pd.notna(mean) else "no traffic recorded"
        for mean in stations["mean"]
    ]
    tier = stations["tier"].fillna("").astype(str)
    return stations[["lon", "lat"]].assign(
        title=stations["station_id"],
        detail=[" · ".join(filter(None, s)) for s in zip(traffic, tier, strict=True)],
        colour=pd.Series(scale.colours(stations["mean"]).tolist(), index=stations.index),
    )


def _heights(stations: pd.DataFrame) -> pd.Series:
    """Return the heights of the columns, metres; 0 without traffic."""
    traffic = stations["mean"].fillna(0.0)
    tallest = traffic.max()
    return traffic * (_side_m(stations) / 8 / tallest if tallest > 0 else 0.0)


def _side_m(stations: pd.DataFrame) -> float:
    """Return the south-north extent of the stations, metres."""
    return 111_320 * float(stations["lat"].max() - stations["lat"].min()) if len(stations) else 0.0


def _mercator(latitude: float) -> float:
    return math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))
