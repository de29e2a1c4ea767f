"""Everything a schedule can be taken away as: the run's own files, and tables made when asked."""

import json
from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from netspatial.runs.operating_result import (
    FLOWS,
    FORECAST,
    SCHEDULE,
    SCHEDULE_TABLE,
    STATIONS,
    SUMMARY,
    schedule_table,
)
from netspatial.ui.operate_shown import ShownSchedule


class Offer(NamedTuple):
    """One file: what it is called, its ending, what is in it, and what makes its bytes."""

    title: str
    ending: str
    meaning: str
    make: Callable[[], bytes]


def offers(shown: ShownSchedule) -> list[Offer]:
    """Return what can be downloaded of a schedule."""
    path = shown.run.path
    found = [
        Offer("Schedule (CSV)", "schedule.csv", "one row a station and hour",
              lambda: schedule_csv(shown)),
        Offer("Schedule (Parquet)", "schedule.parquet", "the same, for data tools",
              path(SCHEDULE_TABLE).read_bytes),
        Offer("Schedule (NetCDF)", "schedule.nc", "all quantities with their units",
              path(SCHEDULE).read_bytes),
        Offer("Stations (GeoParquet)", "stations.parquet", "each station's energy and service",
              path(STATIONS).read_bytes),
        Offer("Stations (GeoJSON)", "stations.geojson", "the same, for the web",
              lambda: stations_geojson(shown)),
        Offer("Forecast (NetCDF)", "forecast.nc", "every draw, each as it was issued",
              path(FORECAST).read_bytes),
        Offer("Figures (JSON)", "summary.json", "energy, service and notes",
              path(SUMMARY).read_bytes),
    ]  # fmt: skip
    if path(FLOWS).is_file():
        found.append(
            Offer("Flows (NetCDF)", "flows.nc", "whose load went where", path(FLOWS).read_bytes)
        )
    return found


def schedule_csv(shown: ShownSchedule) -> bytes:
    """Return the schedule as rows, after a line that says whose numbers they are."""
    facts = shown.facts
    head = (
        f"# NetSpatial schedule; traffic of these hours is {facts['provenance']}, of the "
        f"{facts['city']['provenance']} city {facts['city']['name']}; traffic in {shown.unit}, "
        "energy in kWh, loads as parts of the capacity\n"
    )
    return (head + schedule_table(shown.schedule).to_csv(index=False)).encode()


def stations_geojson(shown: ShownSchedule) -> bytes:
    """Return the stations as GeoJSON that says what it is."""
    told = json.loads(shown.stations.to_json())
    told["netspatial"] = {
        name: shown.facts[name] for name in ("city", "provenance", "licences", "attribution")
    }
    return json.dumps(told).encode()


def downloads(shown: ShownSchedule) -> None:
    """Offer the schedule in every format."""
    with st.popover("Download", icon=":material/download:"):
        for number, offer in enumerate(offers(shown)):
            st.download_button(
                offer.title, data=offer.make, file_name=f"{shown.run.name}-{offer.ending}",
                help=offer.meaning, key=f"op-download-{number}", on_click="ignore",
                width="stretch",
            )  # fmt: skip
        st.caption("Charts: the camera in the corner of each saves it as a picture.")
