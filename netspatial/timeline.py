"""Hours and weeks: from UTC time stamps on disk to the local clock that traffic follows.

Series carry UTC time stamps without a zone and a `timezone` attribute beside them; daily and
weekly shapes are read on the local clock, where a day may have 23 or 25 hours.
"""

import pandas as pd
import xarray as xr

from netspatial.errors import BadInput

HOURS_PER_WEEK = 168


def local_times(
    traffic: xr.DataArray | xr.Dataset, timezone: str | None = None
) -> pd.DatetimeIndex:
    """Return the series' time stamps on the local clock of `timezone` or of its own attribute."""
    zone = timezone or traffic.attrs.get("timezone")
    if zone is None:
        raise BadInput("This series names no timezone; give one, for example 'Europe/Rome'.")
    return pd.DatetimeIndex(traffic["time"].to_numpy()).tz_localize("UTC").tz_convert(zone)


def hour_of_week(times: pd.DatetimeIndex) -> pd.Index:
    """Return 0 for Monday 00:00 to 167 for Sunday 23:00, on the clock that `times` carry."""
    return times.day_of_week * 24 + times.hour


def weekly_profile(traffic: xr.DataArray, timezone: str | None = None) -> xr.DataArray:
    """Mean traffic for each of the 168 local hours of the week, in the unit of `traffic`."""
    hours = xr.DataArray(
        hour_of_week(local_times(traffic, timezone)).to_numpy(), dims="time", name="hour_of_week"
    )
    profile: xr.DataArray = traffic.groupby(hours).mean("time")
    profile.attrs = dict(traffic.attrs)
    return profile


def daily_profile(
    traffic: xr.DataArray, timezone: str | None = None, *, days: str = "all"
) -> xr.DataArray:
    """Mean traffic for each of the 24 local hours, over 'all' days, 'weekday' or 'weekend'."""
    times = local_times(traffic, timezone)
    chosen = {
        "all": times.day_of_week >= 0,
        "weekday": times.day_of_week < 5,
        "weekend": times.day_of_week >= 5,
    }[days]
    hours = xr.DataArray(times.hour[chosen].to_numpy(), dims="time", name="hour")
    profile: xr.DataArray = traffic.isel(time=chosen).groupby(hours).mean("time")
    profile.attrs = dict(traffic.attrs)
    return profile
