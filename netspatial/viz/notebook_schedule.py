"""What a schedule shows in a notebook: its metrics, a map of one hour, and an interactive map."""

import pandas as pd

from netspatial.runs.exports.schedule import origin_sentence
from netspatial.runs.kinds.operating_result import OperateRun
from netspatial.viz.city_map import image_layer
from netspatial.viz.city_queries import backdrop
from netspatial.viz.notebook_page import IMAGE_PX, NotebookMap, card, notebook_map
from netspatial.viz.schedule_charts import sleepiest_hour, states
from netspatial.viz.schedule_map import bounds_of, flow_layer, schedule_view, state_layer
from netspatial.viz.schedule_picture import map_picture
from netspatial.viz.wording import number

MAP_PX = 440


def schedule_html(night: OperateRun) -> str:
    """Return the metrics of a schedule, with a map of the hour in which most stations sleep."""
    asked, facts = night.request, night.facts
    title = f"Schedule of {len(night.ids)} stations in {facts['city']['name']}"
    lines = [
        f"{asked.hours} hours from {night.hours[0]}, policy {asked.policy}",
        origin_sentence(night),
        *night.summary["notes"],
    ]
    picture = map_picture(night, night.city, sleepiest_hour(night.schedule), IMAGE_PX).decode()
    return card(title, lines, metrics_table(night), picture)


def metrics_table(night: OperateRun) -> pd.DataFrame:
    """Return the main metrics of a schedule as text, with their 80 % range for upcoming hours."""
    found, ranges = night.metrics, night.summary["ranges"]
    shown = [
        ("energy, kWh", "energy_kwh", 1.0),
        ("saved, % of always on", "saving_pct", 1.0),
        ("traffic served (QoE), %", "qoe", 100.0),
        ("worst hour served, %", "worst_hour", 100.0),
        ("asleep, % of station-hours", "asleep_share", 100.0),
        ("activations per station and day", "wakeups_per_station_day", 1.0),
        ("overloaded, station-hours", "overload_hours", 1.0),
    ]
    table = pd.DataFrame(
        {
            "metric": [name for name, _, _ in shown],
            "value": [_precise(times * getattr(found, field)) for _, field, times in shown],
        }
    )
    if not ranges:
        return table
    spans = [
        " – ".join(_precise(times * end) for end in ranges[field]) for _, field, times in shown
    ]
    return table.assign(**{"80 % range": spans})


def schedule_map(night: OperateRun, hour: int | None) -> NotebookMap:
    """Return the states of the stations and the moved traffic of one hour."""
    at = sleepiest_hour(night.schedule) if hour is None else hour
    schedule, places, flows = night.schedule, night.places, night.flow_table
    layers = [image_layer(backdrop(night.city.folder))] if night.city.has("imagery") else []
    now = flows[flows["hour"] == at]
    if len(now):
        layers.append(flow_layer(now, float(flows["traffic"].max()), night.unit))
    load, demand = (schedule[name].to_numpy()[:, at] for name in ("load_after", "demand"))
    layers.append(state_layer(places, states(schedule)[:, at], load, demand, night.unit))
    return notebook_map(layers, schedule_view(bounds_of(places), "flat", MAP_PX))


def _precise(value: float) -> str:
    """Return a number; shares near 100 % need two decimals."""
    return f"{value:.2f}" if 10 <= abs(value) < 1000 else number(value)
