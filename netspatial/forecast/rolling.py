"""Rolling forecasts: a new forecast every day from the measurements available then."""

import numpy as np
import pandas as pd
import xarray as xr

from netspatial.errors import BadInput
from netspatial.forecast.forecaster import Forecaster
from netspatial.progress import Progress, count, silent

EVERY_H = 24
"""Hours between forecasts."""
HORIZON_H = 48
"""Horizon of each forecast, hours: a plan made late in a day still covers the next night."""


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
    progress: Progress = silent,
) -> list[xr.DataArray]:
    """Forecasts issued every `every_h` hours from the measurements available then.

    Parameters
    ----------
    forecaster : Forecaster
        Any forecaster.
    traffic : DataArray (station, time)
        Past and actual traffic, hourly, NaN where not measured.
    first : Timestamp
        First forecast hour, UTC.
    hours : int
        Number of hours to forecast.
    samples : int
        Number of samples.
    seed : int
        Of the samples.
    every_h : int
        Hours between forecasts.
    horizon_h : int
        Hours of each forecast, at least `every_h`; none goes beyond the `hours` from `first` on.
    lead_h : int
        Measurement delay before the first hour of a forecast, hours.
    progress : Progress
        Called with the number of hours for which forecasts exist.

    Returns
    -------
    list of DataArray (station, sample, time)
        One for each issue, beginning at the hour for which it was issued.

    Raises
    ------
    BadInput
        If the traffic does not contain a history for each forecast.
    """
    if hours < 1 or every_h < 1 or horizon_h < every_h:
        raise BadInput(
            "Rolling forecasts need at least one hour, and horizon_h must not be below every_h."
        )
    times = pd.DatetimeIndex(traffic["time"].to_numpy())
    begin = int(times.searchsorted(first))
    origins = range(0, hours, every_h)
    late = begin + origins[-1] > len(times) or begin <= lead_h
    if late or (begin < len(times) and times[begin] != first):
        raise BadInput(
            f"The traffic from {times[0]} to {times[-1]} is too short for forecasts from {first} "
            f"on, every {every_h} hours for {hours} hours."
        )
    made = []
    for start in origins:
        known = traffic.isel(time=slice(0, begin + start - lead_h))
        ahead = min(horizon_h, hours - start)
        whole = forecaster.predict(known, lead_h + ahead, samples, seed)
        made.append(whole.isel(time=slice(lead_h, None)))
        count(progress, min(start + every_h, hours), hours, "hours")
    return made


def split_forecast(
    forecast: xr.DataArray, every_h: int = EVERY_H, horizon_h: int = HORIZON_H
) -> list[xr.DataArray]:
    """Split one long forecast into shorter ones, for policies that decide day by day.

    Parameters
    ----------
    forecast : DataArray (station, sample, time)
        Hourly forecast.
    every_h : int
        Hours between the beginnings of two parts.
    horizon_h : int
        Maximum hours of each part.

    Returns
    -------
    list of DataArray (station, sample, time)

    Examples
    --------
    >>> long = xr.DataArray(np.zeros((1, 1, 72)), dims=("station", "sample", "time"))
    >>> [part.sizes["time"] for part in split_forecast(long)]
    [48, 48, 24]
    """
    hours = forecast.sizes["time"]
    return [
        forecast.isel(time=slice(start, start + horizon_h)) for start in range(0, hours, every_h)
    ]


def latest_of(forecasts: list[xr.DataArray]) -> xr.DataArray:
    """Latest available forecast of each hour.

    Parameters
    ----------
    forecasts : list of DataArray (station, sample, time)
        In the order in which they were issued.

    Returns
    -------
    DataArray (station, sample, time)
    """
    starts = [one["time"].to_numpy()[0] for one in forecasts[1:]]
    parts = [
        one.isel(time=slice(0, int(np.searchsorted(one["time"].to_numpy(), start))))
        for one, start in zip(forecasts[:-1], starts, strict=True)
    ]
    joined: xr.DataArray = xr.concat(
        [*parts, forecasts[-1]], dim="time", join="override", combine_attrs="override"
    )
    return joined.transpose("station", "sample", "time")
