"""The state of a training run, kept so that a killed run goes on to the same result.

Between the training loop and the disk; nothing is pickled.
"""

import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from netspatial.disk import remove_folder
from netspatial.errors import BadInput
from netspatial.generate.hierarchy import HierarchicalFlow
from netspatial.generate.presets import preset_from
from netspatial.weights import MODEL, arrays, fill, load_weights, save_weights

STATE_KIND = "generator-training"
PARTS = ("model", "ema", "levels", "best")
"""The networks of a run's state."""


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
    """

    model: HierarchicalFlow
    ema: HierarchicalFlow
    levels: HierarchicalFlow
    best: HierarchicalFlow
    optimiser: torch.optim.AdamW
    step: int = 0
    best_level: float = math.inf
    best_crps: float = math.inf
    worse: int = 0
    log: list[Progress] = field(default_factory=list)


@dataclass(frozen=True)
class _Saved:
    """What the config of a written state holds; None where nothing was judged yet."""

    preset: dict[str, Any]
    step: int
    best_level: float | None
    best_crps: float | None
    worse: int
    log: list[Progress]


def save_state(state: State, folder: Path) -> None:
    """Write the state of a run in one step."""
    tensors = {
        f"{name}/{key}": array
        for name in PARTS
        for key, array in arrays(getattr(state, name)).items()
    }
    for i, moments in state.optimiser.state_dict()["state"].items():
        for name, value in moments.items():
            tensors[f"adam/{i}/{name}"] = value.detach().cpu().numpy()
    config = {
        "preset": asdict(state.model.preset),
        "step": state.step,
        "best_level": _or_none(state.best_level),
        "best_crps": _or_none(state.best_crps),
        "worse": state.worse,
        "log": [asdict(entry) for entry in state.log],
    }
    save_weights(folder, STATE_KIND, tensors, config, "The state of a training run; not a model.")


def resume(state: State, folder: Path) -> None:
    """Go on from a state that was written, if there is one."""
    if not folder.exists():
        return
    saved = load_weights(folder, STATE_KIND)
    told = saved.settings(_Saved)
    preset = preset_from(told.preset, saved.source)
    if preset != state.model.preset:
        raise BadInput(
            f"'{folder}' holds the state of a run with other settings; remove it or train with "
            f"preset '{preset.name}' as it was."
        )
    for name in PARTS:
        part = _under(saved.tensors, name)
        fill(getattr(state, name), part, str(folder))
    moments: dict[int, dict[str, Tensor]] = {}
    for path, array in _under(saved.tensors, "adam").items():
        i, name = path.split("/")
        moments.setdefault(int(i), {})[name] = torch.from_numpy(array.copy())
    state.optimiser.load_state_dict(
        {"state": moments, "param_groups": state.optimiser.state_dict()["param_groups"]}
    )
    state.step, state.worse, state.log = told.step, told.worse, list(told.log)
    state.best_crps = math.inf if told.best_crps is None else told.best_crps
    state.best_level = math.inf if told.best_level is None else told.best_level


def _or_none(value: float) -> float | None:
    """Return a score as JSON has it, which knows no infinity."""
    return value if math.isfinite(value) else None


def forget_state(folder: Path) -> None:
    """Remove the state of a run that has ended."""
    if folder.exists():
        remove_folder(folder, MODEL)


def _under(tensors: dict[str, NDArray[np.generic]], name: str) -> dict[str, NDArray[np.generic]]:
    prefix = f"{name}/"
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
