import numpy as np
import pandas as pd
import pytest
import xarray as xr

from netspatial.ui.components.station_summary import station_summary


def month(values: np.ndarray, timezone: str = "Etc/UTC") -> xr.DataArray:
    times = pd.date_range("2024-01-01", periods=values.size, freq="h")
    return xr.DataArray(
        values,
        dims="time",
        coords={"time": times},
        attrs={"units": "GB/h", "timezone": timezone},
    )


def test_the_summary_of_a_known_month() -> None:
    hours = np.arange(28 * 24) % 24
    seen = station_summary(month(np.where(hours == 18, 25.0, 1.0)), capacity=50.0)
    assert seen is not None
    assert seen.mean == pytest.approx(2.0)
    assert (seen.peak_hour, seen.peak_mean) == (18, 25.0)
    assert seen.p95 == pytest.approx(1.0)  # one hour in 24 is above the 95th percentile
    assert seen.capacity_use == pytest.approx(0.02)


def test_the_peak_hour_is_in_local_time() -> None:
    hours = np.arange(28 * 24) % 24
    seen = station_summary(month(np.where(hours == 23, 5.0, 1.0), "Etc/GMT-2"), capacity=50.0)
    assert seen is not None
    assert seen.peak_hour == 1


@pytest.mark.parametrize("capacity", [np.nan, 0.0])
def test_unknown_capacity_gives_no_use(capacity: float) -> None:
    seen = station_summary(month(np.ones(48)), capacity)
    assert seen is not None
    assert np.isnan(seen.capacity_use)


def test_missing_hours_are_ignored() -> None:
    values = np.full(28 * 24, 3.0)
    values[::7] = np.nan
    seen = station_summary(month(values), capacity=6.0)
    assert seen is not None
    assert (seen.mean, seen.p95, seen.capacity_use) == (3.0, 3.0, 0.5)


def test_a_station_without_any_recorded_hour_has_no_summary() -> None:
    assert station_summary(month(np.full(48, np.nan)), capacity=6.0) is None
