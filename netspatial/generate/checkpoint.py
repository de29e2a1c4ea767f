"""Checkpoints of a generator's training, from which a killed run resumes to the same result."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from netspatial.errors import BadInput
from netspatial.generate.hierarchy import HierarchicalFlow
from netspatial.generate.presets import preset_from
from netspatial.training import Best, fill_from_checkpoint, save_checkpoint
from netspatial.weights import load_weights

STATE_KIND = "generator-training"


@dataclass(frozen=True)
class ValidationScores:
    """Progress of training at a validation: mean loss terms since the last one, and scores."""

    step: int
    steps: int
    losses: dict[str, float]
    crps: float
    cov90: float
    best_crps: float


@dataclass
class TrainingState:
    """The state of a training run.

    levels : the averaged weights at the validation with the best likelihood of site scales. Scales
             are one number per station and overfit long before shapes, so they stop separately.
    lowest : CRPS of held-out stations; likeliest : negative log-likelihood of their scales
    """

    model: HierarchicalFlow
    ema: HierarchicalFlow
    levels: HierarchicalFlow
    best: HierarchicalFlow
    optimiser: torch.optim.AdamW
    step: int = 0
    lowest: Best = field(default_factory=Best)
    likeliest: Best = field(default_factory=Best)
    log: list[ValidationScores] = field(default_factory=list)

    @property
    def networks(self) -> dict[str, HierarchicalFlow]:
        """The saved networks by their names in the file."""
        return {"model": self.model, "ema": self.ema, "levels": self.levels, "best": self.best}


@dataclass(frozen=True)
class _Saved:
    """The config of a checkpoint."""

    preset: dict[str, Any]
    step: int
    lowest: Best
    likeliest: Best
    log: list[ValidationScores]


def save_state(state: TrainingState, folder: Path) -> None:
    """Write a checkpoint of a run after a validation, atomically."""
    saved = _Saved(asdict(state.model.preset), state.step, state.lowest, state.likeliest, state.log)
    save_checkpoint(folder, STATE_KIND, state.networks, state.optimiser, asdict(saved))


def resume(state: TrainingState, folder: Path) -> None:
    """Restore the state from its checkpoint, if there is one."""
    if not folder.exists():
        return
    weights = load_weights(folder, STATE_KIND)
    saved = weights.settings(_Saved)
    preset = preset_from(saved.preset, weights.source)
    if preset != state.model.preset:
        raise BadInput(
            f"'{folder}' is the checkpoint of a run with other settings; remove it, or train with "
            f"the preset '{preset.name}' unchanged."
        )
    fill_from_checkpoint(weights, state.networks, state.optimiser)
    state.step, state.log = saved.step, list(saved.log)
    state.lowest, state.likeliest = saved.lowest, saved.likeliest
