"""Seasonal rules: exact where their assumption holds, with the distribution of their errors."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from netspatial.errors import BadInput
from netspatial.forecast import RULES
from netspatial.forecast.history import LONGEST_H, MAX_LEAD_H
from netspatial.randomness import stream
from netspatial.scores import coverage
from tests.forecast.made_up_traffic import series


@pytest.mark.parametrize(
    ("name", "period"),
    [("persistence", 1), ("seasonal-naive", 24), ("seasonal-naive", 168), ("hour-of-week", 168)],
)
def test_a_rule_is_exact_for_a_periodic_history(name: str, period: int) -> None:
    known = series(weeks=4, noise=0.4)
    whole = known.copy(data=np.tile(known.to_numpy()[:, :period], (1, 4 * 168 // period)))
    drawn = RULES[name].predict(whole.isel(time=slice(0, 3 * 168)), 168, 3, 0)
    truth = whole.isel(time=slice(3 * 168, None)).to_numpy()
    assert np.allclose(drawn, truth[:, None], rtol=1e-5)


@pytest.mark.parametrize("name", ["persistence", "seasonal-naive"])
@pytest.mark.parametrize("hours", [24 * 2, 24 * 5 + 7, 24 * 17])
def test_the_naive_rule_is_the_median(name: str, hours: int) -> None:
    history = series(noise=0.3).isel(time=slice(0, hours))
    middle = RULES[name].predict_quantiles(history, 30, (0.5,))[:, 0].to_numpy()
    x = history.to_numpy()
    season = {"persistence": 1, "seasonal-naive": 168 if hours >= 168 else 24}[name]
    last = np.tile(x[:, -season:], (1, 30))[:, :30]
    np.testing.assert_allclose(middle, last, rtol=1e-6)


def test_without_a_week_the_mean_is_over_days_of_the_same_kind() -> None:
    history = series(noise=0.3, start="2024-01-01", zone="UTC").isel(time=slice(0, 96))
    drawn = RULES["hour-of-week"].predict(history, 24, 5, 0)  # a Friday
    mean = history.to_numpy().reshape(3, 4, 24).mean(axis=1)
    off = history.to_numpy().reshape(3, 4, 24) - mean[:, None]
    # residuals of a mean of four days are scaled by the root of 5 / 3
    possible = np.maximum(mean[:, None] + np.sqrt(5 / 3) * off, 0)
    assert (np.abs(drawn.to_numpy()[:, :, None] - possible[:, None]).min(axis=2) < 1e-4).all()


def test_the_hour_of_week_mean_covers_90_percent() -> None:
    whole = series(weeks=5, noise=0.2)
    drawn = RULES["hour-of-week"].predict(whole.isel(time=slice(0, 4 * 168)), 168, 99, 0)
    covered = coverage(drawn.to_numpy(), whole.isel(time=slice(4 * 168, None)).to_numpy())
    assert 0.83 < covered.mean() < 0.95


def test_with_one_season_all_samples_equal_it() -> None:
    history = series(weeks=1)
    drawn = RULES["seasonal-naive"].predict(history, 168, 3, 0)
    assert np.allclose(drawn, history.to_numpy()[:, None])


def test_days_of_errors_are_sampled_for_all_stations_jointly() -> None:
    history = series(weeks=4, noise=0.0)
    days = 1 + 0.3 * stream(2, "days").standard_normal(28).repeat(24)
    drawn = RULES["hour-of-week"].predict((history * days).assign_attrs(history.attrs), 24, 200, 0)
    sums = drawn.sum("time").to_numpy()
    assert np.corrcoef(sums[0], sums[1])[0, 1] > 0.9


@pytest.mark.parametrize("name", list(RULES))
def test_missing_values_are_skipped(name: str) -> None:
    whole = series(weeks=4, noise=0.0)
    history = whole.isel(time=slice(0, 3 * 168)).copy()
    history[0, -40:-10] = np.nan
    truth = whole.isel(time=slice(3 * 168, 3 * 168 + 24)).to_numpy()
    median = RULES[name].predict_quantiles(history, 24, (0.5,))[:, 0].to_numpy()
    assert np.isfinite(median).all()
    if name != "persistence":
        # one week before lies partly in the gap: the latest value at that hour is used
        assert np.allclose(median, truth, atol=0.3 * truth.max())


@pytest.mark.parametrize("name", list(RULES))
def test_a_rule_needs_a_day_of_history_and_has_a_maximum_horizon(name: str) -> None:
    with pytest.raises(BadInput, match=r"20 steps long \(0.8 days\)"):
        RULES[name].predict(series().isel(time=slice(0, 20)), 24)
    most = LONGEST_H + MAX_LEAD_H
    with pytest.raises(BadInput, match=f"{most + 1} steps; at most {most} "):
        RULES[name].predict(series(), most + 1)


@pytest.mark.parametrize("name", list(RULES))
def test_steps_may_be_shorter_than_an_hour(name: str) -> None:
    times = pd.date_range("2024-01-01", periods=9 * 144, freq="10min")
    profile = 10 + 5 * np.sin(2 * np.pi * np.arange(len(times)) / 144)
    history = xr.DataArray(
        profile[None],
        dims=("station", "time"),
        coords={"station": ["a"], "time": times},
        attrs={"timezone": "UTC"},
    )
    median = RULES[name].predict_quantiles(history, 36, (0.5,))[0, 0]
    assert pd.Timedelta(median["time"].to_numpy()[1] - median["time"].to_numpy()[0]).seconds == 600
    expected = profile[-1] if name == "persistence" else profile[:36]
    assert np.allclose(median, expected, rtol=1e-5)
