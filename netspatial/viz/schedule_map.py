"""The map of one hour of a schedule: states of the stations and load moved between them.

deck.gl layers over the city's image, as in `city_map`; colours from `schedule_charts`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pydeck as pdk
from markupsafe import Markup

from netspatial.arrays import Floats, Indices
from netspatial.imagery import Bounds
from netspatial.viz.city_map import LOOKS, layer_id, viewpoint
from netspatial.viz.colours import css
from netspatial.viz.key import KeyEntry, key_html
from netspatial.viz.schedule_charts import ASLEEP, STATE_NAMES, STATE_RGB
from netspatial.viz.wording import quantity

STATION_LAYER, FLOW_LAYER = "states", "flows"
FROM_RGB, TO_RGB = [255, 246, 214, 90], [255, 210, 63, 235]
WIDEST_PX = 7.0
ASLEEP_PX = 8.0
"""Fixed radius of sleeping stations, which have no load."""


def state_layer(
    places: pd.DataFrame,
    state: Indices,
    load: Floats,
    demand: Floats,
    unit: str,
    map_version: int = 0,
) -> pdk.Layer:
    """Return the layer of stations, coloured by state; the radius grows with the load.

    places : station_id, lon, lat
    state, load (share of capacity), demand (in `unit`) : (station,) of one hour
    """
    data = pd.DataFrame(
        {
            "lon": places["lon"],
            "lat": places["lat"],
            "radius": np.where(
                state == ASLEEP, ASLEEP_PX, 6.0 + 9.0 * np.sqrt(np.clip(load, 0.0, 1.0))
            ),
            "fill": [[*STATE_RGB[int(one)], 245] for one in state],
            "line": [[255, 255, 255, 255] if one == ASLEEP else [16, 24, 28, 230] for one in state],
            "title": places["station_id"],
            "detail": [
                f"{STATE_NAMES[int(one)]}, load {100 * part:.0f} % · own demand "
                f"{quantity(float(own), unit)}"
                for one, part, own in zip(state, load, demand, strict=True)
            ],
        }
    )
    return pdk.Layer(
        "ScatterplotLayer",
        id=layer_id(STATION_LAYER, map_version),
        data=data,
        get_position=["lon", "lat"],
        get_radius="radius",
        radius_units="'pixels'",
        get_fill_color="fill",
        stroked=True,
        get_line_color="line",
        line_width_min_pixels=1.6,
        line_width_max_pixels=2.4,
        pickable=True,
        auto_highlight=True,
        highlight_color=[255, 255, 255, 110],
    )


def ring_layer(lon: float, lat: float) -> pdk.Layer:
    """Return a ring around the selected station."""
    return pdk.Layer(
        "ScatterplotLayer",
        id="chosen",
        data=pd.DataFrame({"lon": [lon], "lat": [lat]}),
        get_position=["lon", "lat"],
        get_radius=19,
        radius_units="'pixels'",
        filled=False,
        stroked=True,
        get_line_color=[255, 255, 255, 255],
        line_width_min_pixels=3,
        pickable=False,
    )


def flow_layer(flows: pd.DataFrame, most: float, unit: str) -> pdk.Layer:
    """Return the layer of moved load: arcs, pale at the source and bright at the target.

    flows : source, target, traffic, and from_lon, from_lat, to_lon, to_lat
    most  : the largest flow of all hours, so that widths are comparable between hours
    """
    data = flows.assign(
        width=1.0 + (WIDEST_PX - 1.0) * np.sqrt(flows["traffic"] / most),
        title=[f"{s} → {t}" for s, t in zip(flows["source"], flows["target"], strict=True)],
        detail=[f"{quantity(float(v), unit)} moved" for v in flows["traffic"]],
    )
    return pdk.Layer(
        "ArcLayer",
        id=FLOW_LAYER,
        data=data.drop(columns=["source", "target"]),
        get_source_position=["from_lon", "from_lat"],
        get_target_position=["to_lon", "to_lat"],
        get_source_color=FROM_RGB,
        get_target_color=TO_RGB,
        get_width="width",
        get_height=0.35,
        pickable=True,
    )


def bounds_of(places: pd.DataFrame) -> Bounds:
    """Return the bounds of the stations with a margin, degrees."""
    west, east = float(places["lon"].min()), float(places["lon"].max())
    south, north = float(places["lat"].min()), float(places["lat"].max())
    margin = max(0.12 * (east - west), 0.12 * (north - south), 0.003)
    return west - margin, south - margin, east + margin, north + margin


def schedule_view(bounds: Bounds, look: str, height_px: int) -> pdk.ViewState:
    """Return a view of all scheduled stations."""
    view = viewpoint(bounds, look)
    view.zoom = float(view.zoom) + math.log2(height_px / LOOKS[look].side_px)
    return view


def clicked(selection: Mapping[str, Any], ids: Sequence[str], map_version: int) -> str | None:
    """Return the clicked station; None if the click hit something else."""
    rows = selection.get("indices", {}).get(layer_id(STATION_LAYER, map_version), [])
    return ids[rows[0]] if rows and rows[0] < len(ids) else None


def state_key() -> Markup:
    """Return the HTML of the legend of states."""
    return key_html(*_states())


def map_key() -> Markup:
    """Return the HTML of the map's legend: the states and the flows."""
    flow = KeyEntry("load carried by a neighbour", css(TO_RGB[:3]), "ns-flow")
    return key_html(*_states(), flow)


def _states() -> list[KeyEntry]:
    return [KeyEntry(name, css(STATE_RGB[state])) for state, name in STATE_NAMES.items()]
