"""The state of a generator's training, kept so that a killed run goes on to the same result."""

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
class Progress:
    """Where training stands after a validation: mean loss terms since the last one, scores."""

    step: int
    steps: int
    losses: dict[str, float]
    crps: float
    cov90: float
    best_crps: float


@dataclass
class State:
    """All that a resumed run needs.

    levels : the average at the validation where site scales were likeliest. Scales are one number
             a station and are overfitted long before the shapes are learnt, so they stop alone.
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
    log: list[Progress] = field(default_factory=list)

    @property
    def networks(self) -> dict[str, HierarchicalFlow]:
        """What is kept of a run, by its name in the file."""
        return {"model": self.model, "ema": self.ema, "levels": self.levels, "best": self.best}


@dataclass(frozen=True)
class _Saved:
    """What the config of a written state holds."""

    preset: dict[str, Any]
    step: int
    lowest: Best
    likeliest: Best
    log: list[Progress]


def save_state(state: State, folder: Path) -> None:
    """Write the state of a run that was judged, in one step."""
    saved = _Saved(asdict(state.model.preset), state.step, state.lowest, state.likeliest, state.log)
    save_checkpoint(folder, STATE_KIND, state.networks, state.optimiser, asdict(saved))


def resume(state: State, folder: Path) -> None:
    """Go on from a state that was written, if there is one."""
    if not folder.exists():
        return
    saved = load_weights(folder, STATE_KIND)
    metadata = saved.settings(_Saved)
    preset = preset_from(metadata.preset, saved.source)
    if preset != state.model.preset:
        raise BadInput(
            f"'{folder}' holds the state of a run with other settings; remove it or train with "
            f"preset '{preset.name}' as it was."
        )
    fill_from_checkpoint(saved, state.networks, state.optimiser)
    state.step, state.log = metadata.step, list(metadata.log)
    state.lowest, state.likeliest = metadata.lowest, metadata.likeliest
