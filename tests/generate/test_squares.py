"""Squares of a grid made of a city's stations."""

import numpy as np
import pytest

from netspatial.generate.squares import (
    EXCERPTS,
    SIDE,
    SQUARE_M,
    collected,
    read_squares,
    spread,
)


def test_a_city_gives_excerpts_of_a_grid_with_counts_and_traffic(small_city) -> None:
    found = read_squares(small_city)
    assert len(found) == EXCERPTS
    for squares in found:
        assert 0 < len(squares) <= SIDE**2
        assert squares.places.square_m == SQUARE_M
        assert np.isfinite(squares.level).all()
        assert squares.places.features["counts"].shape[1] > 0
        assert squares.unit == small_city.record.units["total"]
        assert np.allclose(squares.zero_shot.level, squares.level.mean())
    assert np.array_equal(found[0].level, read_squares(small_city)[0].level)


def test_stations_are_collected_by_the_square_that_they_stand_in() -> None:
    squares = SQUARE_M * np.arange(3.0)[:, None] * np.array([[1.0, 0.0]])
    stations = np.array([[0.0, 10.0], [20.0, -90.0], [2 * SQUARE_M, 0.0]])
    x = collected(np.array([[1.0], [2.0], [5.0]]), stations, squares)
    assert x[:, 0].tolist() == [3, 0, 5]


def test_a_station_is_spread_over_the_squares_near_it() -> None:
    squares = SQUARE_M * np.arange(4.0)[:, None] * np.array([[1.0, 0.0]])
    x = spread(np.array([[2.0, 4.0]]), squares[:1], squares, 200.0)
    assert np.allclose(x[0], [2, 4])
    assert (np.diff(x[:, 0]) < 0).all()
    assert x[1, 1] / x[1, 0] == pytest.approx(2)
