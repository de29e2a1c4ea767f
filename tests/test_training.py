"""Common parts of trainings: rates, gradient clipping, moving averages, early stop, checkpoints."""

import copy
import math
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from netspatial.errors import BadInput
from netspatial.training import (
    Best,
    cosine_decay,
    descend,
    fill_from_checkpoint,
    follow,
    forget_checkpoint,
    save_checkpoint,
    set_rate,
)
from netspatial.weights import load_weights


@given(st.integers(1, 500), st.floats(0, 1))
def test_the_rate_falls_from_one_to_its_floor(steps: int, floor: float) -> None:
    rates = [cosine_decay(step, steps, floor) for step in range(steps + 1)]
    assert rates[0] == pytest.approx(1)
    assert rates[-1] == pytest.approx(floor)
    assert all(later <= earlier for earlier, later in pairwise(rates))
    assert cosine_decay(steps / 2, steps, floor) == pytest.approx((1 + floor) / 2)


def test_gradients_are_clipped_to_norm_one() -> None:
    layer = nn.Linear(3, 1, bias=False)
    before = layer.weight.detach().clone()
    optimiser = torch.optim.SGD(layer.parameters(), lr=9.0)
    set_rate(optimiser, 0.5)
    descend(1e6 * layer(torch.ones(1, 3)).sum(), optimiser, layer.parameters())
    assert float((layer.weight.detach() - before).norm()) == pytest.approx(0.5, rel=1e-4)


def test_gradients_are_averaged_before_they_are_clipped() -> None:
    layer = nn.Linear(1, 1, bias=False)
    before = layer.weight.detach().clone()
    optimiser = torch.optim.SGD(layer.parameters(), lr=1.0)

    def average() -> None:
        assert layer.weight.grad is not None
        layer.weight.grad *= 0.25

    descend(2 * layer(torch.ones(1, 1)).sum(), optimiser, layer.parameters(), average=average)
    assert float(before - layer.weight.detach()) == pytest.approx(0.5)


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_a_moving_average_has_the_given_decay(step: int, decay: float) -> None:
    slow, fast = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    nn.init.constant_(slow.weight, 0.0)
    nn.init.constant_(fast.weight, 1.0)
    follow(slow, fast, step, decay)
    assert float(slow.weight.detach()) == pytest.approx(
        1 - min(decay, (step + 1) / (step + 10)), abs=1e-6
    )


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_the_first_of_the_lowest_losses_is_the_best(losses: list[float]) -> None:
    best = Best()
    improved = [best.beaten_by(loss, at) for at, loss in enumerate(losses)]
    assert best.loss == min(losses)
    assert best.at == losses.index(min(losses))
    assert best.worse == len(losses) - 1 - best.at
    assert improved[best.at]
    assert not any(improved[best.at + 1 :])


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_ends_training(loss: float) -> None:
    with pytest.raises(BadInput, match="diverged by step 7"):
        Best().beaten_by(loss, 7)


def test_training_resumed_from_a_checkpoint_takes_the_same_step(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network, x = nn.Linear(3, 2), torch.randn(8, 3)

    def step(net: nn.Module, optimiser: torch.optim.Optimizer) -> None:
        descend(net(x).square().sum(), optimiser, net.parameters())

    optimiser = torch.optim.AdamW(network.parameters(), lr=0.1)
    step(network, optimiser)
    save_checkpoint(tmp_path / "c", "a-test", {"net": network}, optimiser, {"step": 1})
    other = nn.Linear(3, 2)
    later = torch.optim.AdamW(other.parameters(), lr=0.1)
    saved = load_weights(tmp_path / "c", "a-test")
    fill_from_checkpoint(saved, {"net": other}, later)
    assert saved.config["step"] == 1
    once = copy.deepcopy(other)
    for net, its in ((network, optimiser), (other, later)):
        step(net, its)
    assert torch.equal(network.weight, other.weight)
    assert not torch.equal(once.weight, other.weight)
    forget_checkpoint(tmp_path / "c")
    forget_checkpoint(tmp_path / "c")
    assert not (tmp_path / "c").exists()
