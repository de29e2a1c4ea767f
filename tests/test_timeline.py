"""Daily and weekly profiles are in local time, with daylight saving."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.errors import BadInput
from netspatial.timeline import (
    HOURS_PER_WEEK,
    daily_profile,
    hour_of_week,
    local_times,
    timezone_named,
    weekly_profile,
)


def _series(start: str, hours: int, timezone: str = "Europe/Rome") -> xr.DataArray:
    """A series whose value is its local hour of the week."""
    times = pd.date_range(start, periods=hours, freq="h")
    local = times.tz_localize("UTC").tz_convert(timezone)
    values = local.day_of_week * 24 + local.hour
    return xr.DataArray(
        np.asarray(values, dtype=float)[None, :],
        dims=("station", "time"),
        coords={"time": times},
        attrs={"timezone": timezone, "units": "MB"},
    )


@given(
    st.datetimes(pd.Timestamp("2020-01-01"), pd.Timestamp("2030-01-01")),
    st.sampled_from(["Europe/Rome", "America/New_York", "Asia/Shanghai", "Etc/GMT+5"]),
)
@settings(max_examples=15)
def test_a_weekly_profile_finds_each_local_hour(start, timezone):
    start = pd.Timestamp(start).floor("h")
    profile = weekly_profile(_series(start, 4 * HOURS_PER_WEEK, timezone))
    assert profile.sizes["hour_of_week"] == HOURS_PER_WEEK
    assert profile.to_numpy()[0] == pytest.approx(np.arange(HOURS_PER_WEEK))
    assert profile.attrs["units"] == "MB"


@pytest.mark.parametrize(
    ("days", "expected"), [("all", 72.0), ("weekday", 48.0), ("weekend", 132.0)]
)
def test_a_daily_profile_uses_the_given_days(days, expected):
    # local midnight of a Monday in summer
    profile = daily_profile(_series("2024-07-07T22:00", 4 * HOURS_PER_WEEK), days=days)
    assert profile.to_numpy()[0] == pytest.approx(np.arange(24) + expected)


def test_one_hour_occurs_twice_when_the_clock_is_put_back():
    times = local_times(_series("2024-10-26T22:00", 25))
    assert list(times.hour[:5]) == [0, 1, 2, 2, 3]
    assert hour_of_week(times)[0] == 144


def test_a_given_timezone_overrides_the_attribute():
    series = _series("2024-01-01", 24)
    assert local_times(series, "Asia/Tokyo")[0].hour == 9
    assert local_times(series)[0].hour == 1


def test_a_series_without_a_timezone_is_refused():
    series = _series("2024-01-01", 24)
    del series.attrs["timezone"]
    with pytest.raises(BadInput, match="has no timezone"):
        local_times(series)


@pytest.mark.parametrize("name", ["Europe/Rome", "UTC", "America/Sao_Paulo"])
def test_a_known_timezone_is_accepted(name: str) -> None:
    assert timezone_named(name) == name


@pytest.mark.parametrize(
    "name", ["", "Mars/Crater", "Europe", "/", "../../etc/passwd", "a" * 5000, "\x00", "\udcff"]
)
def test_an_unknown_timezone_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="is not an IANA timezone such as Europe/Rome"):
        timezone_named(name)
