import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.errors import BadInput
from netspatial.forecast.corruptions import FAULTS, plant

HOURS = np.arange(2 * 168, dtype=np.float32)
WEEKS = np.stack([HOURS, HOURS + 1000], axis=0)[:, :, None]


@pytest.mark.parametrize("fault", FAULTS)
@given(seed=st.integers(0, 2**31))
def test_a_fault_moves_hours_and_changes_no_value(fault, seed):
    wrong = plant(fault, WEEKS, seed)
    assert wrong.shape == WEEKS.shape
    assert not np.array_equal(wrong, WEEKS)
    assert np.array_equal(np.sort(wrong, axis=1), WEEKS)
    # all places and tasks are moved alike
    assert np.array_equal(wrong[1] - 1000, wrong[0])
    assert np.array_equal(wrong, plant(fault, WEEKS, seed))


@pytest.mark.parametrize(("fault", "block"), [("shuffled hours", 24), ("wrong week", 168)])
def test_days_and_weeks_keep_their_own_hours(fault, block):
    wrong = plant(fault, WEEKS, 3)[0, :, 0].reshape(-1, block)
    assert np.array_equal(np.sort(wrong, axis=1), HOURS.reshape(-1, block))


def test_a_late_clock_is_late_by_hours():
    wrong = plant("shifted clock", WEEKS, 3)[0, :, 0]
    late = np.unique((HOURS - wrong) % len(HOURS))
    assert len(late) == 1
    assert 6 <= late[0] <= 12


def test_no_fault_leaves_all_as_it_is_and_an_unknown_one_is_named():
    assert plant("", WEEKS, 3) is WEEKS
    with pytest.raises(BadInput, match="no fault 'rust'"):
        plant("rust", WEEKS, 3)
