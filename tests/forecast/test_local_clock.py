"""Seasonal forecasts follow the local clock across a change."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from netspatial.forecast import RULES
from netspatial.forecast.history import read_history
from netspatial.forecast.schaake import schaake_shuffle
from netspatial.forecast.smoothing import ExponentialSmoothing

SEASONAL = [RULES["seasonal-naive"], RULES["hour-of-week"], ExponentialSmoothing()]
CHANGES = ["2025-03-30", "2025-10-26"]


def peaked(first: str, last: str) -> xr.DataArray:
    """Stations in Rome from one local day up to another, with a peak at 08:00 on the clock."""
    local = pd.date_range(first, last, freq="h", tz="Europe/Rome", inclusive="left")
    x = np.where(local.hour == 8, 50.0, 10.0 + local.hour / 4)
    x = x * (1 + 1e-3 * np.sin(np.arange(len(x))))  # smoothing needs some variation
    times = local.tz_convert("UTC").tz_localize(None)
    return xr.DataArray(
        np.stack([x, 2 * x]),
        dims=("station", "time"),
        coords={"station": ["a", "b"], "time": times},
        attrs={"units": "GB/h", "timezone": "Europe/Rome"},
    )


def span(change: str, before: int, after: int) -> tuple[str, str]:
    day = pd.Timestamp(change)
    return tuple(str((day + pd.Timedelta(days=d)).date()) for d in (-before, after))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("after", [0, 1, 3, 6])
@pytest.mark.parametrize("forecaster", SEASONAL, ids=lambda one: one.name)
def test_a_peak_at_eight_stays_at_eight_after_clocks_change(forecaster, change, after):
    known = peaked(*span(change, 21 - after, after))
    drawn = forecaster.predict(known, 48, 5, 0)
    first, last = span(change, -after, after + 3)
    truth = peaked(first, last).isel(time=slice(0, 48))
    assert (drawn["time"] == truth["time"]).all()
    local = pd.DatetimeIndex(truth["time"]).tz_localize("UTC").tz_convert("Europe/Rome")
    regular = np.asarray(local.hour > 3)
    off = np.abs(drawn.to_numpy() - truth.to_numpy()[:, None])
    assert off[:, :, regular].max() < 1.0


@pytest.mark.parametrize("change", CHANGES)
def test_samples_are_reordered_by_days_of_the_same_local_hours(change):
    known = peaked(*span(change, 20, 1))
    noisy = known.copy(data=known.to_numpy() * np.where(known.to_numpy() >= 50, 1.5, 1.0))
    drawn = RULES["hour-of-week"].predict(noisy, 24, 6, 0).to_numpy()
    ordered = schaake_shuffle(drawn, read_history(noisy, 24), 0)
    assert np.allclose(np.sort(ordered, axis=1), np.sort(drawn, axis=1))


@pytest.mark.parametrize("change", CHANGES)
def test_a_single_week_with_a_change_in_it_is_enough(change):
    known = peaked(*span(change, 4, 4)).isel(time=slice(-168, None))
    assert np.isfinite(RULES["hour-of-week"].predict(known, 30, 3, 0)).all()
