"""The map of a plan: cells coloured by utility or by an hour of their week, sites numbered.

deck.gl layers over the city's image, as in `city_map`; cells and legend share one colour scale.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pydeck as pdk
import shapely

from netspatial.area import Area
from netspatial.arrays import Floats
from netspatial.imagery import Bounds
from netspatial.viz.city_map import LOOKS, layer_id, viewpoint
from netspatial.viz.colours import UNKNOWN, Scale
from netspatial.viz.wording import quantity

CELL_LAYER = "cells"
OPAQUE, FAINT, CLOSED = 185, 70, 60
"""Opacity, 0 to 255, of candidates, of cells below the minimum demand, and of infeasible cells."""
RAISED_TO = 0.16
"""Height of the tallest column as a share of the area's width."""
CLOSE_ZOOM = 15.2
INK = [16, 24, 28, 255]
PAPER = [255, 255, 255, 255]
MEASURED = [99, 181, 184, 255]
"""Teal, of measured stations; as in the key of the page."""

Ring = list[list[float]]

WHY_NOT = {
    "water": "in water",
    "protected": "in a park or protected land",
    "near_station": "too close to an existing station",
    "edge": "mostly outside the area",
    "road": "mostly on a road",
    "airport": "on an airport",
}
"""Reason of each feasibility mask, in words."""
GUARDED = {
    "below minimum demand": "below the minimum demand",
    "required": "required",
    "excluded": "excluded",
}
"""Text of each other status that the tooltip shows."""


def cell_outlines(cells: gpd.GeoDataFrame) -> list[Ring]:
    """Return the corners of each cell, lon and lat."""
    shapes = cells.to_crs("EPSG:4326").geometry.to_numpy()
    return [np.round(shapely.get_coordinates(shape)[:-1], 6).tolist() for shape in shapes]


def outline_bounds(outlines: Sequence[Ring]) -> Bounds:
    """Return the west, south, east and north of all corners, degrees."""
    corners = np.concatenate([np.asarray(ring) for ring in outlines])
    (west, south), (east, north) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return west, south, east, north


def area_rings(area: Area) -> list[Ring]:
    """Return the outer and inner outlines of an area, lon and lat."""
    parts = cast("list[shapely.Polygon]", shapely.get_parts(area.geometry))
    return [
        [[round(x, 6), round(y, 6)] for x, y in ring.coords]
        for part in parts
        for ring in (part.exterior, *part.interiors)
    ]


def cells_layer(
    cells: gpd.GeoDataFrame,
    outlines: Sequence[Ring],
    values: Floats,
    scale: Scale,
    title: str,
    *,
    sign: str = "",
    look: str = "flat",
    map_version: int = 0,
) -> pdk.Layer:
    """Return the layer of cells, coloured by value; in the raised look also as columns.

    outlines : corners of each cell in lon, lat
    values   : (cell,) in the unit of the scale; sign : put before each of them
    """
    closed = (cells["status"] == "not feasible").to_numpy()
    below = cells["status"].isin(["below minimum demand", "excluded"]).to_numpy()
    rgba = np.empty((len(cells), 4), dtype=np.int64)
    rgba[:, :3] = scale.colours(values)
    rgba[:, 3] = np.where(below, FAINT, OPAQUE)
    rgba[closed] = (*UNKNOWN, CLOSED)
    data = pd.DataFrame(
        {
            "shape": list(outlines),
            "colour": rgba.tolist(),
            "height": np.round(heights(values, scale, cells) * ~closed, 1),
            "title": [cell_title(row) for row in cells[["cell_id", "rank"]].itertuples()],
            "detail": _details(cells, values, scale, f"{title}: {sign}"),
        }
    )
    raised = look != "flat"
    return pdk.Layer(
        "PolygonLayer",
        id=layer_id(CELL_LAYER, map_version),
        data=data,
        get_polygon="shape",
        get_fill_color="colour",
        get_elevation="height",
        extruded=raised,
        filled=True,
        stroked=not raised,
        get_line_color=[255, 255, 255, 28],
        line_width_min_pixels=0.5,
        pickable=True,
        auto_highlight=True,
        highlight_color=[255, 255, 255, 90],
    )


