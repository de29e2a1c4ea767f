"""Training of the fusion on frozen features of places of cities.

Features are encoded once beforehand, so that an epoch takes seconds. Random numbers depend on the
step, so that a killed training resumes from its checkpoint to the same weights.
"""

import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from netspatial.arrays import Indices
from netspatial.context.features.extractor import Features
from netspatial.context.fusion.feature_projector import (
    FeatureProjector,
    Shape,
    fit_statistics,
    to_batch,
)
from netspatial.context.fusion.fusion_variants import FUSION_VARIANTS
from netspatial.context.fusion.losses import OBJECTIVES
from netspatial.errors import BadInput
from netspatial.randomness import key, stream
from netspatial.training import (
    Best,
    cosine_decay,
    descend,
    fill_from_checkpoint,
    forget_checkpoint,
    save_checkpoint,
    set_rate,
)
from netspatial.weights import load_weights

CHECKPOINT_KIND = "context-training"
HELD_OUT_BATCH = 512


@dataclass(frozen=True)
class FusionTrainConfig:
    """Settings of a training.

    Attributes
    ----------
    design, objective : str
        Network ("fusion" by default) and loss ("guarded" or "paper").
    whiten : str
        Whitening of the frozen features.
    d : int
        Width of the embedding.
    epochs, patience : int
        Most epochs, and epochs without a lower held-out loss after which training stops.
    batch : int
        Places per step, at least 8.
    learning_rate, weight_decay : float
        Of AdamW.
    seed : int
        Seed of all random numbers.
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
        """Check the settings."""
        for known, chosen, setting in (
            (FUSION_VARIANTS, self.design, "design"),
            (OBJECTIVES, self.objective, "objective"),
        ):
            if chosen not in known:
                raise BadInput(
                    f"There is no {setting} '{chosen}'; the known ones are {', '.join(known)}."
                )
        if min(self.d, self.epochs, self.patience) < 1 or self.batch < 8:
            raise BadInput("d, epochs and patience must be at least 1 and batch at least 8.")


@dataclass
class FusionProgress:
    """Progress of a training: finished epochs, the best so far and each epoch's losses.

    best   : the lowest held-out loss and its epoch
    losses : training and held-out loss of each epoch
    """

    epoch: int = 0
    best: Best = field(default_factory=Best)
    losses: list[dict[str, float]] = field(default_factory=list)


@dataclass(frozen=True)
class TrainedFusion:
    """The best weights, their network's shape, and the progress of the training."""

    model: nn.Module
    shape: Shape
    recipe: FusionTrainConfig
    progress: FusionProgress


def train(
    features: Features,
    held_out: Features,
    recipe: FusionTrainConfig,
    checkpoint: Path | None = None,
    report: Callable[[FusionProgress, FusionTrainConfig], None] = lambda *_: None,
) -> TrainedFusion:
    """Train until the held-out loss stops falling; resume from `checkpoint` where it exists.

    checkpoint : folder written after each epoch and removed at the end
    report     : called after each epoch
    """
    state = _begin(features, recipe)
    fingerprint = _fingerprint(features, held_out, recipe)
    if checkpoint is not None and checkpoint.exists():
        _restore(state, checkpoint, fingerprint)
    progress, objective = state.progress, OBJECTIVES[recipe.objective]
    loss_of = FUSION_VARIANTS[recipe.design].loss
    while progress.epoch < recipe.epochs and progress.best.worse < recipe.patience:
        state.model.train()
        losses = []
        steps = list(_batches(len(features), recipe, progress.epoch))
        for step, rows in enumerate(steps):
            random = stream(recipe.seed, "step", progress.epoch, step)
            batch = to_batch(thin_pois(features.take(rows), objective.thin, random))
            set_rate(state.optimiser, _rate(recipe, progress.epoch + step / len(steps)))
            loss = loss_of(state.model, batch, random, objective)
            descend(loss, state.optimiser, state.model.parameters())
            losses.append(float(loss.detach()))
        held = evaluate(state.model, held_out, recipe)
        progress.losses.append({"train": float(np.mean(losses)), "held_out": held})
        progress.epoch += 1
        if progress.best.beaten_by(held, progress.epoch):
            state.best.load_state_dict(state.model.state_dict())
        if checkpoint is not None:
            saved = asdict(_Stored(fingerprint, progress))
            save_checkpoint(checkpoint, CHECKPOINT_KIND, state.networks, state.optimiser, saved)
        report(progress, recipe)
    if checkpoint is not None:
        forget_checkpoint(checkpoint)
    return TrainedFusion(state.best.eval(), state.shape, recipe, progress)


@torch.no_grad()
def evaluate(model: nn.Module, features: Features, recipe: FusionTrainConfig) -> float:
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
        loss = FUSION_VARIANTS[recipe.design].loss(model, batch, random, objective)
        total, count = total + float(loss) * len(rows), count + len(rows)
    return total / max(count, 1)


def thin_pois(features: Features, share: float, random: np.random.Generator) -> Features:
    """Remove a random part of the POIs (prompts and counts) of a `share` of the places."""
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
    best: nn.Module
    shape: Shape
    optimiser: torch.optim.AdamW
    progress: FusionProgress

    @property
    def networks(self) -> dict[str, nn.Module]:
        """The saved networks by their names in the file."""
        return {"model": self.model, "best": self.best}


def _begin(features: Features, recipe: FusionTrainConfig) -> _State:
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
        model = FUSION_VARIANTS[recipe.design].build(shape)
    towers = model.towers
    if not isinstance(towers, FeatureProjector):
        raise TypeError(recipe.design)
    fit_statistics(towers, features)
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    return _State(model, copy.deepcopy(model), shape, optimiser, FusionProgress())


def _batches(count: int, recipe: FusionTrainConfig, epoch: int) -> Iterator[Indices]:
    order = stream(recipe.seed, "epoch", epoch).permutation(count)
    for start in range(0, count, recipe.batch):
        rows = order[start : start + recipe.batch]
        if len(rows) >= 8 or start == 0:
            yield rows


def _rate(recipe: FusionTrainConfig, epoch: float) -> float:
    """Return the learning rate: warm-up over the first epoch, then cosine decay."""
    return recipe.learning_rate * min(1.0, epoch + 0.1) * cosine_decay(epoch, recipe.epochs)


def _fingerprint(features: Features, held_out: Features, recipe: FusionTrainConfig) -> str:
    digest = hashlib.blake2b(json.dumps(asdict(recipe), sort_keys=True).encode(), digest_size=16)
    for part in (features, held_out):
        for column in fields(Features):
            digest.update(np.ascontiguousarray(getattr(part, column.name)).data)
    return digest.hexdigest()


@dataclass(frozen=True)
class _Stored:
    """The config of a checkpoint."""

    training: str
    progress: FusionProgress


def _restore(state: _State, checkpoint: Path, fingerprint: str) -> None:
    stored = load_weights(checkpoint, CHECKPOINT_KIND)
    saved = stored.settings(_Stored)
    if saved.training != fingerprint:
        raise BadInput(
            f"'{checkpoint}' is the checkpoint of another training (other cities or other "
            "settings); finish that training, or remove the folder to start again."
        )
    fill_from_checkpoint(stored, state.networks, state.optimiser)
    state.progress = saved.progress
