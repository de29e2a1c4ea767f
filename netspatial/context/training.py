"""Training the fusion on the frozen features of simulated (or any) cities.

The encoders have spoken before it begins, so that an epoch takes seconds. Every draw is named by
its step: a training that was killed goes on from its checkpoint and ends with the same weights.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from netspatial.context.designs import DESIGNS
from netspatial.context.features import Features
from netspatial.context.objectives import OBJECTIVES
from netspatial.context.towers import Shape, Towers, fit_statistics, to_batch
from netspatial.disk import remove_folder
from netspatial.errors import BadInput
from netspatial.randomness import key, stream
from netspatial.weights import MODEL, arrays, load_weights, save_weights

CHECKPOINT_KIND = "context-training"
HELD_OUT_BATCH = 512


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training, but the data.

    patience : epochs without progress on the held-out cities before it stops
    """

    design: str = "fusion"
    objective: str = "guarded"
    whiten: str = "none"
    d: int = 128
    epochs: int = 60
    patience: int = 8
    batch: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be trained."""
        for known, chosen, sense in (
            (DESIGNS, self.design, "design"),
            (OBJECTIVES, self.objective, "objective"),
        ):
            if chosen not in known:
                raise BadInput(
                    f"There is no {sense} '{chosen}'; the known ones are {', '.join(known)}."
                )
        if min(self.d, self.epochs, self.patience) < 1 or self.batch < 8:
            raise BadInput("d, epochs and patience must be at least 1 and batch at least 8.")


@dataclass
class Progress:
    """Where a training stands: epochs done, the best so far and each epoch's losses."""

    epoch: int = 0
    best_epoch: int = -1
    best_loss: float = float("inf")
    history: list[dict[str, float]] | None = None

    @property
    def losses(self) -> list[dict[str, float]]:
        """Training and held-out loss of each epoch."""
        return self.history or []


@dataclass(frozen=True)
class Trained:
    """The best weights, the widths they were built for, and how the training went."""

    model: nn.Module
    shape: Shape
    recipe: Recipe
    progress: Progress


def train(
    features: Features,
    held_out: Features,
    recipe: Recipe,
    checkpoint: Path | None = None,
    report: Callable[[Progress, Recipe], None] = lambda *_: None,
) -> Trained:
    """Train until the held-out places stop improving; go on from `checkpoint` where it exists.

    checkpoint : folder written after each epoch and removed at the end
    report     : called after each epoch
    """
    state = _begin(features, recipe)
    told = _fingerprint(features, held_out, recipe)
    if checkpoint is not None and checkpoint.exists():
        _restore(state, checkpoint, told)
    progress, objective = state.progress, OBJECTIVES[recipe.objective]
    loss_of = DESIGNS[recipe.design].loss
    while progress.epoch < recipe.epochs and (
        progress.epoch - progress.best_epoch <= recipe.patience
    ):
        state.model.train()
        losses = []
        steps = list(_batches(len(features), recipe, progress.epoch))
        for step, rows in enumerate(steps):
            random = stream(recipe.seed, "step", progress.epoch, step)
            batch = to_batch(thin_pois(features.take(rows), objective.thin, random))
            _set_rate(state.optimiser, recipe, progress.epoch + step / len(steps))
            loss = loss_of(state.model, batch, random, objective)
            state.optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(state.model.parameters(), 1.0)
            state.optimiser.step()
            losses.append(float(loss.detach()))
        held = evaluate(state.model, held_out, recipe)
        progress.history = [*progress.losses, {"train": float(np.mean(losses)), "held_out": held}]
        if held < progress.best_loss:
            progress.best_loss, progress.best_epoch = held, progress.epoch
            state.best = {name: array.copy() for name, array in arrays(state.model).items()}
        progress.epoch += 1
        if checkpoint is not None:
            _store(state, checkpoint, told)
        report(progress, recipe)
    state.model.load_state_dict({name: torch.from_numpy(a) for name, a in state.best.items()})
    state.model.eval()
    if checkpoint is not None and checkpoint.exists():
        remove_folder(checkpoint, MODEL)
    return Trained(state.model, state.shape, recipe, progress)


@torch.no_grad()
def evaluate(model: nn.Module, features: Features, recipe: Recipe) -> float:
    """Return the loss on held-out places, with the same masks at every call."""
    model.eval()
    objective = replace(OBJECTIVES[recipe.objective], thin=0.0)
    total, count = 0.0, 0
    for start in range(0, len(features), HELD_OUT_BATCH):
        rows = np.arange(start, min(start + HELD_OUT_BATCH, len(features)))
        if len(rows) < 2:
            break
        batch = to_batch(features.take(rows))
        random = stream(recipe.seed, "held out", start)
        loss = DESIGNS[recipe.design].loss(model, batch, random, objective)
        total, count = total + float(loss) * len(rows), count + len(rows)
    return total / max(count, 1)


