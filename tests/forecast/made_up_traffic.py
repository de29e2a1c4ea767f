"""Synthetic station series with daily and weekend profile and noise."""

import numpy as np
import pandas as pd
import xarray as xr

from netspatial.randomness import stream


def series(
    weeks: int = 4,
    noise: float = 0.1,
    stations: int = 3,
    start: str = "2024-01-08",
    zone: str = "Europe/Rome",
) -> xr.DataArray:
    """Hourly traffic (station, time) of up to four stations, GB/h."""
    hours = np.arange(weeks * 168)
    level = np.array([10.0, 20.0, 5.0, 40.0])[:stations, None]
    profile = 1 + 0.5 * np.sin(2 * np.pi * hours / 24) - 0.3 * ((hours // 24) % 7 >= 5)
    random = noise * level * stream(1, "history").standard_normal((stations, len(hours)))
    return xr.DataArray(
        np.maximum(level * profile + random, 0),
        dims=("station", "time"),
        coords={
            "station": [f"s{n}" for n in range(stations)],
            "time": pd.date_range(start, periods=len(hours), freq="h"),
        },
        attrs={"units": "GB/h", "timezone": zone},
    )


def two_services(**choices: object) -> xr.DataArray:
    """The same as (station, service, time), for calls and data."""
    one = series(**choices)  # type: ignore[arg-type]
    both = xr.concat([one, 3 * one], dim=pd.Index(["call", "data"], name="service"))
    units = xr.DataArray(["calls", "MB"], dims="service")
    return both.transpose("station", "service", "time").assign_coords(units=units)
