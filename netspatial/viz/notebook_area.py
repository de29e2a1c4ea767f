"""What an area shows in a notebook: its size and outline, a chart and an interactive map."""

import folium
import plotly.graph_objects as go

from netspatial.area import Area
from netspatial.imagery import Bounds
from netspatial.viz.notebook_page import card
from netspatial.viz.plan_map import area_rings
from netspatial.viz.station_charts import TEAL
from netspatial.viz.svg_map import MapFrame


def area_html(area: Area) -> str:
    """Return the size, the bounds, the notes and the outline of an area."""
    frame = MapFrame(_with_margin(area.bounds), 480)
    picture = frame.svg("Outline of the area", rings=area_rings(area))
    west, south, east, north = area.bounds
    where = f"west {west:.5f}, south {south:.5f}, east {east:.5f}, north {north:.5f}"
    return card(f"Area of {area.area_km2:.4g} km²", [where, *area.notes], picture=picture)


def area_chart(area: Area, height_px: int = 360) -> go.Figure:
    """Return the outline of an area in degrees, one degree of each as long as on the ground."""
    figure = go.Figure()
    for ring in area_rings(area):
        figure.add_scatter(
            x=[lon for lon, _ in ring],
            y=[lat for _, lat in ring],
            mode="lines",
            line={"color": TEAL, "width": 2},
            hovertemplate="%{x:.5f}, %{y:.5f}<extra></extra>",
            showlegend=False,
        )
    frame = MapFrame(area.bounds)
    west, south, east, north = area.bounds
    ratio = frame.height / frame.width * (east - west) / (north - south)
    figure.update_layout(height=height_px, margin={"l": 4, "r": 8, "t": 8, "b": 4})
    figure.update_xaxes(title="longitude", automargin=True)
    figure.update_yaxes(title="latitude", automargin=True, scaleanchor="x", scaleratio=ratio)
    return figure


def area_map(area: Area) -> folium.Map:
    """Return the area on OpenStreetMap."""
    west, south, east, north = area.bounds
    board = folium.Map(control_scale=True)
    folium.GeoJson(area.to_geojson(), name="area").add_to(board)
    board.fit_bounds([[south, west], [north, east]])
    return board


def _with_margin(bounds: Bounds) -> Bounds:
    west, south, east, north = bounds
    wide, high = 0.05 * (east - west), 0.05 * (north - south)
    return west - wide, south - high, east + wide, north + high
