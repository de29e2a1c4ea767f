"""Whether sleep saves energy is decided from known hours; a loss ends sleep once it is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from netspatial.operate.sleep_saving import DAY_H, SleepSaving

HOURS = 60
savings = arrays(np.float64, HOURS, elements=st.floats(-5, 5))
NOTHING = (np.zeros(0), np.zeros(0))


def executed(
    expected: np.ndarray, measured: np.ndarray, lead: int, paid: float = 0.0, ahead_h: int = 0
) -> SleepSaving:
    """One plan, followed in each hour in which sleep saves energy, with some hours of it ahead."""
    saving = SleepSaving(HOURS)
    saving.expected[:], saving.measured[:] = expected, measured
    slept = False
    for hour in range(HOURS):
        known = max(hour - lead, 0)
        price = 0.0 if slept else paid
        rest = expected[hour + 1 : hour + 1 + ahead_h]
        slept = saving.pays(hour, known, price, lambda rest=rest: (rest, np.zeros(len(rest))))
        saving.followed[hour], saving.paid[hour] = slept, price * slept
    return saving


def total(saving: SleepSaving) -> np.ndarray:
    return np.cumsum(saving.measured * saving.followed - saving.paid)


@given(savings, st.integers(0, 2), st.floats(0, 3))
def test_expected_savings_never_cost_more_than_the_last_day_saved(
    expected: np.ndarray, lead: int, paid: float
) -> None:
    saving = executed(expected, expected, lead, paid)
    net = saving.measured * saving.followed - saving.paid
    for hour in np.flatnonzero(saving.followed):
        assert net[max(hour - DAY_H, 0) : hour + 1].sum() >= -1e-6
    assert (total(saving)[:DAY_H] >= -1e-6).all()


@pytest.mark.parametrize("lead", [0, 1, 2])
def test_a_plan_that_always_loses_ends_as_soon_as_the_loss_is_known(lead: int) -> None:
    saving = executed(np.ones(HOURS), -np.ones(HOURS), lead, ahead_h=24)
    assert np.flatnonzero(saving.followed).tolist() == list(range(lead + 1))


@pytest.mark.parametrize("lead", [0, 1, 2])
def test_a_single_loss_stops_sleep_for_one_day_at_most(lead: int) -> None:
    measured = np.ones(HOURS)
    measured[0] = -1000.0
    saving = executed(np.ones(HOURS), measured, lead)
    assert not saving.followed[lead + 2 : DAY_H].any()
    assert saving.followed[DAY_H + lead + 1 :].all()


def test_a_loss_that_the_plan_recovers_is_accepted() -> None:
    measured = np.ones(HOURS)
    measured[0] = -10.0
    saving = executed(np.ones(HOURS), measured, 0, ahead_h=12)
    # the loss stops sleep in the next hour; then the plan counts again
    assert np.flatnonzero(~saving.followed).tolist() == [1]


def test_an_activation_is_paid_by_the_whole_interval_not_by_its_first_hour() -> None:
    paid = executed(np.ones(HOURS), np.ones(HOURS), 1, paid=5.0, ahead_h=12)
    assert paid.followed.all()
    alone = executed(np.ones(HOURS), np.ones(HOURS), 1, paid=5.0, ahead_h=2)
    assert not alone.followed.any()


@given(savings, savings, st.integers(0, 2), st.integers(0, HOURS - 1))
def test_an_hour_is_decided_without_unknown_hours(
    expected: np.ndarray, measured: np.ndarray, lead: int, hour: int
) -> None:
    other = measured.copy()
    other[hour:] = -other[hour:] - 7
    one, two = (executed(expected, what, lead, 0.5) for what in (measured, other))
    decided = slice(0, hour + lead + 1)
    assert np.array_equal(one.followed[decided], two.followed[decided])
