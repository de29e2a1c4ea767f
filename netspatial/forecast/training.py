"""Training loop of all forecasting networks: pinball loss, cosine decay, early stopping.

The same for Sim-MSTNet and the baselines, with the same windows and budget. Missing targets are
masked, and the last, smaller batch of an epoch is used like the others.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from netspatial.arrays import AnyFloats, Indices
from netspatial.errors import BadInput
from netspatial.forecast.forecaster import LEVELS
from netspatial.forecast.loss_weights import loss_weights
from netspatial.forecast.window_batch import WindowBatch
from netspatial.forecast.windows import Windows
from netspatial.progress import Progress, silent
from netspatial.randomness import key, stream
from netspatial.training import Best, cosine_decay, descend, set_rate

WARM_UP = 0.05
"""Share of the steps in which the learning rate rises."""
LOWEST_RATE = 0.01
"""Share of the learning rate at the last step."""
VALIDATION_BATCH = 512
"""Batch size for evaluation, windows."""


@dataclass(frozen=True)
class TrainConfig:
    """Training settings; the same for all networks that are compared.

    Attributes
    ----------
    steps : int
        Maximum number of steps.
    batch : int
        Windows per step.
    lr : float
        Learning rate of AdamW; it rises, then falls along a cosine.
    weight_decay : float
        Of AdamW.
    evaluate_every : int
        Steps between validations.
    patience : int
        Validations without improvement before training stops.
    most_validation : int
        Maximum number of validation windows, evenly selected.
    """

    steps: int = 1500
    batch: int = 64
    lr: float = 2e-3
    weight_decay: float = 1e-2
    evaluate_every: int = 100
    patience: int = 6
    most_validation: int = 1024


@dataclass(frozen=True)
class FitResult:
    """Course of a training.

    Attributes
    ----------
    losses : tuple of (int, float)
        Step and validation loss.
    kept : int
        Step whose parameters were kept.
    """

    losses: tuple[tuple[int, float], ...]
    kept: int


def train(
    network: nn.Module,
    windows: Windows,
    validation: Windows,
    train_config: TrainConfig,
    *,
    seed: int,
    task_weights: str = "equal",
    window_weights: AnyFloats | None = None,
    device: str = "cpu",
    progress: Progress = silent,
) -> FitResult:
    """Train a network in place; it ends with the parameters of the lowest validation loss.

    Parameters
    ----------
    network : Module
        From a batch of windows to quantiles (B, H, K, Q).
    windows : Windows
        N training windows.
    validation : Windows
        Validation windows.
    train_config : TrainConfig
        Steps, batch size and learning rate.
    seed : int
        Of the order of windows and of dropout.
    task_weights : str
        Weighting of the task losses, a key of `LOSS_WEIGHTS`.
    window_weights : array (N,), optional
        Weight of each window, at least 0; by default equal.
    device : str
        Device of the network.
    progress : Progress
        Called after each validation.

    Returns
    -------
    FitResult
    """
    network.to(device)
    combine = loss_weights(task_weights, len(windows.tasks))
    optimiser = torch.optim.AdamW(
        [*network.parameters(), *combine.parameters()],
        lr=train_config.lr,
        weight_decay=train_config.weight_decay,
    )
    weights = _window_weights(window_weights, len(windows))
    held_out = _evenly(validation, train_config.most_validation)
    losses, lowest = [(0, validation_loss(network, held_out, device))], Best()
    lowest.beaten_by(losses[0][1], 0)
    best = copy.deepcopy(network.state_dict())
    recent: list[Tensor] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(key(seed, "forecast", "dropout") % 2**63)
        for step, rows in enumerate(_batches(len(windows), train_config, seed), start=1):
            network.train()
            set_rate(optimiser, train_config.lr * _rate(step, train_config.steps))
            batch = windows.batch(rows).to(device)
            by_task = task_losses(network(batch), batch, weights[rows].to(device))
            descend(combine(by_task), optimiser, network.parameters())
            recent.append(by_task.detach())
            if step % train_config.evaluate_every == 0 or step == train_config.steps:
                combine.observe(torch.stack(recent).mean(dim=0))
                recent = []
                losses.append((step, validation_loss(network, held_out, device)))
                if lowest.beaten_by(losses[-1][1], step):
                    best = copy.deepcopy(network.state_dict())
                text = f"step {step}: validation loss {losses[-1][1]:.4f}"
                progress(text, step / train_config.steps)
                if lowest.worse >= train_config.patience:
                    break
    network.load_state_dict(best)
    network.eval()
    return FitResult(tuple(losses), lowest.at)


def pinball(quantiles: Tensor, y: Tensor) -> Tensor:
    """Pinball loss, mean over LEVELS.

    Parameters
    ----------
    quantiles : Tensor (B, H, K, Q)
        Forecast quantiles at `LEVELS`.
    y : Tensor (B, H, K)
        Measured values.

    Returns
    -------
    Tensor (B, H, K)
        NaN where `y` is.

    Examples
    --------
    >>> round(float(pinball(torch.zeros(1, 1, 1, len(LEVELS)), torch.ones(1, 1, 1))), 6)
    0.5
    """
    levels = torch.tensor(LEVELS, device=y.device)
    off = y[..., None] - quantiles
    return torch.maximum(levels * off, (levels - 1) * off).mean(dim=-1)


def task_losses(quantiles: Tensor, batch: WindowBatch, weights: Tensor | None = None) -> Tensor:
    """Mean loss of each task, relative to the task's mean level in its history.

    Busy places count more than quiet ones, as in errors in real units.

    Parameters
    ----------
    quantiles : Tensor (B, H, K, Q)
        Forecast quantiles at `LEVELS`.
    batch : WindowBatch
        The windows.
    weights : Tensor (B,), optional
        Of the windows.

    Returns
    -------
    Tensor (K,)
    """
    known = ~batch.y.isnan()
    loss = pinball(quantiles, batch.y.nan_to_num()) * (batch.scale / batch.level)[:, None]
    if weights is not None:
        loss = loss * weights[:, None, None]
    return torch.where(known, loss, 0.0).sum(dim=(0, 1)) / known.sum(dim=(0, 1)).clamp(min=1)


@torch.no_grad()
def validation_loss(network: nn.Module, windows: Windows, device: str = "cpu") -> float:
    """Mean loss over tasks and windows.

    Parameters
    ----------
    network : Module
        From a batch of windows to quantiles.
    windows : Windows
        Validation windows.
    device : str
        Device of the network.

    Returns
    -------
    float
    """
    network.eval()
    total = torch.zeros(len(windows.tasks))
    for rows in in_order(len(windows)):
        batch = windows.batch(rows).to(device)
        total += task_losses(network(batch), batch).cpu() * len(rows) / len(windows)
    return float(total.mean())


def in_order(windows: int) -> Iterator[Indices]:
    """Yield the rows of all windows in batches that fit into memory.

    Parameters
    ----------
    windows : int
        Number of windows.

    Returns
    -------
    iterator of array of int

    Examples
    --------
    >>> [rows.tolist() for rows in in_order(2)]
    [[0, 1]]
    """
    for begin in range(0, windows, VALIDATION_BATCH):
        yield np.arange(begin, min(begin + VALIDATION_BATCH, windows))


def _batches(windows: int, train_config: TrainConfig, seed: int) -> Iterator[Indices]:
    """Yield the rows of `budget.steps` batches; every epoch shuffles all windows."""
    step = epoch = 0
    while True:
        order = stream(seed, "forecast", "epoch", epoch).permutation(windows)
        for begin in range(0, windows, train_config.batch):
            if step == train_config.steps:
                return
            yield order[begin : begin + train_config.batch]
            step += 1
        epoch += 1


def _rate(step: int, steps: int) -> float:
    rising = step / max(1.0, WARM_UP * steps)
    return min(rising, cosine_decay(step, steps, LOWEST_RATE))


def _window_weights(given: AnyFloats | None, windows: int) -> Tensor:
    if given is None:
        return torch.ones(windows)
    if given.shape != (windows,) or not np.isfinite(given).all() or (given < 0).any():
        raise BadInput(f"window_weights must be {windows} finite values of at least 0.")
    return torch.from_numpy((given / max(given.mean(), 1e-12)).astype(np.float32))


def _evenly(windows: Windows, most: int) -> Windows:
    if len(windows) <= most:
        return windows
    return windows.take(np.linspace(0, len(windows) - 1, most).round().astype(np.int64))
