"""Training loop: losses, weights, early stopping and reproducibility."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from netspatial.errors import BadInput
from netspatial.forecast.forecaster import LEVELS
from netspatial.forecast.training import TrainConfig, pinball, task_losses, train, validation_loss
from netspatial.forecast.window_batch import WindowBatch
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.randomness import stream

LITTLE = TrainConfig(steps=30, batch=16, lr=1e-2, evaluate_every=10, weight_decay=0)


class Constant(nn.Module):
    """The same normalised quantiles for every window."""

    def __init__(self, start: float = 0.0) -> None:
        super().__init__()
        self.level = nn.Parameter(torch.full((2, len(LEVELS)), start))

    def forward(self, batch: WindowBatch) -> Tensor:
        return self.level.expand(*batch.y.shape, -1)


class Recorder(Constant):
    """Records the windows that it was trained on."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Tensor] = []

    def forward(self, batch: WindowBatch) -> Tensor:
        if self.training:
            self.rows.append(batch.row)
        return super().forward(batch)


@pytest.fixture
def halves(windows: Windows) -> tuple[Windows, Windows]:
    even = np.arange(len(windows)) % 2 == 0
    return windows.take(np.flatnonzero(even)), windows.take(np.flatnonzero(~even))


def test_pinball_loss_is_least_at_the_true_quantiles():
    y = torch.from_numpy(stream(0, "truth").standard_normal((4000, 1, 1))).float()
    best = torch.quantile(y.flatten(), torch.tensor(LEVELS))
    least = pinball(best.expand(4000, 1, 1, -1), y).mean()
    for shift in (-0.1, 0.1):
        assert pinball((best + shift).expand(4000, 1, 1, -1), y).mean() > least


def test_pinball_loss_of_equal_quantiles_is_half_the_absolute_error():
    y = torch.tensor([[[3.0]]])
    quantiles = torch.ones(1, 1, 1, len(LEVELS))
    # levels are symmetric about one half
    assert float(pinball(quantiles, y)) == pytest.approx(0.5 * 2.0)


def test_missing_targets_are_masked(windows: Windows):
    batch = windows.batch(np.arange(20))
    quantiles = Constant()(batch)
    whole = task_losses(quantiles, batch)
    batch.y[:, :6, 0] = torch.nan
    half = task_losses(quantiles, batch)
    assert torch.isfinite(half).all()
    assert half[1] == whole[1]
    batch.y[:] = torch.nan
    assert (task_losses(quantiles, batch) == 0).all()


def test_losses_are_relative_to_the_mean_level(windows: Windows):
    batch = windows.batch(np.arange(20))
    zero = torch.zeros(*batch.y.shape, len(LEVELS))
    off = (batch.real(batch.y) - batch.centre[:, None]).abs() / batch.level[:, None]
    torch.testing.assert_close(task_losses(zero, batch), 0.5 * off.mean(dim=(0, 1)))


def test_every_window_is_used_in_every_epoch(halves):
    network = Recorder()
    windows = halves[0].take(np.arange(37))  # the last batch holds 5
    train(network, windows, halves[1], TrainConfig(steps=6, batch=16, evaluate_every=6), seed=0)
    assert [len(rows) for rows in network.rows] == [16, 16, 5] * 2
    for epoch in (network.rows[:3], network.rows[3:]):
        assert torch.cat(epoch).sort().values.tolist() == list(range(37))


def test_training_finds_the_quantiles(halves):
    network = Constant(start=2.0)
    before = validation_loss(network, halves[1])
    trained = train(network, *halves, TrainConfig(steps=150, batch=64, lr=0.1), seed=0)
    assert trained.losses[0] == (0, pytest.approx(before))
    assert validation_loss(network, halves[1]) < 0.5 * before
    covered = [
        float((halves[1].batch(np.arange(len(halves[1]))).y < network.level[:, at]).float().mean())
        for at in range(len(LEVELS))
    ]
    np.testing.assert_allclose(covered, LEVELS, atol=0.1)


def test_the_best_step_is_kept_and_training_stops_without_improvement(halves):
    good = Constant()
    train(good, *halves, TrainConfig(steps=150, batch=64, lr=0.1), seed=0)
    best = {name: value.clone() for name, value in good.state_dict().items()}
    # with far too high a rate every step is worse
    hopeless = TrainConfig(steps=200, batch=16, lr=30.0, evaluate_every=5, patience=3)
    trained = train(good, *halves, hopeless, seed=0)
    assert trained.kept == 0
    assert trained.losses[-1][0] == 15
    assert torch.equal(good.level, best["level"])


def test_training_depends_on_the_seed_only(halves):
    networks = [Constant(), Constant(), Constant()]
    for network, seed in zip(networks, (3, 3, 4), strict=True):
        train(network, *halves, LITTLE, seed=seed)
    assert torch.equal(networks[0].level, networks[1].level)
    assert not torch.equal(networks[0].level, networks[2].level)


def test_windows_with_zero_weight_have_no_effect(windows: Windows, make_panel):
    strange = make_panel(noise=1.5)
    both = Windows.join(windows, Windows.cut([strange], WindowSpec(24, 12), every=5))
    weights = np.concatenate([np.ones(len(windows)), np.zeros(len(both) - len(windows))])
    alone, weighted, equal = Constant(), Constant(), Constant()
    train_config = TrainConfig(steps=60, batch=32, lr=0.1)
    train(alone, windows, windows, train_config, seed=0)
    train(weighted, both, windows, train_config, seed=0, window_weights=weights)
    train(equal, both, both, train_config, seed=0)
    near = (weighted.level - alone.level).abs().mean()
    assert near < 0.5 * (equal.level - alone.level).abs().mean()


@pytest.mark.parametrize("wrong", [np.ones(3), np.full(10, -1.0), np.full(10, np.nan)])
def test_invalid_window_weights_are_refused(windows: Windows, wrong):
    few = windows.take(np.arange(10))
    with pytest.raises(BadInput, match="window_weights must be 10 finite values"):
        train(Constant(), few, few, LITTLE, seed=0, window_weights=wrong)


def test_diverging_training_is_an_error(halves):
    broken = Constant(start=float("nan"))
    with pytest.raises(BadInput, match="diverged by step 0"):
        train(broken, *halves, LITTLE, seed=0)
