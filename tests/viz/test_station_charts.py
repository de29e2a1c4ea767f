import numpy as np
import pytest
import xarray as xr

from netspatial.city.city import City
from netspatial.timeline import daily_profile, local_times, weekly_profile
from netspatial.viz.city_queries import station_series
from netspatial.viz.station_charts import daily_chart, described, month_chart, weekly_chart


@pytest.fixture
def series(small_city: City) -> xr.DataArray:
    found = station_series(small_city.folder, "s1", "total")
    assert found is not None
    return found


def test_the_month_shows_every_hour_in_local_time(series: xr.DataArray) -> None:
    (line,) = month_chart(series).data
    np.testing.assert_array_equal(line.y, series.to_numpy())
    assert line.x[0] == local_times(series)[0].tz_localize(None)


def test_the_month_shades_its_weekends_only(series: xr.DataArray) -> None:
    shaded = {shape.x0.date() for shape in month_chart(series).layout.shapes}
    days = local_times(series).normalize().unique()
    assert shaded == {day.date() for day in days if day.day_of_week >= 5}


def test_the_week_runs_from_monday_to_sunday(series: xr.DataArray) -> None:
    (line,) = weekly_chart(series).data
    np.testing.assert_array_equal(line.y, weekly_profile(series))
    assert (line.customdata[0], line.customdata[-1]) == ("Mon 00:00", "Sun 23:00")


def test_the_day_shows_weekdays_and_weekend(series: xr.DataArray) -> None:
    weekday, weekend = daily_chart(series).data
    np.testing.assert_array_equal(weekday.y, daily_profile(series, days="weekday"))
    np.testing.assert_array_equal(weekend.y, daily_profile(series, days="weekend"))
    assert [weekday.name, weekend.name] == ["Mon–Fri", "Sat–Sun"]


@pytest.mark.parametrize("chart", [month_chart, weekly_chart, daily_chart])
def test_every_chart_shows_its_unit(chart, series: xr.DataArray) -> None:
    assert "MB" in chart(series).layout.annotations[0].text


def test_the_month_has_a_text_alternative(series: xr.DataArray) -> None:
    assert described(series).startswith("Hourly traffic from 01 January 2024 to 15 January 2024")
