"""Panels from cities and grids, and errors on invalid ones."""

import numpy as np
import pandas as pd
import pytest

from netspatial.city.city import City
from netspatial.errors import BadInput
from netspatial.forecast.panel import Panel, from_city, from_grid


def test_a_city_gives_its_series_with_neighbours(small_city: City):
    panel = from_city(small_city, ("data", "total"), side=3)
    traffic = small_city.traffic
    assert panel.tasks == ("data", "total")
    assert panel.units == ("MB", "MB")
    assert panel.provenance == "simulated"
    assert panel.steps_per_day == 24
    np.testing.assert_allclose(panel.values[:, :, 1], traffic["total"].to_numpy(), rtol=1e-6)
    # six stations: each has the five others as neighbours, and three holes
    assert ((panel.around >= 0).sum(axis=(1, 2)) == 6).all()


def test_a_city_without_positions_has_no_neighbours(own_city: City):
    (own_city.folder / "stations.parquet").unlink()
    panel = from_city(City.open(own_city.folder), ("total",))
    assert ((panel.around >= 0).sum(axis=(1, 2)) == 1).all()


def test_an_error_on_a_missing_service_names_the_present_ones(small_city: City):
    with pytest.raises(BadInput, match="no service 'sms'; it has total, data"):
        from_city(small_city, ("sms",))


def test_removed_places_are_no_neighbours(panel: Panel):
    fewer = panel.take(np.array([0, 4]))
    assert fewer.ids == (panel.ids[0], panel.ids[4])
    assert set(np.unique(fewer.around)) == {-1, 0, 1}
    assert (fewer.around[:, 2, 2] == [0, 1]).all()


def test_spans_and_tasks_select_values(panel: Panel):
    part = panel.span(24, 72).with_tasks(("data",))
    assert part.values.shape == (11, 48, 1)
    assert part.units == ("GB/h",)
    np.testing.assert_array_equal(part.values[..., 0], panel.values[:, 24:72, 1])
    assert part.coming(2)[0] == panel.times[72]


@pytest.mark.parametrize(
    ("place", "value", "problem"),
    [
        ((0, 3, 0), -1.0, "'call' of place 'r0c0' is -1 at 2024-01-01 03:00:00; values must be"),
        ((1, 0, 1), np.inf, "'data' of place 'r0c1' is inf"),
    ],
)
def test_an_error_on_an_invalid_value_names_its_position(panel: Panel, place, value, problem):
    values = panel.values.copy()
    values[place] = value
    with pytest.raises(BadInput, match=problem):
        _like(panel, values)


def test_an_error_on_a_task_without_measurements_names_it(panel: Panel):
    values = panel.values.copy()
    values[:, :, 1] = np.nan
    with pytest.raises(BadInput, match="'data' has no measurement"):
        _like(panel, values)


@pytest.mark.parametrize(
    ("times", "problem"),
    [
        (pd.date_range("2024-01-01", periods=3, freq="7h"), "does not divide a day"),
        (pd.DatetimeIndex(["2024-01-01", "2024-01-02", "2024-01-04"]), "even steps"),
        (pd.date_range("2024-01-01", periods=3, freq="h", tz="UTC"), "without a time zone"),
        (pd.DatetimeIndex(["2024-01-01"]), "at least two time stamps"),
    ],
)
def test_steps_must_be_even_and_divide_a_day(times, problem):
    values = np.ones((1, len(times), 1))
    with pytest.raises(BadInput, match=problem):
        from_grid(values, np.zeros(1), np.zeros(1), times, "UTC", ("call",))


def test_an_unknown_timezone_is_refused(panel: Panel):
    with pytest.raises(BadInput, match="'Mars/Base' is not an IANA timezone"):
        from_grid(panel.values, *np.divmod(np.arange(11), 4), panel.times, "Mars/Base", ("a", "b"))


def _like(panel: Panel, values: np.ndarray) -> Panel:
    row, col = np.divmod(np.arange(len(values)), 4)
    return from_grid(values, row, col, panel.times, "UTC", panel.tasks)
