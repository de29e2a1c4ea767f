"""The measured traffic of a city, taken from its file in order or refused with one sentence.

Behind `City.measured`: whoever computes with traffic reads it here.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from netspatial.errors import BadInput
from netspatial.netcdf import sound

DIMENSIONS = ("station", "time")
MOST = 1e30
"""Beyond this nothing was measured, in no unit, and sums overflow."""


def measured(traffic: xr.Dataset, services: Sequence[str], path: Path) -> xr.Dataset:
    """Return these services over (station, time), in memory; NaN where nothing was measured.

    Stations are named by text, each once; times are UTC and increase.
    """
    for name in services:
        if name not in traffic.data_vars:
            known = ", ".join(map(str, traffic.data_vars)) or "none"
            raise BadInput(f"{path} has no service '{name}'; it has {known}.")
    for way in DIMENSIONS:
        if way not in traffic.coords or traffic[way].dims != (way,) or not traffic[way].size:
            raise BadInput(f"{path} names no {way}; it needs a coordinate '{way}'.")
    chosen = traffic[list(services)]
    for service, series in chosen.data_vars.items():
        if set(series.dims) != set(DIMENSIONS) or series.dtype.kind not in "fiu":
            raise BadInput(f"'{service}' in {path} is not a number for every station and time.")
    with sound(path):
        loaded = chosen.transpose(*DIMENSIONS).load()
        named = loaded.assign_coords(station=loaded["station"].to_numpy().astype(str))
    _check_coordinates(named, path)
    for service, series in named.data_vars.items():
        if (np.abs(series.to_numpy()) > MOST).any():
            raise BadInput(f"'{service}' in {path} is infinite in some hours, or beyond {MOST:g}.")
    return named


def _check_coordinates(traffic: xr.Dataset, path: Path) -> None:
    times, stations = traffic["time"].to_numpy(), pd.Index(traffic["station"].to_numpy())
    if times.dtype.kind != "M" or np.isnat(times).any():
        raise BadInput(f"The times in {path} are not time stamps; they need hours in UTC.")
    if (np.diff(times) <= np.timedelta64(0)).any():
        raise BadInput(f"The times in {path} do not increase; each hour has to come once.")
    if stations.has_duplicates:
        twice = stations[stations.duplicated()][0]
        raise BadInput(f"Station '{twice}' occurs more than once in {path}.")