def thin_pois(features: Features, share: float, random: np.random.Generator) -> Features:
    """Let a `share` of the places lose a random part of their POIs, prompts and counts alike."""
    keep = np.where(random.random(len(features)) < share, random.uniform(0, 1, len(features)), 1.0)
    lost = random.random(features.nearest.shape) >= keep[:, None]
    nearest = np.where(lost, -1, features.nearest)
    order = np.argsort(nearest < 0, axis=1, kind="stable")
    return replace(
        features,
        nearest=np.take_along_axis(nearest, order, axis=1),
        tally=random.binomial(features.tally, keep[:, None]),
    )


@dataclass
class _State:
    model: nn.Module
    shape: Shape
    optimiser: torch.optim.AdamW
    progress: Progress
    best: dict[str, NDArray[Any]]


def _begin(features: Features, recipe: Recipe) -> _State:
    if len(features) < 8:
        raise BadInput(f"{len(features)} places are too few to train on; give at least 8.")
    shape = Shape(
        image_dim=features.image.shape[1],
        text_dim=features.text.shape[1],
        tally_width=features.tally.shape[1],
        d=recipe.d,
        whiten=recipe.whiten,
    )
    with torch.random.fork_rng():
        torch.manual_seed(key(recipe.seed, "weights") % 2**63)
        model = DESIGNS[recipe.design].build(shape)
    towers = model.towers
    if not isinstance(towers, Towers):
        raise TypeError(recipe.design)
    fit_statistics(towers, features)
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    return _State(model, shape, optimiser, Progress(), arrays(model))


def _batches(count: int, recipe: Recipe, epoch: int) -> Iterator[NDArray[np.int64]]:
    order = stream(recipe.seed, "epoch", epoch).permutation(count)
    for start in range(0, count, recipe.batch):
        rows = order[start : start + recipe.batch]
        if len(rows) >= 8 or start == 0:
            yield rows


def _set_rate(optimiser: torch.optim.AdamW, recipe: Recipe, epoch: float) -> None:
    """Warm up over the first epoch, then fall along a cosine."""
    rate = recipe.learning_rate * min(1.0, epoch + 0.1)
    rate *= 0.5 * (1 + np.cos(np.pi * epoch / recipe.epochs))
    for group in optimiser.param_groups:
        group["lr"] = rate


def _fingerprint(features: Features, held_out: Features, recipe: Recipe) -> str:
    digest = hashlib.blake2b(json.dumps(asdict(recipe), sort_keys=True).encode(), digest_size=16)
    for part in (features, held_out):
        for field in fields(Features):
            digest.update(np.ascontiguousarray(getattr(part, field.name)).data)
    return digest.hexdigest()


@dataclass(frozen=True)
class _Stored:
    """What the config of a checkpoint holds."""

    training: str
    progress: Progress


def _store(state: _State, checkpoint: Path, told: str) -> None:
    tensors = {f"model.{name}": array for name, array in arrays(state.model).items()}
    tensors |= {f"best.{name}": array for name, array in state.best.items()}
    for index, moments in state.optimiser.state_dict()["state"].items():
        tensors |= {f"adam.{index}.{name}": value.numpy() for name, value in moments.items()}
    progress = asdict(state.progress)
    if state.progress.best_epoch < 0:
        del progress["best_loss"]  # infinite, which JSON has no word for
    config = {"training": told, "progress": progress}
    save_weights(checkpoint, CHECKPOINT_KIND, tensors, config, "An unfinished training.")


def _restore(state: _State, checkpoint: Path, told: str) -> None:
    stored = load_weights(checkpoint, CHECKPOINT_KIND)
    saved = stored.settings(_Stored)
    if saved.training != told:
        raise BadInput(
            f"'{checkpoint}' is the checkpoint of another training (other cities or another "
            "recipe); finish that one, or remove the folder to start anew."
        )
    state.progress = saved.progress
    parts: dict[str, dict[str, NDArray[Any]]] = {"model": {}, "best": {}, "adam": {}}
    for name, array in stored.tensors.items():
        part, _, rest = name.partition(".")
        parts[part][rest] = array
    state.model.load_state_dict({n: torch.from_numpy(a) for n, a in parts["model"].items()})
    state.best = parts["best"]
    optimiser = state.optimiser.state_dict()
    moments: dict[int, dict[str, torch.Tensor]] = {}
    for name, array in parts["adam"].items():
        index, _, moment = name.partition(".")
        moments.setdefault(int(index), {})[moment] = torch.from_numpy(array)
    state.optimiser.load_state_dict({**optimiser, "state": moments})
