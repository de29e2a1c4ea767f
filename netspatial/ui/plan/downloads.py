"""Downloads of a plan: exports, written on demand, the map and the generated traffic."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from netspatial.runs.exports import EXPORTS, ExportRequest
from netspatial.runs.exports.contract import Table
from netspatial.runs.kinds.plan_result import TRAFFIC, PlanRun
from netspatial.runs.report.site_map import draw_map

NAMES = {
    "geoparquet": "GeoParquet",
    "geojson": "GeoJSON",
    "geopackage": "GeoPackage",
    "csv": "CSV",
    "kml": "KML",
    "geotiff": "GeoTIFF",
    "html": "Report (HTML)",
}
TABLES: dict[Table, str] = {
    "cells": "All cells",
    "sites": "Selected sites",
    "site_change": "Before / after",
}


def downloads(run: PlanRun) -> None:
    """Offer the plan in every format, its map and its traffic."""
    with st.popover("Download", icon=":material/download:"):
        table = st.segmented_control(
            "Rows",
            list(TABLES),
            format_func=TABLES.__getitem__,
            default="cells",
            required=True,
            key="rows",
            label_visibility="collapsed",
        )
        for name, known in EXPORTS.items():
            if table == "site_change" and not known.lines:
                continue
            st.download_button(
                NAMES.get(name, name),
                data=making(run, name, table),
                file_name=f"{run.run.name}-{table}{known.suffix}",
                help=known.meaning,
                key=f"download-{name}",
                on_click="ignore",
                width="stretch",
            )
        st.download_button(
            "Map picture (SVG)",
            data=lambda: map_picture(run),
            file_name=f"{run.run.name}-map.svg",
            mime="image/svg+xml",
            key="download-map",
            on_click="ignore",
            width="stretch",
            help="the map with image, cells, sites and scale bar",
        )
        st.download_button(
            "Generated traffic (NetCDF)",
            data=run.run.path(TRAFFIC).read_bytes,
            file_name=f"{run.run.name}-traffic.nc",
            key="download-traffic",
            on_click="ignore",
            width="stretch",
            help="every hour of every sample of every cell",
        )
        st.caption("Charts: the camera icon of a chart saves it as a picture.")


def making(run: PlanRun, name: str, table: Table) -> Callable[[], bytes]:
    """Return a function that writes one export and returns its bytes."""

    def make() -> bytes:
        with tempfile.TemporaryDirectory(prefix="netspatial-export-") as folder:
            path = Path(folder) / f"plan{EXPORTS[name].suffix}"
            EXPORTS[name].write(run, path, ExportRequest(table))
            return path.read_bytes()

    return make


def map_picture(run: PlanRun) -> bytes:
    """Return the map of the plan as an SVG file."""
    return draw_map(run).encode()
