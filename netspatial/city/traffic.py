"""Read and check the measured traffic of a city; used by `City.measured`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from netspatial.errors import BadInput
from netspatial.netcdf import sound

DIMENSIONS = ("station", "time")
MOST = 1e30
"""Maximum plausible value in any unit; above it sums overflow."""


def measured(traffic: xr.Dataset, services: Sequence[str], path: Path) -> xr.Dataset:
    """Return these services over (station, time), in memory; NaN where nothing was measured.

    Station names are text and unique; times are UTC and increase.
    """
    for name in services:
        if name not in traffic.data_vars:
            known = ", ".join(map(str, traffic.data_vars)) or "none"
            raise BadInput(f"{path} has no service '{name}'; it has {known}.")
    for name in DIMENSIONS:
        if name not in traffic.coords or traffic[name].dims != (name,) or not traffic[name].size:
            raise BadInput(f"{path} has no {name}; it needs a coordinate '{name}'.")
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
        raise BadInput(f"The times in {path} are not time stamps; give hours in UTC.")
    if (np.diff(times) <= np.timedelta64(0)).any():
        raise BadInput(f"The times in {path} do not increase; each hour must occur once.")
    if stations.has_duplicates:
        twice = stations[stations.duplicated()][0]
        raise BadInput(f"Station '{twice}' occurs more than once in {path}.")
