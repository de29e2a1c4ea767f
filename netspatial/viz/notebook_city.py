"""What a city shows in a notebook: its parts and a small map, charts and an interactive map."""

import pandas as pd
import plotly.graph_objects as go

from netspatial.city.city import FILES, City
from netspatial.errors import BadInput
from netspatial.imagery import Bounds
from netspatial.viz.city_map import image_layer, poi_layer, station_layer, viewpoint
from netspatial.viz.city_queries import (
    backdrop,
    city_series,
    poi_table,
    station_series,
    station_table,
)
from netspatial.viz.colours import Scale, css
from netspatial.viz.notebook_page import IMAGE_PX, NotebookMap, card, notebook_map
from netspatial.viz.station_charts import month_chart
from netspatial.viz.svg_map import MapFrame
from netspatial.viz.wording import facts, quantity


def city_html(city: City) -> str:
    """Return the size, the parts and a map of the stations of a city."""
    record = city.record
    lines = [f"{facts(city)} · {record.provenance} · {record.timezone}"]
    lines += [f"Data: {'; '.join(record.attribution)}"] if record.attribution else []
    return card(f"City {city.name}", lines, parts_table(city), _picture(city))


def parts_table(city: City) -> pd.DataFrame:
    """Return one row per part: whether the city has it, and its licence."""
    return pd.DataFrame(
        {
            "part": list(FILES),
            "file": [file if city.has(part) else "missing" for part, file in FILES.items()],
            "licence": [city.record.licences.get(part, "") for part in FILES],
        }
    )


def traffic_chart(city: City, station: str | None, service: str | None) -> go.Figure:
    """Return the hourly traffic of one station, or of all together."""
    name = _service(city, service)
    if station is None:
        return month_chart(city_series(city.folder, name))
    series = station_series(city.folder, station, name)
    if series is None:
        raise BadInput(f"The traffic of '{city.name}' has no station '{station}'.")
    return month_chart(series)


def stations_map(
    city: City, values: "pd.Series[float] | None" = None, unit: str = "", service: str | None = None
) -> NotebookMap:
    """Return the city's image and places with the stations coloured by traffic.

    values : mean traffic by station in `unit`; None is the measured mean of the service
    """
    layers = [image_layer(backdrop(city.folder))] if city.has("imagery") else []
    if city.has("pois"):
        layers.append(poi_layer(poi_table(city.folder)))
    if city.has("stations"):
        table, scale = _painted(city, service)
        if values is not None:
            table = table.assign(mean=values.reindex(table["station_id"]).to_numpy())
            scale = Scale.over(table["mean"], unit)
        layers.append(station_layer(table, scale))
    return notebook_map(layers, viewpoint(city.record.bounds))


def stations_picture(city: City, table: pd.DataFrame, scale: Scale, bounds: Bounds) -> str:
    """Return an SVG of the stations over the city's image, coloured by mean traffic.

    table : station_id, lon, lat, mean
    """
    frame = MapFrame(bounds, IMAGE_PX)
    image = frame.image(backdrop(city.folder, IMAGE_PX)) if city.has("imagery") else None
    colours = scale.colours(table["mean"])
    rows = table[["station_id", "lon", "lat", "mean"]].to_numpy()
    marks = [
        frame.mark(lon, lat, css(rgb), f"{station}: {quantity(float(mean), scale.unit)}")
        for (station, lon, lat, mean), rgb in zip(rows, colours, strict=True)
    ]
    return frame.svg("Map of the stations", image=image, marks=marks)


def _picture(city: City) -> str:
    table, scale = pd.DataFrame(columns=["station_id", "lon", "lat", "mean"]), Scale(1, 10, "")
    if city.has("stations"):
        table, scale = _painted(city, None)
    return stations_picture(city, table, scale, city.record.bounds)


def _painted(city: City, service: str | None) -> tuple[pd.DataFrame, Scale]:
    """Return the stations with their mean traffic, if any, and the scale of its colours."""
    name = _service(city, service) if city.has("traffic") else None
    table = station_table(city.folder, name)
    return table, Scale.over(table["mean"], city.record.units.get(name or "", ""))


def _service(city: City, service: str | None) -> str:
    """Return the service that is asked for, by default the first one."""
    with city.traffic:
        known = city.services
    if service is None:
        return known[0]
    if service not in known:
        raise BadInput(f"'{city.name}' has no service '{service}'; it has {', '.join(known)}.")
    return service
