"""Histories: made of cities and grids, and what is wrong with one in a sentence."""

import numpy as np
import pandas as pd
import pytest

from netspatial.city.city import City
from netspatial.errors import BadInput
from netspatial.forecast.panel import Panel, from_city, from_grid


def test_a_city_gives_its_series_with_stations_around_each_other(small_city: City):
    panel = from_city(small_city, ("data", "total"), side=3)
    traffic = small_city.traffic
    assert panel.tasks == ("data", "total")
    assert panel.units == ("MB", "MB")
    assert panel.provenance == "simulated"
    assert panel.steps_per_day == 24
    np.testing.assert_allclose(panel.values[:, :, 1], traffic["total"].to_numpy(), rtol=1e-6)
    # six stations, so that each sees the five others and three holes
    assert ((panel.around >= 0).sum(axis=(1, 2)) == 6).all()


def test_a_city_without_places_has_stations_that_stand_alone(own_city: City):
    (own_city.folder / "stations.parquet").unlink()
    panel = from_city(City.open(own_city.folder), ("total",))
    assert ((panel.around >= 0).sum(axis=(1, 2)) == 1).all()


def test_a_service_that_a_city_lacks_is_named_with_those_it_has(small_city: City):
    with pytest.raises(BadInput, match="no service 'sms'; it has total, data"):
        from_city(small_city, ("sms",))


def test_places_that_go_are_no_longer_seen(panel: Panel):
    fewer = panel.take(np.array([0, 4]))
    assert fewer.ids == (panel.ids[0], panel.ids[4])
    assert set(np.unique(fewer.around)) == {-1, 0, 1}
    assert (fewer.around[:, 2, 2] == [0, 1]).all()


def test_spans_and_tasks_keep_what_they_name(panel: Panel):
    part = panel.span(24, 72).with_tasks(("data",))
    assert part.values.shape == (11, 48, 1)
    assert part.units == ("GB/h",)
    np.testing.assert_array_equal(part.values[..., 0], panel.values[:, 24:72, 1])
    assert part.coming(2)[0] == panel.times[72]


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ((0, 3, 0), -1.0, "'call' of place 'r0c0' is -1 at 2024-01-01 03:00:00; a number from 0"),
        ((1, 0, 1), np.inf, "'data' of place 'r0c1' is inf"),
    ],
)
def test_a_value_that_cannot_be_is_shown_where_it_stands(panel: Panel, place, value, said):
    values = panel.values.copy()
    values[place] = value
    with pytest.raises(BadInput, match=said):
        _like(panel, values)


def test_a_service_that_was_never_measured_is_named(panel: Panel):
    values = panel.values.copy()
    values[:, :, 1] = np.nan
    with pytest.raises(BadInput, match="'data' was measured nowhere"):
        _like(panel, values)


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (pd.date_range("2024-01-01", periods=3, freq="7h"), "does not divide a day"),
        (pd.DatetimeIndex(["2024-01-01", "2024-01-02", "2024-01-04"]), "even steps"),
        (pd.date_range("2024-01-01", periods=3, freq="h", tz="UTC"), "carry no zone"),
        (pd.DatetimeIndex(["2024-01-01"]), "no history"),
    ],
)
def test_steps_must_be_even_and_divide_a_day(times, said):
    values = np.ones((1, len(times), 1))
    with pytest.raises(BadInput, match=said):
        from_grid(values, np.zeros(1), np.zeros(1), times, "UTC", ("call",))


def test_an_unknown_clock_is_refused(panel: Panel):
    with pytest.raises(BadInput, match="'Mars/Base' is not an IANA timezone"):
        from_grid(panel.values, *np.divmod(np.arange(11), 4), panel.times, "Mars/Base", ("a", "b"))


def _like(panel: Panel, values: np.ndarray) -> Panel:
    row, col = np.divmod(np.arange(len(values)), 4)
    return from_grid(values, row, col, panel.times, "UTC", panel.tasks)
