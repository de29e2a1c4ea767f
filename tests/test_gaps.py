"""Short gaps are filled, longer ones stay, and measured values are never changed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from netspatial.gaps import LONGEST_GAP_H, fill_gaps, hold_gaps, longest_gap

series = arrays(
    float,
    st.tuples(st.integers(1, 3), st.integers(1, 60)),
    elements=st.one_of(st.just(np.nan), st.floats(0, 1e6)),
)


@given(series)
def test_measured_values_stay_and_filled_values_lie_between_them(x: np.ndarray) -> None:
    filled, known = fill_gaps(x), np.isfinite(x)
    assert np.array_equal(filled[known], x[known])
    for row, out in zip(x, filled, strict=True):
        there = row[np.isfinite(row)]
        new = out[np.isfinite(out)]
        assert not len(new) or there.min() <= new.min() <= new.max() <= there.max()


@given(series, st.integers(0, 59))
def test_a_held_gap_is_filled_without_later_values(x: np.ndarray, hour: int) -> None:
    other = np.where(np.arange(x.shape[1]) < hour, x, 2 * x + 1)
    one, two = hold_gaps(x), hold_gaps(other)
    assert np.array_equal(np.isnan(one), np.isnan(fill_gaps(x)))
    for row, first, second in zip(x, one, two, strict=True):
        known = np.flatnonzero(np.isfinite(row))
        before = slice(known[0] if len(known) else 0, hour)
        assert np.array_equal(first[before], second[before], equal_nan=True)
        assert np.array_equal(first[known], row[known])


@given(series)
def test_exactly_the_gaps_longer_than_the_limit_are_left(x: np.ndarray) -> None:
    for row, out in zip(x, fill_gaps(x), strict=True):
        assert np.isnan(out).any() == (longest_gap(row) > LONGEST_GAP_H or np.isnan(row).all())
    assert np.array_equal(fill_gaps(fill_gaps(x)), fill_gaps(x), equal_nan=True)


def test_gaps_are_interpolated_linearly_and_edges_are_held() -> None:
    x = np.array([np.nan, 1.0, np.nan, np.nan, 4.0, np.nan], dtype=np.float32)
    filled = fill_gaps(x)
    assert filled.dtype == np.float32
    assert filled.tolist() == [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]


def test_a_long_gap_beside_a_short_one_stays() -> None:
    x = np.arange(20.0)
    x[2], x[5 : 5 + LONGEST_GAP_H + 1] = np.nan, np.nan
    filled = fill_gaps(x)
    assert filled[2] == 2
    assert np.isnan(filled[5:12]).all()
    assert longest_gap(x) == LONGEST_GAP_H + 1
