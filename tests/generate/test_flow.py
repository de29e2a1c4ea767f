"""Paths and solvers compared with closed forms."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from netspatial.generate.flow import (
    SOLVERS,
    VELOCITIES_PER_STEP,
    draw_time,
    straight_path,
)


def cubic(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    return (3 * t**2).unsqueeze(-1).expand_as(x)


@pytest.mark.parametrize(
    ("solver", "error"),
    [
        # dx/dt = 3t², x(1) - x(0) = 1; sums at the ends err by 3/2N, the midpoint rule by 1/4N²
        ("euler_left", lambda n: -3 / (2 * n) + 1 / (2 * n**2)),
        ("euler_right", lambda n: 3 / (2 * n) + 1 / (2 * n**2)),
        ("midpoint", lambda n: -1 / (4 * n**2)),
    ],
)
@pytest.mark.parametrize("steps", [1, 2, 5, 40])
def test_solvers_have_the_theoretical_error(solver, error, steps) -> None:
    x_0 = torch.zeros(3, 2, dtype=torch.float64)
    x_1 = SOLVERS[solver](cubic, x_0, steps, lambda x: x)
    assert torch.allclose(x_1, torch.full_like(x_1, 1 + error(steps)), atol=1e-12)


def test_the_midpoint_rule_is_of_second_order_for_an_exponential() -> None:
    x_0 = torch.ones(1, 1, dtype=torch.float64)
    errors = [
        abs(float(SOLVERS["midpoint"](lambda x, _: x, x_0, n, lambda x: x)) - math.e)
        for n in (10, 20)
    ]
    assert 3.5 < errors[0] / errors[1] < 4.5


@given(st.floats(0.05, 3.0))
def test_the_exact_velocity_maps_the_prior_to_the_target_deviation(s: float) -> None:
    def v(x, t):
        t = t.unsqueeze(-1)
        return x * (t * s**2 - (1 - t)) / (t**2 * s**2 + (1 - t) ** 2)

    x_1 = SOLVERS["midpoint"](v, torch.ones(1, 1, dtype=torch.float64), 400, lambda x: x)
    assert float(x_1) == pytest.approx(s, rel=2e-2)


def test_each_solver_has_the_stated_number_of_velocities_per_step() -> None:
    for name, solve in SOLVERS.items():
        calls = []

        def count(x, t, calls=calls):
            calls.append(float(t[0]))
            return torch.zeros_like(x)

        solve(count, torch.zeros(1, 1), 7, lambda x: x)
        assert len(calls) == 7 * VELOCITIES_PER_STEP[name]


def test_right_euler_evaluates_the_end_and_left_euler_the_beginning() -> None:
    times: list[float] = []

    def record(x, t):
        times.append(float(t[0]))
        return torch.zeros_like(x)

    SOLVERS["euler_right"](record, torch.zeros(1, 1), 4, lambda x: x)
    SOLVERS["euler_left"](record, torch.zeros(1, 1), 4, lambda x: x)
    assert times == [0.25, 0.5, 0.75, 1.0, 0.0, 0.25, 0.5, 0.75]


@given(st.floats(0, 1))
def test_the_velocity_of_a_straight_path_leads_to_both_its_ends(at: float) -> None:
    x_0, x_1 = torch.randn(4, 3, dtype=torch.float64), torch.randn(4, 3, dtype=torch.float64)
    t = torch.full((4,), at, dtype=torch.float64)
    path = straight_path(x_0, x_1, t)
    assert torch.allclose(path.x_t + (1 - t).unsqueeze(-1) * path.dx_t, x_1)
    assert torch.allclose(path.x_t - t.unsqueeze(-1) * path.dx_t, x_0)


@pytest.mark.parametrize("law", ["uniform", "logit_normal"])
def test_training_times_lie_between_zero_and_one(law) -> None:
    t = draw_time(10_000, law, torch.Generator().manual_seed(0))
    assert float(t.min()) >= 0
    assert float(t.max()) <= 1
    assert float(t.mean()) == pytest.approx(0.5, abs=0.02)


def test_clipping_is_applied_after_each_step() -> None:
    x_1 = SOLVERS["euler_left"](
        lambda x, _: torch.full_like(x, 10.0), torch.zeros(1, 1), 5, lambda x: x.clamp(-1, 1)
    )
    assert float(x_1) == 1.0
