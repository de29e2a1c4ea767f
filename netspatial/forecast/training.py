"""The training loop of all forecasting networks: pinball loss, cosine decay, early stop.

Ours and the rivals go through it with the same windows and budget. Targets that were not measured
count nothing, and the last, smaller batch of an epoch is used like the others.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from netspatial.arrays import AnyFloats, Indices
from netspatial.errors import BadInput
from netspatial.forecast.forecaster import LEVELS, Progress
from netspatial.forecast.loss_weights import loss_weights
from netspatial.forecast.windows import Batch, Windows
from netspatial.randomness import key, stream
from netspatial.training import Best, cosine_decay, descend, set_rate

WARM_UP = 0.05
"""Share of the steps in which the learning rate rises."""
LOWEST_RATE = 0.01
"""Share of the learning rate that is left at the last step."""
JUDGED_AT_ONCE = 512
"""Windows of a batch without gradients."""


@dataclass(frozen=True)
class TrainConfig:
    """How long and how a network is trained; the same for all that are compared.

    steps, batch      : at most so many steps of so many windows
    lr, weight_decay  : of AdamW; the rate rises, then falls along a cosine
    evaluate_every    : steps between two looks at the validation windows
    patience          : looks without a better one after which training ends
    most_validation   : windows of the validation that are looked at, evenly taken
    """

    steps: int = 1500
    batch: int = 64
    lr: float = 2e-3
    weight_decay: float = 1e-2
    evaluate_every: int = 100
    patience: int = 6
    most_validation: int = 1024


@dataclass(frozen=True)
class Trained:
    """How training went: the validation losses by step, and the step that was kept."""

    losses: tuple[tuple[int, float], ...]
    kept: int


def train(
    network: nn.Module,
    windows: Windows,
    validation: Windows,
    budget: TrainConfig,
    *,
    seed: int,
    task_weights: str = "equal",
    window_weights: AnyFloats | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Trained:
    """Train `network` in place; it ends as it was when the validation loss was least.

    window_weights : (N,) how much each window counts, at least 0; all alike where not given
    """
    network.to(device)
    combine = loss_weights(task_weights, len(windows.tasks))
    optimiser = torch.optim.AdamW(
        [*network.parameters(), *combine.parameters()],
        lr=budget.lr,
        weight_decay=budget.weight_decay,
    )
    weights = _window_weights(window_weights, len(windows))
    judged = _evenly(validation, budget.most_validation)
    losses, lowest = [(0, validation_loss(network, judged, device))], Best()
    lowest.beaten_by(losses[0][1], 0)
    best = copy.deepcopy(network.state_dict())
    heard: list[Tensor] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(key(seed, "forecast", "dropout") % 2**63)
        for step, rows in enumerate(_batches(len(windows), budget, seed), start=1):
            network.train()
            set_rate(optimiser, budget.lr * _rate(step, budget.steps))
            batch = windows.batch(rows).to(device)
            by_task = task_losses(network(batch), batch, weights[rows].to(device))
            descend(combine(by_task), optimiser, network.parameters())
            heard.append(by_task.detach())
            if step % budget.evaluate_every == 0 or step == budget.steps:
                combine.observe(torch.stack(heard).mean(dim=0))
                heard = []
                losses.append((step, validation_loss(network, judged, device)))
                if lowest.beaten_by(losses[-1][1], step):
                    best = copy.deepcopy(network.state_dict())
                if progress is not None:
                    metadata = f"step {step}: validation loss {losses[-1][1]:.4f}"
                    progress(metadata, step / budget.steps)
                if lowest.worse >= budget.patience:
                    break
    network.load_state_dict(best)
    network.eval()
    return Trained(tuple(losses), lowest.at)


def pinball(quantiles: Tensor, y: Tensor) -> Tensor:
    """Pinball loss (B, H, K), mean over LEVELS; NaN where `y` is.

    quantiles : (B, H, K, Q); y : (B, H, K)
    """
    levels = torch.tensor(LEVELS, device=y.device)
    off = y[..., None] - quantiles
    return torch.maximum(levels * off, (levels - 1) * off).mean(dim=-1)


def task_losses(quantiles: Tensor, batch: Batch, weights: Tensor | None = None) -> Tensor:
    """Mean loss (K,) of each task, in the unit of the task's mean level in its history.

    So a busy place counts more than a quiet one, as it does in errors in real units.

    weights : (B,) of the windows
    """
    known = ~batch.y.isnan()
    loss = pinball(quantiles, batch.y.nan_to_num()) * (batch.scale / batch.level)[:, None]
    if weights is not None:
        loss = loss * weights[:, None, None]
    return torch.where(known, loss, 0.0).sum(dim=(0, 1)) / known.sum(dim=(0, 1)).clamp(min=1)


@torch.no_grad()
def validation_loss(network: nn.Module, windows: Windows, device: str = "cpu") -> float:
    """Mean loss over tasks and windows."""
    network.eval()
    total = torch.zeros(len(windows.tasks))
    for rows in in_order(len(windows)):
        batch = windows.batch(rows).to(device)
        total += task_losses(network(batch), batch).cpu() * len(rows) / len(windows)
    return float(total.mean())


def in_order(windows: int) -> Iterator[Indices]:
    """Rows of all windows, in batches of a size that memory bears."""
    for begin in range(0, windows, JUDGED_AT_ONCE):
        yield np.arange(begin, min(begin + JUDGED_AT_ONCE, windows))


def _batches(windows: int, budget: TrainConfig, seed: int) -> Iterator[Indices]:
    """Rows of `budget.steps` batches; every epoch goes through all windows in a new order."""
    step = epoch = 0
    while True:
        order = stream(seed, "forecast", "epoch", epoch).permutation(windows)
        for begin in range(0, windows, budget.batch):
            if step == budget.steps:
                return
            yield order[begin : begin + budget.batch]
            step += 1
        epoch += 1


def _rate(step: int, steps: int) -> float:
    rising = step / max(1.0, WARM_UP * steps)
    return min(rising, cosine_decay(step, steps, LOWEST_RATE))


def _window_weights(given: AnyFloats | None, windows: int) -> Tensor:
    if given is None:
        return torch.ones(windows)
    if given.shape != (windows,) or not np.isfinite(given).all() or (given < 0).any():
        raise BadInput(f"{windows} window weights from 0 up are needed.")
    return torch.from_numpy((given / max(given.mean(), 1e-12)).astype(np.float32))


def _evenly(windows: Windows, most: int) -> Windows:
    if len(windows) <= most:
        return windows
    return windows.take(np.linspace(0, len(windows) - 1, most).round().astype(np.int64))
