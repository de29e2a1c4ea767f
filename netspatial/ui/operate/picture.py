"""The map of one hour of a schedule as an SVG picture, for reports and slides."""

import math
from html import escape

from netspatial.city.city import City
from netspatial.imagery import Bounds
from netspatial.ui.components.queries import backdrop
from netspatial.ui.operate.schedule_view import ShownSchedule
from netspatial.viz.colours import css
from netspatial.viz.schedule_charts import STATE_NAMES, STATE_RGB, states
from netspatial.viz.schedule_map import ASLEEP_PX, TO_RGB, bounds_of

WIDTH_PX = 900
FOOT_PX = 44


def map_picture(shown: ShownSchedule, city: City | None, hour: int) -> bytes:
    """Return an SVG of one hour: stations and flows over the city's image, legend and source."""
    bounds = bounds_of(shown.places)
    west, south, east, north = bounds
    height = WIDTH_PX * (_mercator(north) - _mercator(south)) / math.radians(east - west)
    parts = [_image(city, bounds, height), *_flows(shown, bounds, height, hour)]
    state = states(shown.schedule)[:, hour]
    for row, code in zip(shown.places.itertuples(), state, strict=True):
        x, y = _at(bounds, height, float(row.lon), float(row.lat))  # type: ignore[arg-type]
        parts.append(
            f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{ASLEEP_PX}' fill='{css(STATE_RGB[int(code)])}' "
            f"stroke='#10181c' stroke-width='1.5'><title>{escape(str(row.station_id))}: "
            f"{STATE_NAMES[int(code)]}</title></circle>"
        )
    facts = shown.facts
    source = (
        f"{shown.hours[hour]}, {shown.request.policy}. Traffic is {facts['provenance']}, of the "
        f"{facts['city']['provenance']} city {facts['city']['name']}. "
        f"{'; '.join(facts['attribution'])}."
    )
    foot = (
        f"<text x='8' y='{height + 36:.0f}' fill='#1d2a2f' font-size='11'>{escape(source)}</text>"
    )
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH_PX} {height + FOOT_PX:.0f}' "
        f"font-family='sans-serif' font-size='13'><rect width='100%' height='100%' fill='#fbfaf7'/>"
        f"<clipPath id='map'><rect width='{WIDTH_PX}' height='{height:.1f}'/></clipPath>"
        f"<g clip-path='url(#map)'>{''.join(parts)}</g>{_key(height)}"
        f"{foot}</svg>"
    ).encode()


def _image(city: City | None, bounds: Bounds, height: float) -> str:
    if city is None or not city.has("imagery"):
        return ""
    picture = backdrop(city.folder, 1400)
    west, south, east, north = picture.bounds
    left, top = _at(bounds, height, west, north)
    right, bottom = _at(bounds, height, east, south)
    return (
        f"<image href='{picture.uri}' x='{left:.1f}' y='{top:.1f}' width='{right - left:.1f}' "
        f"height='{bottom - top:.1f}' preserveAspectRatio='none'/>"
    )


def _flows(shown: ShownSchedule, bounds: Bounds, height: float, hour: int) -> list[str]:
    table = shown.flow_table
    now = table[table["hour"] == hour]
    most = float(table["traffic"].max()) if len(now) else 1.0
    lines = []
    for row in now.to_dict("records"):
        x1, y1 = _at(bounds, height, row["from_lon"], row["from_lat"])
        x2, y2 = _at(bounds, height, row["to_lon"], row["to_lat"])
        wide = 1 + 5 * math.sqrt(row["traffic"] / most)
        lines.append(
            f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' "
            f"stroke='{css(TO_RGB[:3])}' stroke-width='{wide:.1f}' stroke-opacity='0.75'/>"
        )
    return lines


def _key(height: float) -> str:
    marks = [
        f"<circle cx='{14 + 130 * n}' cy='{height + 14:.0f}' r='6' fill='{css(STATE_RGB[code])}'/>"
        f"<text x='{26 + 130 * n}' y='{height + 18:.0f}' fill='#1d2a2f'>{name}</text>"
        for n, (code, name) in enumerate(STATE_NAMES.items())
    ]
    return "".join(marks)


def _at(bounds: Bounds, height: float, lon: float, lat: float) -> tuple[float, float]:
    """Return the position of (lon, lat) in the picture, pixels from its upper left corner."""
    west, south, east, north = bounds
    up = (_mercator(lat) - _mercator(south)) / (_mercator(north) - _mercator(south))
    return WIDTH_PX * (lon - west) / (east - west), height * (1 - up)


def _mercator(latitude: float) -> float:
    return math.asinh(math.tan(math.radians(latitude)))
