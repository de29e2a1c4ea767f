"""Cached queries: kept between two runs of a page until the city on disk changes.

`city_version` (see `library.city_version`) is only part of the cache keys.
"""

import base64
from dataclasses import replace
from pathlib import Path

import pandas as pd
import shapely
import streamlit as st
import xarray as xr
from pyproj import CRS

from netspatial.area import Area
from netspatial.errors import NetSpatialError
from netspatial.grid import make_grid
from netspatial.ui.server.static_files import picture_address
from netspatial.viz import city_queries
from netspatial.viz.city_map import Backdrop


def backdrop(folder: Path, city_version: int) -> Backdrop:
    """Return the city's image for the map."""
    return _backdrop(folder.resolve(), city_version)


def served_backdrop(folder: Path, city_version: int) -> Backdrop:
    """Return the city's image for the map, as an address that the app serves."""
    return _served(folder.resolve(), city_version)


@st.cache_resource(max_entries=4, show_spinner="Reading the image …")
def _backdrop(folder: Path, city_version: int) -> Backdrop:  # noqa: ARG001 for the cache
    return city_queries.backdrop(folder)


@st.cache_resource(max_entries=16, show_spinner="Reading the image …")
def _served(folder: Path, city_version: int) -> Backdrop:
    image = backdrop(folder, city_version)
    picture = base64.b64decode(image.uri.partition(",")[2])
    return replace(image, uri=picture_address(picture, ".webp"))


@st.cache_data(max_entries=256, show_spinner=False)
def cell_count(wkt: str, cell_m: float, crs: str) -> tuple[int, str]:
    """Return the number of cells of an area in lon/lat, and an error message or ''."""
    try:
        area = Area.from_geometry(shapely.from_wkt(wkt))
        return len(make_grid(area, cell_m, CRS.from_user_input(crs))), ""
    except NetSpatialError as error:
        return 0, str(error)


@st.cache_data(max_entries=16, show_spinner="Reading the stations …")
def station_table(
    folder: Path,
    city_version: int,  # noqa: ARG001 for the cache
    service: str | None,
) -> pd.DataFrame:
    """Return the stations with their mean traffic."""
    return city_queries.station_table(folder, service)


@st.cache_data(max_entries=4, show_spinner="Reading the points of interest …")
def poi_table(folder: Path, city_version: int) -> pd.DataFrame:  # noqa: ARG001 for the cache
    """Return the points of interest."""
    return city_queries.poi_table(folder)


@st.cache_data(max_entries=64, show_spinner=False)
def station_series(
    folder: Path,
    city_version: int,  # noqa: ARG001 for the cache
    station_id: str,
    service: str,
) -> xr.DataArray | None:
    """Return one station's traffic."""
    return city_queries.station_series(folder, station_id, service)


@st.cache_data(max_entries=16, show_spinner=False)
def city_series(folder: Path, city_version: int, service: str) -> xr.DataArray:  # noqa: ARG001 for the cache
    """Return the traffic of all stations together."""
    return city_queries.city_series(folder, service)
