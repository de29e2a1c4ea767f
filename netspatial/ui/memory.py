"""Readings kept between two runs of a page, until the city on disk is written anew.

`edition` (see `library.edition`) is part of every key and is read nowhere else.
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
from netspatial.ui import readings
from netspatial.ui.readings import Backdrop
from netspatial.ui.served import picture_address


def backdrop(folder: Path, edition: int) -> Backdrop:
    """Return the city's image for the map."""
    return _backdrop(folder.resolve(), edition)


def served_backdrop(folder: Path, edition: int) -> Backdrop:
    """Return the city's image for the map, served by the app rather than sent along."""
    return _served(folder.resolve(), edition)


@st.cache_resource(max_entries=4, show_spinner="Reading the image …")
def _backdrop(folder: Path, edition: int) -> Backdrop:  # noqa: ARG001 the edition is for the cache
    return readings.backdrop(folder)


@st.cache_resource(max_entries=16, show_spinner="Reading the image …")
def _served(folder: Path, edition: int) -> Backdrop:
    image = backdrop(folder, edition)
    picture = base64.b64decode(image.uri.partition(",")[2])
    return replace(image, uri=picture_address(picture, ".webp"))


@st.cache_data(max_entries=256, show_spinner=False)
def cell_count(wkt: str, cell_m: float, crs: str) -> tuple[int, str]:
    """Return into how many cells an area in lon/lat is cut, and what is wrong with that."""
    try:
        area = Area.from_geometry(shapely.from_wkt(wkt))
        return len(make_grid(area, cell_m, CRS.from_user_input(crs))), ""
    except NetSpatialError as error:
        return 0, str(error)


@st.cache_data(max_entries=16, show_spinner="Reading the stations …")
def station_table(
    folder: Path,
    edition: int,  # noqa: ARG001 the edition is for the cache
    service: str | None,
) -> pd.DataFrame:
    """Return the stations with their mean traffic."""
    return readings.station_table(folder, service)


@st.cache_data(max_entries=4, show_spinner="Reading the points of interest …")
def poi_table(folder: Path, edition: int) -> pd.DataFrame:  # noqa: ARG001 for the cache
    """Return the points of interest."""
    return readings.poi_table(folder)


@st.cache_data(max_entries=64, show_spinner=False)
def station_series(
    folder: Path,
    edition: int,  # noqa: ARG001 the edition is for the cache
    station_id: str,
    service: str,
) -> xr.DataArray | None:
    """Return one station's traffic."""
    return readings.station_series(folder, station_id, service)


@st.cache_data(max_entries=16, show_spinner=False)
def city_series(folder: Path, edition: int, service: str) -> xr.DataArray:  # noqa: ARG001 for the cache
    """Return the traffic of all stations together."""
    return readings.city_series(folder, service)
