"""Hours and weeks: from UTC time stamps on disk to local time.

Series have UTC time stamps without a zone and a `timezone` attribute; daily and weekly profiles
are computed in local time, where a day may have 23 or 25 hours.
"""

from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from netspatial.arrays import Indices
from netspatial.errors import BadInput

HOURS_PER_WEEK = 168
HOURS_PER_DAY = 24

Real = TypeVar("Real", bound=np.floating)


def timezone_named(name: str) -> str:
    """Return the name of a timezone; raise where it is unknown."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(f"'{name}' is not an IANA timezone such as Europe/Rome.") from error
    return name


def local_times(
    traffic: xr.DataArray | xr.Dataset, timezone: str | None = None
) -> pd.DatetimeIndex:
    """Return the series' time stamps on the local clock of `timezone` or of its own attribute.

    Parameters
    ----------
    traffic : xarray.DataArray or xarray.Dataset
        Series with the coordinate `time`, UTC without a zone.
    timezone : str, optional
        IANA name; by default the attribute `timezone` of the series.

    Returns
    -------
    pandas.DatetimeIndex
        Local time stamps with their zone.

    Raises
    ------
    BadInput
        If no timezone is known.

    Examples
    --------
    >>> hours = pd.date_range("2026-01-05", periods=1, freq="h")
    >>> series = xr.DataArray([1.0], dims="time", coords={"time": hours})
    >>> str(local_times(series, "Europe/Rome")[0])
    '2026-01-05 01:00:00+01:00'
    """
    zone = timezone or traffic.attrs.get("timezone")
    if zone is None:
        raise BadInput("This series has no timezone; give one, for example 'Europe/Rome'.")
    return pd.DatetimeIndex(traffic["time"].to_numpy()).tz_localize("UTC").tz_convert(zone)


def hour_of_week(times: pd.DatetimeIndex) -> pd.Index:
    """Return 0 for Monday 00:00 to 167 for Sunday 23:00, in the time zone of `times`.

    Parameters
    ----------
    times : pandas.DatetimeIndex
        Time stamps, for example of `local_times`.

    Returns
    -------
    pandas.Index
        Hours of the week.

    Examples
    --------
    >>> hour_of_week(pd.DatetimeIndex(["2026-01-05 08:00", "2026-01-11 23:00"])).tolist()
    [8, 167]
    """
    return times.day_of_week * 24 + times.hour


def local_steps(
    times: pd.DatetimeIndex, timezone: str, steps_per_day: int = HOURS_PER_DAY
) -> Indices:
    """Return the number of each time stamp's step on the local clock, (T,).

    Counted from Monday 00:00 of the first local week: step % steps_per_day is the step of the local
    day, step // steps_per_day the number of the day. Where the clock is put forward a number is
    left out; where it is put back, numbers occur twice.

    times : UTC, without a zone
    """
    local = times.tz_localize("UTC").tz_convert(timezone).tz_localize(None)
    monday = local[0].normalize() - pd.Timedelta(days=local[0].day_of_week)
    step = pd.Timedelta(days=1) / steps_per_day
    return np.asarray((local - monday) // step, dtype=np.int64)


def on_local_clock(x: NDArray[Real], steps: Indices, count: int) -> NDArray[Real]:
    """Return series (n, T) on the local clock, (n, count): whole days of equal steps.

    A step that occurs twice is the mean of both; a skipped step, and one without a time stamp, is
    NaN.

    steps : (T,) of the local clock; those outside 0 to count are left out
    """
    inside = np.flatnonzero((steps >= 0) & (steps < count))
    shown, first = np.unique(steps[inside], return_index=True)
    local = np.full((len(x), count), np.nan, dtype=x.dtype)
    local[:, shown] = x[:, inside[first]]
    for step in np.unique(np.delete(steps[inside], first)):
        both = x[:, steps == step]
        known = ~np.isnan(both)
        total = np.where(known, both, 0).sum(axis=1)
        local[:, step] = np.where(
            known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan
        )
    return local


def weekly_profile(traffic: xr.DataArray, timezone: str | None = None) -> xr.DataArray:
    """Return mean traffic for each of the 168 local hours of the week, in the unit of `traffic`.

    Parameters
    ----------
    traffic : xarray.DataArray
        Hourly series with a dimension `time`, UTC without a zone.
    timezone : str, optional
        IANA name; by default the attribute `timezone` of the series.

    Returns
    -------
    xarray.DataArray
        `hour_of_week` in place of `time`.

    Examples
    --------
    >>> hours = pd.date_range("2026-01-05", periods=168, freq="h")
    >>> week = xr.DataArray(np.arange(168.0), dims="time", coords={"time": hours})
    >>> weekly_profile(week, "Europe/Rome")[:3].to_numpy().tolist()
    [167.0, 0.0, 1.0]
    """
    hours = xr.DataArray(
        hour_of_week(local_times(traffic, timezone)).to_numpy(), dims="time", name="hour_of_week"
    )
    profile: xr.DataArray = traffic.groupby(hours).mean("time")
    profile.attrs = dict(traffic.attrs)
    return profile


def daily_profile(
    traffic: xr.DataArray, timezone: str | None = None, *, days: str = "all"
) -> xr.DataArray:
    """Return mean traffic for each of the 24 local hours, over 'all' days, 'weekday' or 'weekend'.

    Parameters
    ----------
    traffic : xarray.DataArray
        Hourly series with a dimension `time`, UTC without a zone.
    timezone : str, optional
        IANA name; by default the attribute `timezone` of the series.
    days : str
        'all', 'weekday' or 'weekend'.

    Returns
    -------
    xarray.DataArray
        `hour` in place of `time`.

    Examples
    --------
    >>> hours = pd.date_range("2026-01-05", periods=168, freq="h")
    >>> week = xr.DataArray(np.arange(168.0), dims="time", coords={"time": hours})
    >>> daily_profile(week, "UTC", days="weekend")[:2].to_numpy().tolist()
    [132.0, 133.0]
    """
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
