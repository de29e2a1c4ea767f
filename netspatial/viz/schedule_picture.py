"""The map of one hour of a schedule as an SVG picture, for reports, slides and notebooks."""

import math

from netspatial.city.city import City
from netspatial.runs.kinds.operating_result import OperateRun
from netspatial.templates import render
from netspatial.viz.city_queries import backdrop
from netspatial.viz.colours import css
from netspatial.viz.schedule_charts import STATE_NAMES, STATE_RGB, states
from netspatial.viz.schedule_map import ASLEEP_PX, TO_RGB, bounds_of
from netspatial.viz.svg_map import MapFrame

FOOT_PX = 44


def map_picture(shown: OperateRun, city: City | None, hour: int, image_px: int = 1400) -> bytes:
    """Return an SVG of one hour: stations and flows over the city's image, legend and source.

    image_px : longest side of the whole city's image, pixels
    """
    frame = MapFrame(bounds_of(shown.places))
    facts = shown.facts
    source = (
        f"{shown.hours[hour]}, {shown.request.policy}. Traffic is {facts['provenance']}, of the "
        f"{facts['city']['provenance']} city {facts['city']['name']}. "
        f"{'; '.join(facts['attribution'])}."
    )
    has_image = city is not None and city.has("imagery")
    return render(
        "viz/schedule_picture.svg",
        width=frame.width,
        height=frame.height,
        foot=FOOT_PX,
        image=frame.image(backdrop(city.folder, image_px)) if city and has_image else None,
        flows=_flows(shown, frame, hour),
        flow_colour=css(TO_RGB[:3]),
        stations=_stations(shown, frame, hour),
        radius=ASLEEP_PX,
        key=[(css(STATE_RGB[code]), name) for code, name in STATE_NAMES.items()],
        source=source,
    ).encode()


def _stations(shown: OperateRun, frame: MapFrame, hour: int) -> list[dict[str, object]]:
    """Return position, colour, id and state of each station."""
    state = states(shown.schedule)[:, hour]
    found: list[dict[str, object]] = []
    for row, code in zip(shown.places.to_dict("records"), state.tolist(), strict=True):
        x, y = frame.at(row["lon"], row["lat"])
        look = {"colour": css(STATE_RGB[code]), "state": STATE_NAMES[code]}
        found.append({"x": x, "y": y, "id": row["station_id"], **look})
    return found


def _flows(
    shown: OperateRun, frame: MapFrame, hour: int
) -> list[tuple[float, float, float, float, float]]:
    """Return the lines of moved load: x and y of both ends, and the width, pixels."""
    table = shown.flow_table
    now = table[table["hour"] == hour]
    most = float(table["traffic"].max()) if len(now) else 1.0
    return [
        (
            *frame.at(row["from_lon"], row["from_lat"]),
            *frame.at(row["to_lon"], row["to_lat"]),
            1 + 5 * math.sqrt(row["traffic"] / most),
        )
        for row in now.to_dict("records")
    ]
