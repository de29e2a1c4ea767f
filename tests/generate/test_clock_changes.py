"""The generator works on local days: a DST change shifts none of its hours."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from netspatial.baselines.generate.contract import on_calendar
from netspatial.generate.calendar import hours_of_days
from netspatial.generate.city_data import local_weeks
from netspatial.generate.generator import Generator
from netspatial.timeline import hour_of_week
from tests.generate.made_up_stations import made_up_places, made_up_stations

ROME = "Europe/Rome"
CHANGES = [("2025-03-17", "2025-03-30", "Etc/GMT-2"), ("2025-10-13", "2025-10-26", "Etc/GMT-1")]
"""A Monday two weeks before, the day of the change, and the fixed timezone after it."""


def on_clock(series: xr.DataArray, zone: str) -> pd.DataFrame:
    """Return values by local time, one column per place and sample; doubled hours once."""
    local = pd.DatetimeIndex(series["time"].to_numpy()).tz_localize("UTC").tz_convert(zone)
    table = pd.DataFrame(series.to_numpy().reshape(-1, len(local)).T, local.tz_localize(None))
    return table[~table.index.duplicated()]


@pytest.mark.parametrize("monday", [monday for monday, _, _ in CHANGES])
def test_local_hours_have_the_same_traffic_with_and_without_a_clock_change(
    tiny_generator: Generator, monday: str
) -> None:
    drawn = {
        zone: on_clock(
            tiny_generator.sample(made_up_places(2), 2, 3, start=f"{monday}T05:00", timezone=zone),
            zone,
        )
        for zone in (ROME, "Etc/GMT-1")
    }
    changed, fixed = drawn.values()
    shared = changed.index.intersection(fixed.index)
    assert len(shared) >= 670
    assert changed.loc[shared].equals(fixed.loc[shared])


def test_a_month_that_ends_an_hour_late_is_complete(tiny_generator: Generator) -> None:
    drawn = tiny_generator.sample(made_up_places(1), 2, start="2025-03-17", timezone=ROME)
    assert drawn.sizes["time"] == 672
    assert np.isfinite(drawn).all()


@pytest.mark.parametrize(("monday", "day", "zone"), CHANGES)
@pytest.mark.parametrize("hours", [1, 30])
def test_a_history_with_a_clock_change_is_continued_at_its_local_hours(
    tiny_generator: Generator, monday: str, day: str, zone: str, hours: int
) -> None:
    known = {}
    table = on_clock(history(monday, 20 * 24, zone), zone)
    skipped = pd.Timestamp(f"{day}T02:00")
    if skipped not in on_clock(history(monday, 20 * 24, ROME), ROME).index:
        table.loc[skipped] = (
            table.loc[skipped - pd.Timedelta(hours=1)] + table.loc[skipped + pd.Timedelta(hours=1)]
        ) / 2
    last = (pd.Timestamp(monday, tz=zone) + pd.Timedelta(hours=20 * 24 - 1)).tz_convert("UTC")
    for clock in (ROME, zone):
        first = pd.Timestamp(monday, tz=clock).tz_convert("UTC")
        times = pd.date_range(first, last, freq="h").tz_localize(None)
        local = times.tz_localize("UTC").tz_convert(clock).tz_localize(None)
        known[clock] = labelled(table.loc[local].to_numpy().T, times, clock)
    coming = [
        tiny_generator.forecast(series, made_up_places(2), hours, 3, 5) for series in known.values()
    ]
    assert (coming[0]["time"] == coming[1]["time"]).all()
    assert np.allclose(coming[0], coming[1], rtol=1e-4)


def test_the_second_of_a_doubled_hour_is_forecast(tiny_generator: Generator) -> None:
    known = history("2025-10-13", 13 * 24 + 3, ROME)
    drawn = tiny_generator.forecast(known, made_up_places(2), 1, 3)
    assert str(drawn["time"].to_numpy()[0]).startswith("2025-10-26T01:00")
    assert np.isfinite(drawn).all()


@pytest.mark.parametrize("day", [day for _, day, _ in CHANGES])
def test_a_single_week_with_a_clock_change_is_continued(
    tiny_generator: Generator, day: str
) -> None:
    first = pd.Timestamp(day) - pd.Timedelta(days=3)
    drawn = tiny_generator.forecast(history(str(first), 168, ROME), made_up_places(2), 24, 3)
    assert np.isfinite(drawn).all()


@given(
    start=st.sampled_from(
        [
            "2025-03-16T22:00",
            "2025-10-12T22:00",
            "2025-06-01T22:00",
            "2025-03-17T00:00",
            "2025-10-13T00:00",
            "2025-10-15T17:00",
        ]
    ),
    hours=st.integers(168, 900),
)
def test_training_series_are_whole_weeks_of_local_days(start: str, hours: int) -> None:
    times = pd.date_range(start, periods=hours, freq="h")
    of_week = hour_of_week(times.tz_localize("UTC").tz_convert(ROME)).to_numpy().astype(float)
    x, week_hours = local_weeks(of_week[None], times, ROME)
    assert x.shape == (1, hours // 168 * 168)
    assert week_hours[0] % 24 == 0
    known = ~np.isnan(x[0])
    assert (~known).sum() <= 1
    assert np.array_equal(x[0][known], week_hours[known])
    assert np.array_equal(np.bincount(week_hours, minlength=168), np.full(168, hours // 168))


def test_a_series_from_a_local_midnight_is_unchanged() -> None:
    times = pd.date_range("2025-10-26T23:00", periods=700, freq="h")
    x = np.random.default_rng(0).gamma(2.0, size=(3, 700))
    laid, hours = local_weeks(x, times, ROME, [date(2025, 11, 4)])
    assert np.array_equal(laid, x[:, :672])
    assert hours[24 * 8 : 24 * 9].tolist() == list(range(144, 168))
    assert hours[:24].tolist() == list(range(24))


def test_the_weekday_of_a_day_is_that_of_its_noon(tiny_generator: Generator) -> None:
    model, n, T = tiny_generator.model, 2, 336
    hours = torch.arange(T).expand(n, -1) % 168
    noise, channels = torch.randn(n, T), torch.randn(n, 3, T)
    level, peak = torch.zeros(n, 1), torch.zeros(n, 24)
    with torch.inference_mode():
        place = model.place(torch.from_numpy(made_up_places(n).embedding))
        velocities = [
            model.residual_flow(place, level, level, peak, channels, of_week, level)(
                noise, torch.full((n,), 0.5)
            )
            for of_week in (hours, (hours - 1) % 168, (hours + 24) % 168)
        ]
    assert torch.equal(velocities[0], velocities[1])
    assert not torch.equal(velocities[0], velocities[2])


def test_a_baseline_is_aligned_to_the_week_also_if_the_first_day_is_a_holiday() -> None:
    data = made_up_stations(n=3)
    hours = hours_of_days(date(2025, 6, 2), 28, [date(2025, 6, 2)]).astype(np.int16)
    assert np.array_equal(on_calendar(data, hours), data.x)


def history(first: str, hours: int, zone: str) -> xr.DataArray:
    """Return the history of two stations from a local time on."""
    begin = pd.Timestamp(first, tz=zone).tz_convert("UTC").tz_localize(None)
    x = made_up_stations().x[:2, :hours]
    return labelled(x, pd.date_range(begin, periods=hours, freq="h"), zone)


def labelled(x: np.ndarray, times: pd.DatetimeIndex, zone: str) -> xr.DataArray:
    return xr.DataArray(
        x,
        dims=("station", "time"),
        coords={"station": ["s0", "s1"], "time": times},
        attrs={"timezone": zone},
    )
