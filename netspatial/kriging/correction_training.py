"""Training of the learned correction on tasks of many cities."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from netspatial.arrays import Floats, Indices
from netspatial.errors import BadInput
from netspatial.kriging.correction_network import CorrectionNetwork, NetworkSettings, moves
from netspatial.kriging.correction_tasks import Task, TrainingCity, draw_task, make_task
from netspatial.kriging.gaussian_process import Prior
from netspatial.kriging.learned_correction import gaussian_crps, moved
from netspatial.kriging.network_inputs import READ_GROUPS, inputs_at
from netspatial.progress import Progress, silent
from netspatial.randomness import stream
from netspatial.training import Best, cosine_decay, descend, follow, set_rate

FOLDS = 5
BLOCK_M = 2000.0
EVERY = 100
"""Steps between evaluations on the held-out cities."""


@dataclass(frozen=True)
class CorrectionTraining:
    """Settings of the training."""

    steps: int = 1500
    tasks_per_step: int = 2
    rate: float = 2e-3
    decay: float = 0.02
    averaging: float = 0.99
    seed: int = 0


@dataclass(frozen=True)
class TrainedCorrection:
    """The network of the best step, and its CRPS over layer 1's on held-out cities by split."""

    network: CorrectionNetwork
    step: int
    scores: dict[str, float]


def train_correction(
    cities: Sequence[TrainingCity],
    held_out: Sequence[TrainingCity],
    prior: Prior,
    config: CorrectionTraining | None = None,
    progress: Progress = silent,
) -> TrainedCorrection:
    """Train on random tasks of `cities` and keep what is best on folds of `held_out`.

    prior : of the level's kernel weights
    """
    if not cities or not held_out:
        raise BadInput("The correction needs cities to train on and others to be validated on.")
    config = config or CorrectionTraining()
    torch.manual_seed(config.seed)
    network = CorrectionNetwork(
        NetworkSettings({name: _columns(cities, name) for name in READ_GROUPS})
    )
    network.scale.copy_(torch.from_numpy(_scale(cities)))
    average = deepcopy(network).eval()
    tasks = {name: validation_tasks(held_out, prior, name) for name in ("random", "blocks")}
    optimiser = torch.optim.AdamW(
        [one for one in network.parameters() if one.requires_grad],
        lr=config.rate,
        weight_decay=config.decay,
    )
    best, kept, scores = Best(), deepcopy(average), dict.fromkeys(tasks, 1.0)
    best.beaten_by(1.0, 0)
    for step in range(config.steps):
        random = stream(config.seed, "correction", step)
        set_rate(optimiser, config.rate * cosine_decay(step, config.steps, 0.02))
        network.train()
        losses = []
        for _ in range(config.tasks_per_step):
            city = cities[int(random.integers(len(cities)))]
            losses.append(task_loss(network, draw_task(city, prior, random)))
        descend(torch.stack(losses).mean(), optimiser, network.parameters())
        follow(average, network, step, config.averaging)
        if (step + 1) % EVERY == 0 or step + 1 == config.steps:
            found = {name: relative_crps(average, some) for name, some in tasks.items()}
            if best.beaten_by(float(np.mean(list(found.values()))), step + 1):
                kept, scores = deepcopy(average), found
            shown = ", ".join(f"{name} {value:.4f}" for name, value in found.items())
            progress(f"step {step + 1}: CRPS over layer 1's {shown}", (step + 1) / config.steps)
    return TrainedCorrection(kept, best.at, scores)


def task_loss(network: CorrectionNetwork, task: Task) -> Tensor:
    """Mean CRPS of the level over layer 1's mean deviation."""
    move, widening = network(inputs_at(task.support, task.asked, task.posterior))
    deviation = torch.from_numpy(np.sqrt(task.posterior.variance)).float()
    missed = torch.from_numpy(task.truth - task.posterior.mean[:, 0]).float()
    spread = deviation * widening.exp()
    z = (missed - deviation * move) / spread
    density = torch.exp(-z.square() / 2) * (2 * torch.pi) ** -0.5
    crps = spread * (z * (2 * torch.special.ndtr(z) - 1) + 2 * density - torch.pi**-0.5)
    found: Tensor = crps.mean() / deviation.mean()
    return found


def validation_tasks(cities: Sequence[TrainingCity], prior: Prior, split: str) -> list[Task]:
    """Return the folds of each city's first levels, drawn at random or by blocks."""
    tasks = []
    for city in cities:
        random = stream(0, "correction folds", city.name)
        n = len(city.places)
        part: Indices = np.arange(n)
        if split == "blocks":
            block = np.floor((city.places.xy - random.uniform(0, BLOCK_M, 2)) / BLOCK_M)
            part = np.unique(block, axis=0, return_inverse=True)[1].ravel().astype(np.int64)
        fold = (random.permutation(int(part.max()) + 1) % FOLDS)[part]
        for at in np.unique(fold):
            known, asked = np.flatnonzero(fold != at), np.flatnonzero(fold == at)
            tasks.append(make_task(city, city.levels[0], known, asked, prior, random))
    return tasks


def relative_crps(network: CorrectionNetwork, tasks: Sequence[Task]) -> float:
    """Mean CRPS of the corrected levels over that of layer 1."""
    ours, layer_1 = [], []
    for task in tasks:
        inputs = inputs_at(task.support, task.asked, task.posterior)
        corrected = moved(task.posterior, *moves(network, inputs), 1.0)
        ours.append(gaussian_crps(task.truth, corrected))
        layer_1.append(gaussian_crps(task.truth, task.posterior))
    return float(np.concatenate(ours).mean() / np.concatenate(layer_1).mean())


def _columns(cities: Sequence[TrainingCity], name: str) -> int:
    found = {int(city.places.features[name].shape[1]) for city in cities}
    if len(found) != 1:
        raise BadInput(
            f"The cities have different numbers of features in the group '{name}': "
            f"{sorted(found)}; train on cities with the same parts."
        )
    return found.pop()


def _scale(cities: Sequence[TrainingCity]) -> Floats:
    """One over each feature's deviation inside a city, averaged over cities, (p,)."""
    variances = [
        np.concatenate([city.places.features[name].var(axis=0) for name in READ_GROUPS])
        for city in cities
    ]
    deviation = np.sqrt(np.mean(variances, axis=0))
    found: Floats = np.where(deviation > 1e-6, 1 / np.maximum(deviation, 1e-6), 0.0)
    return found
