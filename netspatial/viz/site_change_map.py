"""What changes at existing stations: map layers of before and after, and a chart of the loads.

Stations are coloured by busy-hour load; lines lead from a site to the stations that it relieves.
"""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pydeck as pdk
import shapely

from netspatial.plain_text import in_figure
from netspatial.plan.site_change import SiteChange
from netspatial.viz.colours import Scale
from netspatial.viz.station_charts import AMBER, TEAL, axes
from netspatial.viz.wording import number, quantity

When = Literal["before", "after"]

LOAD = Scale(5.0, 100.0, "%")
"""Colours of busy-hour load, part of the capacity."""
LINE_RGB = [255, 210, 63, 220]
WIDEST_PX = 6.0
MAX_ROWS = 12
"""Stations in the chart, the most loaded ones."""
ROW_PX = 24


def relieved_stations(change: SiteChange) -> pd.DataFrame:
    """Return one row per relieved station, the most loaded first, with `lon` and `lat`.

    The other columns are those of `SiteChange.stations` that belong to the station alone.
    """
    table = change.stations.to_crs("EPSG:4326")
    ends = shapely.get_coordinates(shapely.get_point(table.geometry.to_numpy(), 1))
    own = [name for name in table.columns if str(name).startswith(("load_", "overload_"))]
    stations = pd.DataFrame(
        {"station": table["station"], "lon": ends[:, 0], "lat": ends[:, 1], **table[own]}
    ).drop_duplicates("station")
    return stations.sort_values(
        "load_before_mean", ascending=False, kind="stable", ignore_index=True
    )


def load_layer(stations: pd.DataFrame, when: When) -> pdk.Layer:
    """Return the layer of relieved stations, coloured by busy-hour load before or after.

    stations : as `relieved_stations` returns them
    """
    load = 100 * stations[f"load_{when}_mean"].to_numpy(dtype=float)
    data = pd.DataFrame(
        {
            "lon": stations["lon"],
            "lat": stations["lat"],
            "colour": LOAD.colours(load).tolist(),
            "title": stations["station"],
            "detail": [_load_words(row) for row in stations.to_dict("records")],
        }
    )
    return pdk.Layer(
        "ScatterplotLayer",
        id="loads",
        data=data,
        get_position=["lon", "lat"],
        get_radius=50,
        radius_min_pixels=7,
        radius_max_pixels=14,
        get_fill_color="colour",
        stroked=True,
        get_line_color=[255, 255, 255, 235],
        line_width_min_pixels=1.4,
        line_width_max_pixels=1.8,
        pickable=True,
    )


def relief_layer(change: SiteChange) -> pdk.Layer:
    """Return the lines from each site to the stations that it relieves, wider for more traffic."""
    table = change.stations.to_crs("EPSG:4326")
    lines = table.geometry.to_numpy()
    most = max(float(table["taken_mean"].max()), 1e-12) if len(table) else 1.0
    data = pd.DataFrame(
        {
            "path": [np.round(shapely.get_coordinates(line), 6).tolist() for line in lines],
            "width": 1.0 + (WIDEST_PX - 1.0) * np.sqrt(table["taken_mean"].to_numpy() / most),
            "title": [f"{a} → {b}" for a, b in zip(table["site"], table["station"], strict=True)],
            "detail": [
                f"takes over {100 * row['taken_share_mean']:.0f} % "
                f"({100 * row['taken_share_p10']:.0f}–{100 * row['taken_share_p90']:.0f} %), "
                f"{quantity(float(row['taken_mean']), change.unit)}"
                for row in table.drop(columns="geometry").to_dict("records")
            ],
        }
    )
    return pdk.Layer(
        "PathLayer",
        id="relief",
        data=data,
        get_path="path",
        get_color=LINE_RGB,
        get_width="width",
        width_units="'pixels'",
        pickable=True,
    )


def load_chart(stations: pd.DataFrame) -> go.Figure:
    """Return the chart of busy-hour load before and after, with the 80 % range of after.

    stations : as `relieved_stations` returns them; the most loaded are shown
    """
    shown = stations.dropna(subset=["load_before_mean"]).head(MAX_ROWS).iloc[::-1]
    names = [in_figure(name) for name in shown["station"]]
    figure = axes("Busy-hour load", "% of capacity", 60 + ROW_PX * len(shown))
    before, after, low, high = (
        100 * shown[name].to_numpy(dtype=float)
        for name in ("load_before_mean", "load_after_mean", "load_after_p10", "load_after_p90")
    )
    figure.add_scatter(
        x=before,
        y=names,
        mode="markers",
        name="Before",
        marker={"color": AMBER, "size": 9},
        hovertemplate="%{y}<br>before %{x:.0f} %<extra></extra>",
    )
    figure.add_scatter(
        x=after,
        y=names,
        mode="markers",
        name="After",
        marker={"color": TEAL, "size": 9},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": np.maximum(high - after, 0.0),
            "arrayminus": np.maximum(after - low, 0.0),
            "color": TEAL,
            "thickness": 1.4,
        },
        hovertemplate="%{y}<br>after %{x:.0f} %<extra></extra>",
    )
    figure.update_layout(
        showlegend=True,
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"},
        xaxis={"rangemode": "tozero"},
    )
    return figure


def _load_words(row: Mapping[Any, Any]) -> str:
    before, after, low, high = (
        100 * float(row[name])
        for name in ("load_before_mean", "load_after_mean", "load_after_p10", "load_after_p90")
    )
    if not np.isfinite(before):
        return "capacity unknown"
    return (
        f"busy-hour load {number(before)} % before, {number(after)} % after "
        f"({number(low)}–{number(high)} %)"
    )
