"""Downloads of a schedule: exports, written on demand, and the files of the run."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from netspatial.city.city import City
from netspatial.runs.exports.schedule import EXPORTS
from netspatial.runs.kinds.operating_result import FLOWS, FORECAST, STATIONS, SUMMARY, OperateRun
from netspatial.viz.schedule_picture import map_picture

NAMES = {
    ".csv": ("Schedule (CSV)", "one row per station and hour, for spreadsheets"),
    ".parquet": ("Schedule (Parquet)", "the same, for data tools"),
    ".nc": ("Schedule (NetCDF)", "all quantities with their units"),
    ".geojson": ("Stations (GeoJSON)", "what the schedule means for each station"),
}
FILES = {
    STATIONS: ("Stations (GeoParquet)", "the same, for GIS"),
    FORECAST: ("Forecast (NetCDF)", "every sample, as issued"),
    FLOWS: ("Flows (NetCDF)", "traffic moved between stations"),
    SUMMARY: ("Figures (JSON)", "energy, service and notes"),
}


class Offer(NamedTuple):
    """One download: its title, file name, description, and the function that returns its bytes."""

    title: str
    file: str
    meaning: str
    make: Callable[[], bytes]


def offers(shown: OperateRun, city: City | None) -> list[Offer]:
    """Return the downloads of a schedule."""
    name = shown.run.name
    found = []
    for ending in EXPORTS:
        title, meaning = NAMES.get(ending, (ending, "the schedule"))
        found.append(Offer(title, f"{name}{ending}", meaning, exporting(shown, ending)))
    for file, (title, meaning) in FILES.items():
        path = shown.run.path(file)
        if path.is_file():
            found.append(Offer(title, f"{name}-{file}", meaning, path.read_bytes))
    picture = Offer(
        "Map picture (SVG)",
        f"{name}-map.svg",
        "the hour that is shown, with image and legend",
        lambda: map_picture(shown, city, st.session_state.get("op-hour", 0)),
    )
    return [*found, picture]


def exporting(shown: OperateRun, ending: str) -> Callable[[], bytes]:
    """Return a function that writes one export and returns its bytes."""

    def make() -> bytes:
        with tempfile.TemporaryDirectory(prefix="netspatial-export-") as folder:
            path = Path(folder) / f"schedule{ending}"
            EXPORTS[ending](shown, path)
            return path.read_bytes()

    return make


def downloads(shown: OperateRun, city: City | None) -> None:
    """Offer the schedule in every format."""
    with st.popover("Download", icon=":material/download:"):
        for offer in offers(shown, city):
            st.download_button(
                offer.title,
                data=offer.make,
                file_name=offer.file,
                help=offer.meaning,
                key=f"op-download-{offer.title}",
                on_click="ignore",
                width="stretch",
            )
        st.caption("Charts: the camera icon of a chart saves it as a picture.")
