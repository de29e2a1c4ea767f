"""Load balancing without sleep."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.errors import BadInput
from netspatial.operate.dispatch.balance import balance
from tests.operate.made_up_network import drawn_network, drawn_traffic, pair


def test_load_above_the_threshold_moves_and_no_more() -> None:
    result = balance(pair(), np.array([[20.0], [9.0]]), 0.8)
    assert np.allclose(result.load_before, [[0.2], [0.9]])
    assert np.allclose(result.load_after, [[0.21], [0.8]])
    assert np.allclose(result.flow, [[0, 0], [1, 0]])
    assert (result.overload_hours_before, result.overload_hours_after) == (1, 0)


def test_without_a_neighbour_nothing_moves() -> None:
    result = balance(pair(reached=False), np.array([[20.0], [12.0]]), 0.8)
    assert np.allclose(result.load_after, [[0.2], [1.2]])
    assert result.overload_hours_after == 1


@given(st.integers(0, 1000), st.floats(0.2, 1.2))
def test_overload_never_grows_and_traffic_is_moved_only_under_overload(
    seed: int, level: float
) -> None:
    network = drawn_network(seed)
    traffic = drawn_traffic(network, seed, 4, level)
    result = balance(network, traffic, 0.7)
    over_before = np.maximum(result.load_before - 0.7, 0).sum(axis=0)
    over_after = np.maximum(result.load_after - 0.7, 0).sum(axis=0)
    assert (over_after <= over_before + 1e-6).all()
    calm = (result.load_before <= 0.7).all(axis=0)
    assert np.allclose(result.load_after[:, calm], result.load_before[:, calm])
    assert (np.diag(result.flow) == 0).all()


def test_a_threshold_is_a_load() -> None:
    with pytest.raises(BadInput, match="above 0 and up to 1"):
        balance(pair(), np.ones((2, 1)), 80)
