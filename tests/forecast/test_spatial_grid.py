"""Squares of neighbours on grids and among stations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.errors import BadInput
from netspatial.forecast.spatial_grid import HOLE, alone, around_stations, on_grid
from netspatial.randomness import stream


def test_each_place_is_in_the_middle_of_its_square():
    row, col = np.divmod(np.arange(12), 4)
    for around in (alone(12, 3), on_grid(row, col, 3), around_stations(_scattered(12), 3)):
        assert (around[:, 1, 1] == np.arange(12)).all()


def test_on_a_grid_the_positions_are_the_neighbours_and_holes_stay_empty():
    cells = np.delete(np.arange(9), 4)  # a ring of eight around a hole
    around = on_grid(*np.divmod(cells, 3), side=3)
    corner, right = around[0], around[list(cells).index(5)]
    assert corner.tolist() == [[-1, -1, -1], [-1, 0, 1], [-1, 3, HOLE]]
    assert right[1].tolist() == [HOLE, 4, -1]


@given(st.integers(2, 40), st.sampled_from([3, 5]), st.integers(0, 99))
def test_a_square_holds_the_nearest_stations_once_each(stations, side, seed):
    xy = _scattered(stations, seed)
    around = around_stations(xy, side)
    for place in range(stations):
        seen = around[place][around[place] != HOLE]
        assert len(set(seen)) == len(seen) == min(side * side, stations)
        away = np.linalg.norm(xy - xy[place], axis=1)
        assert set(seen) == set(np.argsort(away, kind="stable")[: len(seen)])


def test_stations_on_a_grid_keep_their_positions():
    row, col = np.divmod(np.arange(25), 5)
    xy = np.column_stack([col, row]).astype(float)
    assert around_stations(xy, 5)[12].tolist() == np.arange(25).reshape(5, 5).tolist()


def test_a_square_needs_an_odd_side_and_a_cell_one_place():
    with pytest.raises(BadInput, match="must be odd"):
        alone(3, 4)
    with pytest.raises(BadInput, match="Two places have row 0, column 1"):
        on_grid(np.array([0, 0, 1]), np.array([1, 1, 1]))


def _scattered(places: int, seed: int = 0) -> np.ndarray:
    return stream(seed, "scattered").uniform(0, 1000, (places, 2))
