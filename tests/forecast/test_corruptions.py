import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.errors import BadInput
from netspatial.forecast.corruptions import CORRUPTIONS, corrupt

HOURS = np.arange(2 * 168, dtype=np.float32)
WEEKS = np.stack([HOURS, HOURS + 1000], axis=0)[:, :, None]


@pytest.mark.parametrize("fault", CORRUPTIONS)
@given(seed=st.integers(0, 2**31))
def test_a_fault_reorders_hours_and_keeps_values(fault, seed):
    wrong = corrupt(fault, WEEKS, seed)
    assert wrong.shape == WEEKS.shape
    assert not np.array_equal(wrong, WEEKS)
    assert np.array_equal(np.sort(wrong, axis=1), WEEKS)
    # all places and tasks have the same order
    assert np.array_equal(wrong[1] - 1000, wrong[0])
    assert np.array_equal(wrong, corrupt(fault, WEEKS, seed))


@pytest.mark.parametrize(("fault", "block"), [("shuffled hours", 24), ("wrong week", 168)])
def test_days_and_weeks_keep_their_own_hours(fault, block):
    wrong = corrupt(fault, WEEKS, 3)[0, :, 0].reshape(-1, block)
    assert np.array_equal(np.sort(wrong, axis=1), HOURS.reshape(-1, block))


def test_a_shifted_clock_delays_by_6_to_12_hours():
    wrong = corrupt("shifted clock", WEEKS, 3)[0, :, 0]
    late = np.unique((HOURS - wrong) % len(HOURS))
    assert len(late) == 1
    assert 6 <= late[0] <= 12


def test_no_fault_changes_nothing_and_an_unknown_one_is_an_error():
    assert corrupt("", WEEKS, 3) is WEEKS
    with pytest.raises(BadInput, match="no fault 'rust'"):
        corrupt("rust", WEEKS, 3)