def site_layers(sites: pd.DataFrame) -> list[pdk.Layer]:
    """Return the layers that number the sites; `sites` has lon, lat, height (metres) and rank."""
    data = sites.assign(label=sites["rank"].astype(int).astype(str))
    place = ["lon", "lat", "height"]
    data = data[[*place, "label"]]
    return [
        pdk.Layer(
            "ScatterplotLayer",
            id="sites",
            data=data,
            get_position=place,
            get_radius=10,
            radius_min_pixels=10,
            radius_max_pixels=13,
            get_fill_color=PAPER,
            stroked=True,
            get_line_color=INK,
            line_width_min_pixels=1.5,
            line_width_max_pixels=1.5,
            billboard=True,
            parameters={"depthTest": False},
            pickable=False,
        ),
        pdk.Layer(
            "TextLayer",
            id="ranks",
            data=data,
            get_position=place,
            get_text="label",
            get_size=12,
            get_color=INK,
            font_family="'Inter, Helvetica, Arial, sans-serif'",
            font_weight=700,
            parameters={"depthTest": False},
            pickable=False,
        ),
    ]


def measured_layer(stations: pd.DataFrame) -> pdk.Layer:
    """Return the layer of measured stations, small and pale; `stations` has lon and lat."""
    return pdk.Layer(
        "ScatterplotLayer",
        id="measured",
        data=stations[["lon", "lat"]],
        get_position=["lon", "lat"],
        get_radius=4,
        radius_min_pixels=4,
        radius_max_pixels=4,
        get_fill_color=MEASURED,
        stroked=True,
        get_line_color=INK,
        line_width_min_pixels=1.2,
        line_width_max_pixels=1.2,
        pickable=False,
    )


def chosen_layer(outline: Ring, height: float) -> pdk.Layer:
    """Return the outline of the selected cell, at the top of its column if it has one."""
    ring = [[*corner, height] for corner in [*outline, outline[0]]]
    return pdk.Layer(
        "PathLayer",
        id="selected",
        data=pd.DataFrame({"path": [ring]}),
        get_path="path",
        get_color=PAPER,
        width_min_pixels=3,
        width_max_pixels=3,
        parameters={"depthTest": False},
        pickable=False,
    )


def border_layer(rings: Sequence[Ring]) -> pdk.Layer:
    """Return the outline of the planned area."""
    return pdk.Layer(
        "PathLayer",
        id="area",
        data=pd.DataFrame({"path": list(rings)}),
        get_path="path",
        get_color=[255, 255, 255, 210],
        width_min_pixels=1.5,
        width_max_pixels=1.5,
        pickable=False,
    )


def heights(values: Floats, scale: Scale, cells: pd.DataFrame) -> Floats:
    """Return the height of each column, metres; linear in the value up to the scale's end."""
    share = np.nan_to_num(np.clip(values / scale.high, 0.0, 1.0))
    return np.asarray(share * RAISED_TO * _width_m(cells))


def plan_view(bounds: Bounds, look: str, focus: tuple[float, float] | None) -> pdk.ViewState:
    """Return a view of all cells, or of the cell at `focus` (lon, lat)."""
    view = viewpoint(bounds, look)
    view.zoom = float(view.zoom) + math.log2(440 / LOOKS[look].side_px)
    if focus is not None:
        view.longitude, view.latitude = focus
        view.zoom = max(view.zoom, CLOSE_ZOOM)
    view.transition_duration = 600
    return view


def clicked_cell(
    selection: Mapping[str, Any], cell_ids: Sequence[str], map_version: int
) -> str | None:
    """Return the clicked cell; None if the click hit something else."""
    rows = selection.get("indices", {}).get(layer_id(CELL_LAYER, map_version), [])
    return cell_ids[rows[0]] if rows and rows[0] < len(cell_ids) else None


def cell_title(row: Any) -> str:
    """Return the title of a cell: its rank, if it is a site, and its short id."""
    rank = "" if pd.isna(row.rank) else f"Site {int(row.rank)} · "
    return f"{rank}{short_id(row.cell_id)}"


def short_id(cell_id: str) -> str:
    """Return column and row of a cell's id."""
    return "-".join(str(cell_id).split("-")[-2:])


def why_closed(reason: str) -> str:
    """Return why building is not allowed in a cell."""
    return ", ".join(WHY_NOT.get(name, name) for name in str(reason).split(", ") if name)


def _details(cells: pd.DataFrame, values: Floats, scale: Scale, title: str) -> list[str]:
    said = []
    for value, status, reason in zip(values, cells["status"], cells["reason"], strict=True):
        if status == "not feasible":
            extra = f" · no site: {why_closed(reason)}"
        else:
            extra = f" · {GUARDED[status]}" if status in GUARDED else ""
        said.append(f"{title}{quantity(float(value), scale.unit)}{extra}")
    return said


def _width_m(cells: pd.DataFrame) -> float:
    return float(max(np.ptp(cells["x"]), np.ptp(cells["y"]), 100.0))
