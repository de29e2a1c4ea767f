import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from netspatial.viz.ensemble_charts import (
    busiest_hour,
    by_slot,
    day_chart,
    duration_chart,
    duration_curves,
    samples_chart,
    week_chart,
)

HOURS = 28 * 24


def ensemble(values: np.ndarray, timezone: str = "Etc/UTC") -> xr.DataArray:
    times = pd.date_range("2026-01-05", periods=values.shape[1], freq="h")
    return xr.DataArray(
        values,
        dims=("sample", "time"),
        coords={"time": times},
        attrs={"units": "GB/h", "timezone": timezone},
    )


@pytest.fixture
def steps() -> xr.DataArray:
    """Eleven samples that are 0, 1, ... 10 all month, twice that at 18:00."""
    hours = np.arange(HOURS) % 24
    return ensemble(np.arange(11.0)[:, None] * np.where(hours == 18, 2.0, 1.0))


def test_the_band_is_the_80_percent_range_of_the_samples(steps) -> None:
    band, mean = samples_chart(steps).data[:2]
    assert band.y[0] == pytest.approx(9.0)
    assert band.y[-1] == pytest.approx(1.0)
    assert mean.y[0] == pytest.approx(5.0)


def test_two_single_samples_are_drawn(steps) -> None:
    singles = [trace for trace in samples_chart(steps).data if trace.legendgroup == "single"]
    assert [trace.y[0] for trace in singles] == [0.0, 1.0]
    assert [trace.showlegend for trace in singles] == [True, False]


def test_the_day_and_the_week_are_means_of_the_samples(steps) -> None:
    day = day_chart(steps)
    assert day.data[1].y[18] == pytest.approx(10.0)
    assert [note.text for note in day.layout.annotations][1:] == ["Mon–Fri", "Sat–Sun"]
    assert week_chart(steps).data[1].y[18] == pytest.approx(10.0)
    assert week_chart(steps).data[1].customdata[18] == "Mon 18:00"


def test_the_busiest_hour_is_in_local_time(steps) -> None:
    assert busiest_hour(steps) == (18, pytest.approx(10.0))
    steps.attrs["timezone"] = "Etc/GMT-2"
    assert busiest_hour(steps)[0] == 20


@given(arrays(np.float32, (3, 48), elements=st.floats(0, 1e6, width=32)))
def test_a_duration_curve_falls_from_the_maximum_to_the_minimum(values: np.ndarray) -> None:
    curves = duration_curves(values)
    assert (np.diff(curves, axis=1) <= 1e-3 * (1 + values.max())).all()
    np.testing.assert_allclose(curves[:, 0], values.max(axis=1), rtol=1e-6)
    np.testing.assert_allclose(curves[:, -1], values.min(axis=1), rtol=1e-6)


def test_the_duration_chart_runs_over_all_hours(steps) -> None:
    mean = duration_chart(steps).data[1]
    assert (mean.x[0], mean.x[-1]) == (0, 100)
    assert mean.y[0] == pytest.approx(10.0)


def test_each_slot_is_averaged_over_its_own_hours() -> None:
    values = ensemble(np.tile(np.arange(24.0), (2, 7)))
    np.testing.assert_allclose(by_slot(values, np.arange(168) % 24, 24), [np.arange(24)] * 2)
