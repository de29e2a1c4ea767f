"""Stations that begin late: what they borrow, and what it is worth."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from netspatial.errors import BadInput
from netspatial.forecast.forecaster import Forecaster
from netspatial.forecast.history import read_history
from netspatial.forecast.panel import Panel
from netspatial.forecast.seasonal import HourOfWeekMean, SeasonalNaive
from netspatial.forecast.young_stations import BackfillForecaster, backfill, begins_late
from netspatial.gaps import LONGEST_GAP_H

STEPS = 28 * 24
OPENED = STEPS - 72
"""The late station has three days."""


@pytest.fixture(scope="module")
def whole(make_panel) -> Panel:
    """Eleven places for 30 days; the last two are kept to compare with."""
    return make_panel(days=30, noise=0.1)


def beginning_late(panel: Panel, first: int, places: tuple[int, ...] = (0,)) -> Panel:
    """The panel with nothing measured at some places before the step `first`."""
    values = panel.values.copy()
    values[list(places), :first] = np.nan
    return replace(panel, values=values)


def test_measured_hours_stay_and_missing_ones_follow_the_stations_that_behave_alike():
    hour = np.arange(21 * 24)
    weekend = (hour // 24) % 7 >= 5
    office = (1 + np.sin(2 * np.pi * hour / 24)) * np.where(weekend, 0.2, 1.0) + 0.1
    home = (1 + np.cos(2 * np.pi * hour / 24)) * np.where(weekend, 1.5, 1.0) + 0.1
    complete = np.stack([level * shape for level in (1.0, 5.0, 30.0) for shape in (office, home)])
    truth = 7.0 * office
    x = truth.copy()
    x[: -3 * 24] = np.nan
    found = backfill(x, complete, 24)
    assert np.array_equal(found.values[-72:], truth[-72:])
    saturday = slice(5 * 24, 7 * 24)
    assert found.values[saturday].mean() < 0.5 * found.values[: 5 * 24].mean()
    assert np.corrcoef(found.values, truth)[0, 1] > 0.98
    assert found.residual.shape == (3, 24)


def test_a_backfill_has_the_unit_of_its_own_series(whole):
    x = whole.values[0, :STEPS, 0].astype(float)
    x[:OPENED] = np.nan
    complete = whole.values[1:, :STEPS, 0].astype(float)
    one = backfill(x, complete, 24)
    thousand = backfill(1000 * x, 0.001 * complete, 24)
    assert np.allclose(thousand.values, 1000 * one.values)
    assert np.allclose(thousand.residual, one.residual)


def test_a_station_begins_late_where_it_starts_after_a_gap_that_would_be_filled(whole):
    first = LONGEST_GAP_H
    assert not begins_late(read_history(beginning_late(whole, first), 24)).any()
    late = begins_late(read_history(beginning_late(whole, first + 1), 24))
    assert late.tolist() == [True] * 2 + [False] * 20


@pytest.mark.parametrize("inner", [HourOfWeekMean(), SeasonalNaive()])
def test_complete_histories_are_forecast_as_by_the_inner_forecaster(whole, inner):
    history = whole.span(0, STEPS)
    one, other = (
        model.predict(history, 48, 9, seed=3) for model in (inner, BackfillForecaster(inner))
    )
    assert one.identical(other)


def test_a_weekend_is_forecast_better_from_three_weekdays_with_what_others_did(whole):
    monday = 21 * 24
    opened = monday + 2 * 24
    known = monday + 5 * 24
    history = beginning_late(whole.span(0, known), opened)
    truth = whole.values[0, known : known + 48, 0]

    def missed(model: Forecaster) -> float:
        found = model.predict(history, 48, 19).isel(station=0, service=0)
        return float(np.abs(found.median("sample").to_numpy() - truth).mean())

    assert missed(BackfillForecaster(HourOfWeekMean())) < 0.5 * missed(HourOfWeekMean())


def test_other_stations_of_the_network_are_read_only_within_the_history(whole):
    late = beginning_late(whole.span(0, STEPS), OPENED).take(np.array([0]))
    later = whole.values.copy()
    later[:, STEPS:] *= 100
    found = [
        BackfillForecaster(HourOfWeekMean(), others).predict(late, 24, 9)
        for others in (whole, replace(whole, values=later))
    ]
    assert found[0].identical(found[1])
    alone = BackfillForecaster(HourOfWeekMean()).predict(late, 24, 9)
    assert not np.allclose(found[0], alone)


def test_the_other_stations_stay_as_they_were(whole):
    history = beginning_late(whole.span(0, STEPS), OPENED)
    one = HourOfWeekMean().predict(history, 24, 9)
    other = BackfillForecaster(HourOfWeekMean()).predict(history, 24, 9)
    assert np.array_equal(one[1:], other[1:])
    assert not np.allclose(one[0], other[0])


def test_quantiles_are_ordered_and_those_of_the_inner_forecaster_where_nothing_is_late(whole):
    rule = HourOfWeekMean()
    model = BackfillForecaster(rule)
    history = whole.span(0, STEPS)
    quantiles = [one.predict_quantiles(history, 24) for one in (rule, model)]
    assert quantiles[0].identical(quantiles[1])
    found = model.predict_quantiles(beginning_late(history, OPENED), 24)
    assert found.dims == quantiles[0].dims
    assert (found.diff("quantile") >= 0).all()


def test_a_series_is_completed_like_a_panel(whole):
    late = beginning_late(whole.span(0, STEPS), OPENED).with_tasks(["call"])
    series = xr.DataArray(
        late.values[:, :, 0],
        dims=("station", "time"),
        coords={"station": list(late.ids), "time": late.times},
        name="call",
        attrs={"timezone": "UTC", "units": "calls/h"},
    )
    model = BackfillForecaster(HourOfWeekMean())
    one, other = model.predict(series, 24, 9), model.predict(late, 24, 9)
    assert one.dims == ("station", "sample", "time")
    assert np.allclose(one, other.isel(service=0), rtol=1e-5)


def test_less_than_a_day_is_refused_with_the_station(whole):
    history = beginning_late(whole.span(0, STEPS), STEPS - 10)
    with pytest.raises(BadInput, match="was measured for 10 steps before the forecast; a day"):
        BackfillForecaster(HourOfWeekMean()).predict(history, 24)
