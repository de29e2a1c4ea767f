"""Combination of task losses: Eqs. 13-14 and alternatives."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from netspatial.errors import BadInput
from netspatial.forecast.loss_weights import ALPHA, LOSS_WEIGHTS, Dynamic, loss_weights

LOSSES = st.lists(st.floats(0.01, 100), min_size=3, max_size=3).map(torch.tensor)


@given(st.lists(LOSSES, min_size=1, max_size=5))
def test_dynamic_weights_sum_to_one_and_follow_the_shares(observed):
    weights = Dynamic(3)
    for losses in observed:
        before = weights.weights
        weights.observe(losses)
        share = losses / losses.sum()
        torch.testing.assert_close(weights.weights, (1 - ALPHA) * before + ALPHA * share)
    assert float(weights.weights.sum()) == pytest.approx(1, abs=1e-5)


def test_dynamic_weights_converge_to_the_shares_of_constant_losses():
    weights = Dynamic(2)
    for _ in range(200):
        weights.observe(torch.tensor([1.0, 3.0]))
    torch.testing.assert_close(weights.weights, torch.tensor([0.25, 0.75]))


def test_dynamic_weights_have_no_gradient():
    weights = Dynamic(2)
    weights.observe(torch.tensor([1.0, 3.0]))
    losses = torch.tensor([2.0, 2.0], requires_grad=True)
    weights(losses).backward()
    torch.testing.assert_close(losses.grad, weights.weights)


def test_equal_weights_never_move():
    weights = loss_weights("equal", 4)
    weights.observe(torch.tensor([1.0, 2.0, 3.0, 50.0]))
    assert float(weights(torch.tensor([1.0, 2.0, 3.0, 6.0]))) == pytest.approx(3)


def test_dynamic_averaging_weights_the_task_with_the_slowest_falling_loss_most():
    weights = loss_weights("dwa", 2)
    weights.observe(torch.tensor([1.0, 1.0]))
    weights.observe(torch.tensor([0.5, 0.9]))
    slow, fast = weights(torch.tensor([0.0, 1.0])), weights(torch.tensor([1.0, 0.0]))
    assert slow > fast


def test_uncertainty_gives_the_noisy_task_a_lower_weight():
    weights = loss_weights("uncertainty", 2)
    (log_variance,) = weights.parameters()
    optimiser = torch.optim.SGD([log_variance], lr=0.5)
    for _ in range(60):
        optimiser.zero_grad()
        weights(torch.tensor([0.5, 4.0])).backward()
        optimiser.step()
    # exp(-s) L + s is least where exp(s) = L
    torch.testing.assert_close(log_variance.exp(), torch.tensor([0.5, 4.0]), rtol=0.02, atol=0)


def test_an_error_on_unknown_loss_weights_names_the_known_ones():
    with pytest.raises(BadInput, match="no loss weights 'best'; there are equal, dynamic"):
        loss_weights("best", 2)
    assert set(LOSS_WEIGHTS) == {"equal", "dynamic", "uncertainty", "dwa"}
