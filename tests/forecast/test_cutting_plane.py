"""The paper's cutting-plane algorithm against closed forms."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from netspatial.errors import BadInput
from netspatial.forecast.bilevel import BilevelProblem, shares, unrolled
from netspatial.forecast.cutting_plane import (
    LITERAL,
    CuttingPlane,
    Plane,
    cutting_plane,
    plane_at,
)
from tests.forecast.toy import SIMULATED, make_toy

POINTS = torch.tensor([[1.0, 0.0], [0.0, 2.0], [3.0, 1.0]])


def squares(phi, rows=None):
    """ℓ_j = |φ - p_j|² / 2, with gradient φ - p_j."""
    points = POINTS if rows is None else POINTS[rows]
    return ((phi - points) ** 2).sum(dim=1) / 2


def pull_problem():
    """Simulated losses with minima at three points, the real loss at the second."""
    return BilevelProblem(
        simulated=squares,
        real=lambda phi, rows: squares(phi, np.array([1])).expand(len(rows)),
        real_count=5,
        config=np.arange(3),
        parameters=torch.zeros(3, 0),
    )


def test_one_inner_step_follows_the_gradients_of_the_examples():
    phi, w = torch.tensor([0.5, -1.0]), torch.tensor([0.3, -2.0, 1.0], requires_grad=True)
    rate = 0.2
    psi = unrolled(squares, phi, torch.sigmoid(w), rate, 1)
    sigma = torch.sigmoid(w.detach())
    slopes = phi - POINTS
    assert torch.allclose(psi.detach(), phi - rate / 3 * (sigma[:, None] * slopes).sum(dim=0))
    for number in range(2):
        (by_w,) = torch.autograd.grad(psi[number], w, retain_graph=True)
        # ∂ψ/∂w_j = -(η/n) σ'(w_j) ∇ℓ_j
        assert torch.allclose(by_w, -rate / 3 * sigma * (1 - sigma) * slopes[:, number])


def test_several_inner_steps_equal_plain_gradient_descent():
    phi, weights = torch.tensor([0.5, -1.0]), torch.tensor([0.2, 1.0, 1.8])
    psi = unrolled(squares, phi, weights, 0.3, 4)
    for _ in range(4):
        phi = phi - 0.3 / 3 * (weights[:, None] * (phi - POINTS)).sum(dim=0)
    assert torch.allclose(psi.detach(), phi, atol=1e-6)


@given(logits=st.lists(st.floats(-8, 8), min_size=1, max_size=9))
def test_scaled_weights_have_a_mean_of_one(logits):
    assert shares(torch.tensor(logits)).mean().item() == pytest.approx(1, abs=1e-4)


@given(
    w=st.lists(st.floats(-2, 2), min_size=3, max_size=3),
    phi=st.lists(st.floats(-3, 3), min_size=2, max_size=2),
    per_parameter=st.booleans(),
)
def test_a_plane_is_tangent_to_h_at_its_point(w, phi, per_parameter):
    how = CuttingPlane(inner_steps=2, per_parameter=per_parameter, normalised=False)
    w, phi = torch.tensor(w).double(), torch.tensor(phi).double()
    start = torch.tensor([0.1, 0.2]).double()

    def h(w, phi):
        psi = unrolled(squares, start, torch.sigmoid(w), how.inner_lr, how.inner_steps).detach()
        return float((phi - psi).abs().sum()) * (0.5 if per_parameter else 1.0)

    plane = plane_at(pull_problem(), w, phi, start, how, 0, 0)
    assert float(plane.at(w, phi)) == pytest.approx(h(w, phi), abs=1e-9)
    psi = unrolled(squares, start, torch.sigmoid(w), how.inner_lr, how.inner_steps).detach()
    if float((phi - psi).abs().min()) > 1e-3:  # off the kinks of the absolute value
        for number in range(3):
            step = torch.zeros(3).double()
            step[number] = 1e-5
            slope = (h(w + step, phi) - h(w - step, phi)) / 2e-5
            assert float(plane.a[number]) == pytest.approx(slope, abs=1e-6)


def test_a_plane_is_zero_for_examples_outside_the_batch():
    toy = make_toy(0)
    how = CuttingPlane(batch=50, by_configuration=False)
    plane = plane_at(
        toy.problem, torch.zeros(len(toy.problem)), toy.phi, toy.phi, how, seed=0, step=0
    )
    assert 0 < int((plane.a != 0).sum()) <= 50


def test_multipliers_never_fall_below_zero_and_planes_without_one_are_dropped():
    toy = make_toy(0)
    how = CuttingPlane(steps=90, plane_every=10, lr=5e-3, most_planes=4, multiplier_lr=5.0)
    found = cutting_plane(toy.problem, toy.phi, how, seed=0)
    added = 60 // how.plane_every
    assert (found.multipliers >= 0).all()
    assert len(found.planes) == len(found.multipliers) <= 4 < added


def test_an_inactive_plane_loses_its_multiplier_and_is_dropped():
    problem = pull_problem()
    # φ is at the real optimum, and every plane is inactive with slack
    how = CuttingPlane(
        steps=9, first_phase=1, plane_every=4, tolerance=1e3, multiplier_lr=0.01, inner_lr=0.0
    )
    found = cutting_plane(problem, POINTS[1], how, seed=0)
    assert len(found.planes) == 1  # the last one; both before it were dropped


def test_the_second_phase_keeps_the_planes():
    toy = make_toy(1)
    how = CuttingPlane(steps=60, first_phase=1 / 3, plane_every=10, lr=5e-3)
    first = cutting_plane(
        toy.problem, toy.phi, CuttingPlane(steps=20, first_phase=1, plane_every=10, lr=5e-3), seed=0
    )
    both = cutting_plane(toy.problem, toy.phi, how, seed=0)
    assert [plane.c for plane in both.planes] == [plane.c for plane in first.planes]
    assert torch.equal(both.multipliers, first.multipliers)
    assert not torch.equal(both.phi, first.phi)


def test_the_value_of_a_plane():
    plane = Plane(torch.tensor([1.0, 2.0]), torch.tensor([3.0]), 4.0)
    assert float(plane.at(torch.tensor([1.0, 1.0]), torch.tensor([2.0]))) == 13.0


def test_weights_separate_clean_from_wrong_examples_and_depend_on_the_seed_only():
    toy = make_toy(0)
    how = CuttingPlane(steps=300, lr=5e-3, by_configuration=False)
    found = cutting_plane(toy.problem, toy.phi, how, seed=0)
    assert roc_auc_score(toy.clean, found.weights) > 0.6
    short = replace(how, steps=25)
    one, other = (cutting_plane(toy.problem, toy.phi, short, seed=3) for _ in range(2))
    assert torch.equal(one.w, other.w)
    assert torch.equal(one.phi, other.phi)


def test_the_published_form_diverges_where_the_stable_one_does_not():
    toy = make_toy(0)
    zero = float((toy.test[1] ** 2).mean())
    stable = cutting_plane(toy.problem, toy.phi, CuttingPlane(steps=150, lr=5e-3), seed=0)
    assert toy.error(stable.phi) < zero
    try:
        published = toy.error(
            cutting_plane(toy.problem, toy.phi, replace(LITERAL, steps=900), seed=0).phi
        )
    except BadInput as error:
        assert "diverged" in str(error)  # noqa: PT017
    else:
        assert published > 100 * zero


def test_wrong_configurations_get_lower_weights():
    toy = make_toy(0)
    # five configurations of clean examples, five of wrong ones
    problem = replace(toy.problem, config=np.where(toy.clean, 0, 5) + np.arange(SIMULATED) % 5)
    how = CuttingPlane(steps=150, lr=5e-3, plane_every=5, batch=128, first_phase=0.9)
    found = cutting_plane(problem, toy.phi, how, seed=0)
    assert found.w.shape == (10,)
    assert found.w[:5].min() > found.w[5:].max()
    assert torch.allclose(found.weights, torch.sigmoid(found.w)[problem.config])
