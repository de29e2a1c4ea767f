"""Optimal sleep intervals against brute force."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.operate.sleep_intervals import (
    optimal_sleep_intervals,
    sleep_intervals_value,
    wake_prices,
)

gains = st.lists(st.floats(-1, 1) | st.just(-np.inf), min_size=1, max_size=8)


def allowed(asleep: np.ndarray, before: bool, least: int) -> bool:
    """Whether every sleep interval that begins here is long enough, or lasts until the end."""
    padded = np.concatenate([[before], asleep])
    for start in np.flatnonzero(~padded[:-1] & padded[1:]):
        length = np.argmin(np.append(asleep[start:], False))
        if length < least and start + length < len(asleep):
            return False
    return True


@given(gains, st.floats(0, 1), st.booleans(), st.integers(1, 3))
def test_no_other_hours_of_sleep_save_more(
    gain: list[float], wake: float, before: bool, least: int
) -> None:
    saved = np.array(gain)
    value, asleep = optimal_sleep_intervals(saved, wake, before, least)
    choices = (np.array(one) for one in product([False, True], repeat=len(saved)))
    best = max(
        sleep_intervals_value(saved, one, wake, before)
        for one in choices
        if allowed(one, before, least)
    )
    assert allowed(asleep, before, least)
    assert value == pytest.approx(best)
    assert sleep_intervals_value(saved, asleep, wake, before) == pytest.approx(best)


def test_a_short_interval_must_pay_for_its_activation() -> None:
    assert not optimal_sleep_intervals(np.array([-1.0, 0.1, -1.0]), 0.2, asleep_before=False)[
        1
    ].any()
    assert optimal_sleep_intervals(np.array([-1.0, 0.3, -1.0]), 0.2, asleep_before=False)[1].any()
    # an interval that began before is already charged
    assert optimal_sleep_intervals(np.array([0.1, -1.0]), 0.2, asleep_before=True)[1].tolist() == [
        True,
        False,
    ]


@given(gains, st.floats(0, 1))
def test_separate_hours_with_wake_prices_save_as_much_as_optimal_intervals(
    gain: list[float], wake: float
) -> None:
    saved = np.array(gain)
    prices = wake_prices(saved[None], np.array([wake]))[0]
    value, _ = optimal_sleep_intervals(saved, wake, asleep_before=False)
    # the activation after the last hour is not charged: not part of the program
    paid = max(
        _saved(saved, np.array(one), wake) for one in product([False, True], repeat=len(gain))
    )
    assert value - 1e-9 <= paid <= value + wake + 1e-9
    assert np.maximum(saved + prices, 0).sum() == pytest.approx(paid)
    assert prices.sum() == pytest.approx(0, abs=1e-9)


def _saved(gain: np.ndarray, asleep: np.ndarray, wake: float) -> float:
    """Saving of sleep if activations are charged when they occur."""
    return gain[asleep].sum() - wake * (asleep[:-1] & ~asleep[1:]).sum()
