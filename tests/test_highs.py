"""Integer programs are solved by HiGHS, without printed output."""

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint

from netspatial.highs import milp

LIMITS = {"seconds": 10.0, "gap": 1e-6}


def knapsack(room: float, **changes: object):
    """Values 5, 4, 3 with weights 4, 3, 2."""
    options = {"whole": np.ones(3, dtype=bool), **LIMITS, **changes}
    return milp(
        np.array([-5.0, -4.0, -3.0]),
        constraints=LinearConstraint(np.array([[4.0, 3.0, 2.0]]), -np.inf, room),
        bounds=Bounds(0, 1),
        **options,
    )


def test_a_knapsack_is_solved_optimally() -> None:
    found = knapsack(5.0)
    assert found.x is not None
    assert found.x.round().tolist() == [0, 1, 1]
    assert found.value == pytest.approx(-7)
    assert found.bound == pytest.approx(-7)
    assert found.proven


def test_the_relaxation_may_take_fractions() -> None:
    found = knapsack(6.0, whole=np.zeros(3, dtype=bool))
    assert found.x == pytest.approx([0.25, 1, 1])
    assert found.bound == found.value == pytest.approx(-8.25)


@pytest.mark.parametrize("whole", [True, False])
def test_an_infeasible_program_is_reported(whole: bool) -> None:
    found = knapsack(-1.0, whole=np.full(3, whole))
    assert found.impossible
    assert found.x is None
    assert found.bound == np.inf


@pytest.mark.parametrize("whole", [True, False])
def test_nothing_is_proven_without_time(whole: bool) -> None:
    rng = np.random.default_rng(0)
    found = milp(
        -rng.uniform(1, 2, 60),
        constraints=LinearConstraint(rng.uniform(1, 2, (40, 60)), -np.inf, 20.0),
        bounds=Bounds(0, 1),
        whole=np.full(60, whole),
        seconds=0.0,
        gap=0.0,
    )
    assert not found.proven
    assert not found.impossible
    assert found.bound < found.value


def test_a_program_with_nan_is_refused() -> None:
    with pytest.raises(ArithmeticError, match="refuses"):
        knapsack(np.nan)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    # the HiGHS within scipy 1.17 prints a line for two of these, even with its output off
    for seed in range(30):
        rng = np.random.default_rng(seed)
        weight = rng.uniform(1, 10, (15, 40)) * (rng.random((15, 40)) < 0.3)
        milp(
            -rng.uniform(1, 10, 40),
            constraints=LinearConstraint(weight, -np.inf, weight.sum(axis=1) / 3),
            bounds=Bounds(0, 1),
            whole=np.arange(40) < 20,
            **LIMITS,
        )
    assert capfd.readouterr() == ("", "")
