"""Rolling forecasts: the coming hours forecast again every day, from what is known by then."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import xarray as xr

from netspatial.errors import BadInput
from netspatial.forecast.forecaster import Forecaster

EVERY_H = 24
"""Hours after which the coming ones are forecast anew."""
HORIZON_H = 48
"""Hours that one such forecast reaches: a plan made late in a day still sees the next night."""


def rolling_forecasts(
    forecaster: Forecaster,
    traffic: xr.DataArray,
    first: pd.Timestamp,
    hours: int,
    samples: int,
    seed: int,
    *,
    every_h: int = EVERY_H,
    horizon_h: int = HORIZON_H,
    lead_h: int = 0,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[xr.DataArray]:
    """Forecasts (station, sample, time) made every `every_h` hours, from what is measured by then.

    traffic : (station, time), the measured past and what came after it, NaN where not measured
    lead_h  : hours by which measurements come too late for the first hour of a forecast
    Each forecast reaches `horizon_h` hours or to the end of the `hours` from `first` on.
    """
    if hours < 1 or every_h < 1 or horizon_h < every_h:
        raise BadInput("Rolling forecasts need at least one hour, and each must reach to the next.")
    times = pd.DatetimeIndex(traffic["time"].to_numpy())
    begin = int(times.searchsorted(first))
    origins = range(0, hours, every_h)
    late = begin + origins[-1] > len(times) or begin <= lead_h
    if late or (begin < len(times) and times[begin] != first):
        raise BadInput(
            f"The traffic runs from {times[0]} to {times[-1]}; forecasts from {first} on, every "
            f"{every_h} hours for {hours} hours, need more of it."
        )
    made = []
    for start in origins:
        known = traffic.isel(time=slice(0, begin + start - lead_h))
        ahead = min(horizon_h, hours - start)
        whole = forecaster.predict(known, lead_h + ahead, samples, seed)
        made.append(whole.isel(time=slice(lead_h, None)))
        progress(min(start + every_h, hours), hours)
    return made


def split_forecast(
    forecast: xr.DataArray, every_h: int = EVERY_H, horizon_h: int = HORIZON_H
) -> list[xr.DataArray]:
    """Cut one long forecast into shorter ones, for policies that decide day by day."""
    hours = forecast.sizes["time"]
    return [
        forecast.isel(time=slice(start, start + horizon_h)) for start in range(0, hours, every_h)
    ]


def latest_of(forecasts: list[xr.DataArray]) -> xr.DataArray:
    """Each hour as the latest forecast before it has it, (station, sample, time)."""
    starts = [one["time"].to_numpy()[0] for one in forecasts[1:]]
    parts = [
        one.isel(time=slice(0, int(np.searchsorted(one["time"].to_numpy(), start))))
        for one, start in zip(forecasts[:-1], starts, strict=True)
    ]
    joined: xr.DataArray = xr.concat(
        [*parts, forecasts[-1]], dim="time", join="override", combine_attrs="override"
    )
    return joined.transpose("station", "sample", "time")
