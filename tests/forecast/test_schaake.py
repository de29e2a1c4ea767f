"""Schaake shuffle: the same samples, with the dependence of past days."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.forecast.history import read_history
from netspatial.forecast.schaake import schaake_shuffle
from netspatial.randomness import stream


def series(values: np.ndarray, start: str, dims: tuple[str, ...]) -> xr.DataArray:
    return xr.DataArray(
        values,
        dims=dims,
        coords={
            "station": [f"s{n}" for n in range(len(values))],
            "time": pd.date_range(start, periods=values.shape[-1], freq="h"),
        },
        attrs={"units": "GB/h", "timezone": "UTC"},
    )


def history(stations: int = 4, weeks: int = 3, common: float = 1.0, seed: int = 0) -> xr.DataArray:
    """Daily profile times a daily factor, of which stations share the part `common`."""
    random = stream(seed, "moods")
    days = 7 * weeks
    shared, own = random.standard_normal(days), random.standard_normal((stations, days))
    factor = np.sqrt(common) * shared + np.sqrt(1 - common) * own
    profile = 2 + np.sin(2 * np.pi * np.arange(24 * days) / 24)
    return series(
        profile * np.exp(0.3 * np.repeat(factor, 24, axis=1)), "2024-01-01", ("station", "time")
    )


def drawn(stations: int, samples: int, hours: int, weeks: int = 3, seed: int = 0) -> xr.DataArray:
    """Independent samples of each station and hour after `history`."""
    values = stream(seed, "drawn").lognormal(0, 0.3, (stations, samples, hours))
    start = pd.Timestamp("2024-01-01") + pd.Timedelta(weeks=weeks)
    return series(values, str(start), ("station", "sample", "time"))


def shuffled(independent: xr.DataArray, past: xr.DataArray, seed: int) -> xr.DataArray:
    """Samples (station, sample, time) reordered by past periods."""
    read = read_history(past, independent.sizes["time"])
    return independent.copy(data=schaake_shuffle(independent.to_numpy(), read, seed))


@given(st.integers(1, 4), st.integers(1, 30), st.integers(1, 60), st.integers(1, 4))
@settings(max_examples=25)
def test_each_station_and_hour_keeps_its_samples(
    stations: int, samples: int, hours: int, weeks: int
) -> None:
    independent = drawn(stations, samples, hours, weeks)
    ordered = shuffled(independent, history(stations, weeks), 0)
    assert ordered.dims == independent.dims
    assert np.array_equal(np.sort(ordered, axis=1), np.sort(independent, axis=1))


def test_correlated_stations_are_busy_in_the_same_samples() -> None:
    independent = drawn(6, 19, 24)
    together = shuffled(independent, history(6, common=1.0), 0)
    apart = shuffled(independent, history(6, common=0.0), 0)
    spread = [one.sum("station").std("sample").mean() for one in (independent, apart, together)]
    # the sum of six equal stations spreads by 6 if correlated, by the root of 6 if independent
    assert spread[2] / spread[0] == pytest.approx(np.sqrt(6), rel=0.05)
    assert spread[1] / spread[0] == pytest.approx(1, rel=0.25)


def test_hours_of_a_sample_are_correlated() -> None:
    independent = drawn(1, 19, 24)
    ordered = shuffled(independent, history(1), 0)
    alike = [np.corrcoef(one[0, :, 0], one[0, :, 12])[0, 1] for one in (independent, ordered)]
    assert alike[1] > 0.9 > abs(alike[0])


def test_the_order_depends_on_the_seed_and_not_on_other_stations() -> None:
    independent, past = drawn(3, 19, 48), history(3, common=0.5)
    whole, again = (shuffled(independent, past, 5) for _ in range(2))
    alone = shuffled(independent.isel(station=[1]), past.isel(station=[1]), 5)
    assert np.array_equal(whole, again)
    assert np.array_equal(whole.isel(station=[1]), alone)
