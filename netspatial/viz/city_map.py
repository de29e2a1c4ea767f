"""The map of a city: one function per layer, put together as a deck.gl map that needs no internet.

Colours come from `colours.Scale`, data from `readings`; the page decides which layers to show.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
import pydeck as pdk
from pydeck.bindings.json_tools import default_serialize

from netspatial.imagery import Bounds
from netspatial.ui.components.queries import Backdrop
from netspatial.viz.colours import Scale
from netspatial.viz.wording import category_name, quantity

STATION_LAYER = "stations"
POI_LAYER = "pois"


class Look(NamedTuple):
    """A way to look at a city: pitch and bearing in degrees, and its first size in pixels."""

    pitch: float
    bearing: float
    side_px: int


LOOKS = {"flat": Look(0.0, 0.0, 880), "raised": Look(48.0, -14.0, 740)}
"""From straight above, and from the south-east with stations as columns."""


WHITE = [255, 255, 255, 235]
CHOSEN = [255, 255, 255, 255]


def viewpoint(bounds: Bounds, look: str = "flat") -> pdk.ViewState:
    """Return the first view of `bounds` (degrees): their larger side takes the look's pixels."""
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
    """Lay the city's image flat under everything else."""
    return pdk.Layer(
        "BitmapLayer",
        id="image",
        data=None,
        image=f"'{image.uri}'",  # quotes keep pydeck from reading it as an expression
        bounds=list(image.bounds),
        pickable=False,
    )


def poi_layer(pois: pd.DataFrame, edition: int = 0) -> pdk.Layer:
    """Mark points of interest as small pale dots that grow with the zoom."""
    category = pois["category"].map(category_name)
    data = pois[["lon", "lat"]].assign(
        title=pois["name"].where(pois["name"] != "", category),
        detail=category,
    )
    return pdk.Layer(
        "ScatterplotLayer",
        id=layer_id(POI_LAYER, edition),
        data=data,
        get_position=["lon", "lat"],
        get_radius=9,
        radius_min_pixels=1,
        radius_max_pixels=6,
        get_fill_color=[250, 246, 232, 150],
        pickable=True,
    )


def station_layer(
    stations: pd.DataFrame, scale: Scale, look: str = "flat", edition: int = 0
) -> pdk.Layer:
    """Show each station's mean traffic: as a disc's colour, in the raised look also as a height.

    Heights are linear in traffic; the busiest station rises to an eighth of the city's width.
    """
    data = _painted(stations, scale)
    if look == "flat":
        return pdk.Layer(
            "ScatterplotLayer",
            id=layer_id(STATION_LAYER, edition),
            data=data,
            get_position=["lon", "lat"],
            get_radius=60,
            radius_min_pixels=5,
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
    return pdk.Layer(
        "ColumnLayer",
        id=layer_id(STATION_LAYER, edition),
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
    """Draw a ring around the chosen station, in the raised look around the top of its column."""
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
    """A map told in a third of the letters: pydeck indents its JSON, number by number."""

    def to_json(self) -> str:
        """Return what the browser draws."""
        return json.dumps(self, sort_keys=True, default=default_serialize, separators=(",", ":"))


def city_map(layers: Sequence[pdk.Layer], view: pdk.ViewState) -> CityMap:
    """Put layers on a map that asks no one for tiles; what the pointer rests on is explained.

    Titles and details of the layers are text: Streamlit escapes what it puts into a tooltip.
    """
    return CityMap(
        layers=list(layers),
        initial_view_state=view,
        map_provider=None,
        tooltip={"html": "<b>{title}</b><br>{detail}", "style": TOOLTIP},
    )


TOOLTIP = {
    "background": "#1b2427",
    "color": "#f4f2ec",
    "fontSize": "0.8rem",
    "padding": "0.4rem 0.6rem",
    "borderRadius": "0.35rem",
}


def layer_id(name: str, edition: int) -> str:
    """Name a layer for one edition of the map.

    Streamlit fades whatever was not clicked until the clicked layer is gone; the page counts
    the edition up with each click, so that a choice never dulls the colours of the rest.
    """
    return f"{name}-{edition}"


def clicked_station(
    selection: Mapping[str, Any], station_ids: Sequence[str], edition: int
) -> str | None:
    """Return the station that a click on the map chose, None where it hit something else."""
    rows = selection.get("indices", {}).get(layer_id(STATION_LAYER, edition), [])
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
    """Heights of the columns in metres; 0 where there is no traffic."""
    traffic = stations["mean"].fillna(0.0)
    tallest = traffic.max()
    return traffic * (_side_m(stations) / 8 / tallest if tallest > 0 else 0.0)


def _side_m(stations: pd.DataFrame) -> float:
    """How far the stations reach from south to north, in metres."""
    return 111_320 * float(stations["lat"].max() - stations["lat"].min()) if len(stations) else 0.0


def _mercator(latitude: float) -> float:
    return math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))
