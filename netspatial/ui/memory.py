"""Readings kept between two runs of a page, until the city on disk is written anew.

`edition` (see `library.edition`) is part of every key and is read nowhere else.
"""

from pathlib import Path

import pandas as pd
import streamlit as st
import xarray as xr

from netspatial.ui import readings
from netspatial.ui.readings import Backdrop


@st.cache_resource(max_entries=4, show_spinner="Reading the image …")
def backdrop(folder: Path, edition: int) -> Backdrop:  # noqa: ARG001 the edition is for the cache
    """Return the city's image for the map."""
    return readings.backdrop(folder)


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
