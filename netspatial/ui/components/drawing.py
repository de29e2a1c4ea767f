"""The Leaflet map on which the user draws a rectangle or polygon over the city's image.

The base map is the same in every run of the page, so that it keeps the user's position; the
selected area is an overlay.
"""

from typing import Any

import folium
import numpy as np
import shapely
from folium.plugins import Draw
from jinja2 import Template

from netspatial.area import Area
from netspatial.city.city import City
from netspatial.imagery import Bounds
from netspatial.ui.plan.areas import city_bounds
from netspatial.ui.server.static_files import LeafletLinks
from netspatial.viz.city_map import Backdrop, viewpoint

ACCENT = "#ffb454"
"""Amber: visible on fields, roofs and water."""
SHAPE = {"color": ACCENT, "weight": 2, "fillColor": ACCENT, "fillOpacity": 0.12}


class _OnlyTheChosen(folium.MacroElement):
    """Clears the drawings of the Draw tool, because the overlay shows the selected area."""

    _template = Template("{% macro script(this, kwargs) %}drawnItems.clearLayers();{% endmacro %}")


def drawing_map(city: City, image: Backdrop | None, links: LeafletLinks | None) -> folium.Map:
    """Return the base map; `links` say where Leaflet is served, None means its public addresses."""
    bounds = city_bounds(city)
    west, south, east, north = bounds
    board = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=_zoom(bounds),  # type: ignore[arg-type]
        tiles=None,
        control_scale=True,
        attribution_control=False,
        max_bounds=False,
        zoom_snap=0.25,
    )
    if image is not None:
        w, s, e, n = image.bounds
        nothing = np.zeros((1, 1, 4), dtype=np.uint8)  # folium would open an address as a file
        overlay = folium.raster_layers.ImageOverlay(nothing, [[s, w], [n, e]], name="image")
        overlay.url = image.uri
        overlay.add_to(board)
    else:
        folium.Rectangle([[south, west], [north, east]], color="#8a8f92", weight=1).add_to(board)
    draw = Draw(  # type: ignore[no-untyped-call]
        draw_options={
            "polyline": False,
            "circle": False,
            "marker": False,
            "circlemarker": False,
            "rectangle": {"shapeOptions": SHAPE, "metric": True},
            "polygon": {"shapeOptions": SHAPE, "allowIntersection": False, "showArea": True},
        },
        edit_options={"edit": False, "remove": False},
    )
    draw.add_to(board)
    if links is not None:
        board.default_js, board.default_css = links.js, links.css
        draw.default_js, draw.default_css = [], []
    return board


def chosen_overlay(area: Area | None) -> folium.FeatureGroup:
    """Return the overlay that shows the selected area."""
    group = folium.FeatureGroup(name="area")
    if area is not None:
        for part in shapely.get_parts(area.geometry):
            rings = [part.exterior, *part.interiors]
            latlon = [[(y, x) for x, y in ring.coords] for ring in rings]
            folium.Polygon(
                latlon, color=ACCENT, weight=3, fill=True, fill_color=ACCENT, fill_opacity=0.18
            ).add_to(group)
    group.add_child(_OnlyTheChosen())  # type: ignore[no-untyped-call]
    return group


def view_of(area: Area | None, city: City) -> tuple[float, tuple[float, float]]:
    """Return zoom and (lat, lon) of a view of the area with a margin, or of the whole city."""
    west, south, east, north = city_bounds(city) if area is None else area.bounds
    margin = 0.0 if area is None else 0.45
    wide, high = margin * (east - west), margin * (north - south)
    bounds = (west - wide, south - high, east + wide, north + high)
    return _zoom(bounds), ((south + north) / 2, (west + east) / 2)


def drawn_on(board: folium.Map, **how: Any) -> dict[str, Any] | None:
    """Show the map and return its drawings and clicks; `how` as for `st_folium`."""
    # on import it registers its files, which needs a running server
    from streamlit_folium import st_folium  # noqa: PLC0415

    answer: dict[str, Any] | None = st_folium(board, use_container_width=True, **how)
    return answer


def last_click(answer: dict[str, Any] | None) -> tuple[float, float] | None:
    """Return (lon, lat) of the last click on the map."""
    clicked = (answer or {}).get("last_clicked")
    return (float(clicked["lng"]), float(clicked["lat"])) if clicked else None


def _zoom(bounds: Bounds) -> float:
    """Return the zoom at which `bounds` fill about 520 pixels."""
    return round(4 * (float(viewpoint(bounds).zoom) + 1 - 0.8)) / 4
