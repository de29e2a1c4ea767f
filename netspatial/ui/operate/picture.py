"""The map of one hour of a schedule as an SVG picture, for reports and slides."""

import math

from netspatial.city.city import City
from netspatial.imagery import Bounds
from netspatial.templates import render
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
    facts = shown.facts
    source = (
        f"{shown.hours[hour]}, {shown.request.policy}. Traffic is {facts['provenance']}, of the "
        f"{facts['city']['provenance']} city {facts['city']['name']}. "
        f"{'; '.join(facts['attribution'])}."
    )
    return render(
        "ui/operate/picture.svg",
        width=WIDTH_PX,
        height=height,
        foot=FOOT_PX,
        image=_image(city, bounds, height),
        flows=_flows(shown, bounds, height, hour),
        flow_colour=css(TO_RGB[:3]),
        stations=_stations(shown, bounds, height, hour),
        radius=ASLEEP_PX,
        key=[(css(STATE_RGB[code]), name) for code, name in STATE_NAMES.items()],
        source=source,
    ).encode()


def _stations(
    shown: ShownSchedule, bounds: Bounds, height: float, hour: int
) -> list[dict[str, object]]:
    """Return position, colour, id and state of each station."""
    state = states(shown.schedule)[:, hour]
    found: list[dict[str, object]] = []
    for row, code in zip(shown.places.to_dict("records"), state.tolist(), strict=True):
        x, y = _at(bounds, height, row["lon"], row["lat"])
        look = {"colour": css(STATE_RGB[code]), "state": STATE_NAMES[code]}
        found.append({"x": x, "y": y, "id": row["station_id"], **look})
    return found


def _image(city: City | None, bounds: Bounds, height: float) -> dict[str, object] | None:
    """Return the city's image with its corners; None if there is none."""
    if city is None or not city.has("imagery"):
        return None
    picture = backdrop(city.folder, 1400)
    west, south, east, north = picture.bounds
    left, top = _at(bounds, height, west, north)
    right, bottom = _at(bounds, height, east, south)
    return {"uri": picture.uri, "left": left, "top": top, "right": right, "bottom": bottom}


def _flows(
    shown: ShownSchedule, bounds: Bounds, height: float, hour: int
) -> list[tuple[float, float, float, float, float]]:
    """Return the lines of moved load: x and y of both ends, and the width, pixels."""
    table = shown.flow_table
    now = table[table["hour"] == hour]
    most = float(table["traffic"].max()) if len(now) else 1.0
    return [
        (
            *_at(bounds, height, row["from_lon"], row["from_lat"]),
            *_at(bounds, height, row["to_lon"], row["to_lat"]),
            1 + 5 * math.sqrt(row["traffic"] / most),
        )
        for row in now.to_dict("records")
    ]


def _at(bounds: Bounds, height: float, lon: float, lat: float) -> tuple[float, float]:
    """Return the position of (lon, lat) in the picture, pixels from its upper left corner."""
    west, south, east, north = bounds
    up = (_mercator(lat) - _mercator(south)) / (_mercator(north) - _mercator(south))
    return WIDTH_PX * (lon - west) / (east - west), height * (1 - up)


def _mercator(latitude: float) -> float:
    return math.asinh(math.tan(math.radians(latitude)))
