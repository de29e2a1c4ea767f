"""What a forecast shows in a notebook: each service in numbers and a map of its mean."""

import pandas as pd

from netspatial.forecast.city_forecast import TrafficForecast
from netspatial.viz.city_queries import station_table
from netspatial.viz.colours import Scale
from netspatial.viz.notebook_city import stations_map, stations_picture
from netspatial.viz.notebook_page import NotebookMap, card
from netspatial.viz.wording import number, service_name


def forecast_html(forecast: TrafficForecast) -> str:
    """Return the mean and the range of each service, with a map of the stations."""
    attrs, sizes = forecast.samples.attrs, forecast.samples.sizes
    counts = f"{sizes['station']} stations, {sizes['time']} hours, {sizes['sample']} samples"
    lines = [
        f"{counts} by {attrs['model']}",
        f"Forecast, not measured. Data: {forecast.attribution}",
    ]
    picture = ""
    if forecast.city.has("stations"):
        means = _means(forecast, None)
        table = station_table(forecast.city.folder, None)
        table = table.assign(mean=means.reindex(table["station_id"]).to_numpy())
        table = table[table["mean"].notna()]
        scale = Scale.over(table["mean"], str(forecast.service().attrs["units"]))
        picture = stations_picture(forecast.city, table, scale, forecast.city.record.bounds)
    title = f"Forecast for {forecast.city.name}"
    return card(title, lines, services_table(forecast), picture)


def services_table(forecast: TrafficForecast) -> pd.DataFrame:
    """Return one row per service: mean of a station and hour, and 80 % range over the samples."""
    rows = []
    for name in forecast.services:
        samples = forecast.service(name)
        means = samples.mean(("station", "time"))
        low, high = (float(means.quantile(level)) for level in (0.1, 0.9))
        rows.append(
            {
                "service": service_name(name),
                "unit": str(samples.attrs["units"]),
                "mean": number(float(means.mean())),
                "80 % range": f"{number(low)} – {number(high)}",
            }
        )
    return pd.DataFrame(rows)


def forecast_map(forecast: TrafficForecast, service: str | None) -> NotebookMap:
    """Return the stations coloured by their mean forecast."""
    unit = str(forecast.service(service).attrs["units"])
    return stations_map(forecast.city, _means(forecast, service), unit)


def _means(forecast: TrafficForecast, service: str | None) -> "pd.Series[float]":
    means = forecast.service(service).mean(("sample", "time"))
    return pd.Series(means.to_numpy(), index=means["station"].to_numpy().astype(str))
