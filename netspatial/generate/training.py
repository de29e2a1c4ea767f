"""The training loop of the hierarchy: deterministic when resumed, early-stopped on held-out CRPS.

Reads a `TrainingSet` and minimises `objective`. Under torchrun every process takes its share of
each batch.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.distributed

from netspatial.arrays import Mask
from netspatial.errors import BadInput
from netspatial.generate.calibration import (
    calibrate_scale,
    calibrate_temperature,
    scale_likelihood,
    validation_scores,
)
from netspatial.generate.checkpoint import TrainingState, ValidationScores, resume, save_state
from netspatial.generate.data import FEWEST_STATIONS, TrainingSet
from netspatial.generate.distributed import rank_and_world
from netspatial.generate.hierarchy import HierarchicalFlow
from netspatial.generate.objective import Batch, TrainingRng, objective
from netspatial.generate.presets import Preset
from netspatial.randomness import key, stream
from netspatial.training import cosine_decay, descend, follow, set_rate

VALIDATION_SHARE = 0.1
WARM_UP_STEPS = 200
LOWEST_RATE = 0.02
"""Learning rate at the last step, as a share of its peak."""
FEW_GROUPS = 5
"""From this many cities on, whole cities are held out, to score unseen places."""


@dataclass(frozen=True)
class Trained:
    """A trained hierarchy, the log of its training and its held-out scores."""

    model: HierarchicalFlow
    log: list[ValidationScores]
    validation: dict[str, float]


def train(
    data: TrainingSet,
    preset: Preset,
    *,
    seed: int = 0,
    device: str = "cpu",
    begin: HierarchicalFlow | None = None,
    state_folder: Path | None = None,
    validate_every: int = 500,
    on_progress: Callable[[ValidationScores], None] | None = None,
) -> Trained:
    """Train a hierarchy from scratch, or fine-tune `begin`.

    Series of another length than `begin` was trained on: a model of single weeks is trained on
    longer series week by week. A model of months is trained on the level and the mean days of
    single weeks only. A single week does not separate weekly shape and residual: taken as the
    shape it has four times the variance of a month's mean week, and its residual is zero. The mean
    over five weekdays and two weekend days removes most of this from the mean days.

    With `state_folder` a checkpoint is saved at each validation and a killed run resumes from it;
    steps are seeded one by one, so that the result does not change.
    """
    if len(data) < FEWEST_STATIONS:
        raise BadInput(
            f"{len(data)} stations are too few to train on; {FEWEST_STATIONS} are needed."
        )
    fitted, held_out = split(data, seed)
    stations_held_out = len(held_out)
    if begin is not None and begin.one_week:
        fitted, held_out = fitted.in_weeks(), held_out.in_weeks()
    rank, world = rank_and_world()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_seed(seed, "initial weights"))
        state = _begin(fitted, preset, device, begin)
        if state_folder is not None:
            resume(state, state_folder)
        batches = _Batches(fitted, preset.batch, seed, torch.device(device))
        seen: list[dict[str, float]] = []
        while state.step < preset.steps and state.lowest.worse < preset.patience:
            rng = TrainingRng(
                torch.Generator().manual_seed(_seed(seed, "step", state.step, rank)),
                torch.device(device),
            )
            torch.manual_seed(_seed(seed, "dropout", state.step, rank))
            seen.append(_step(state, batches.at(state.step, rank, world), rng))
            state.step += 1
            if state.step % validate_every == 0 or state.step == preset.steps:
                _validate(state, held_out, seed, seen)
                seen = []
                if rank == 0:
                    if state_folder is not None:
                        save_state(state, state_folder)
                    if on_progress is not None:
                        on_progress(state.log[-1])
    best = state.best.eval()
    if preset.transform == "log":
        calibrate_scale(best, held_out)
        calibrate_temperature(best, held_out, seed)
    score, covered = validation_scores(best, held_out, seed)
    validation = {"crps": score, "cov90": covered, "held_out": stations_held_out}
    return Trained(best, state.log, validation)


def split(data: TrainingSet, seed: int) -> tuple[TrainingSet, TrainingSet]:
    """Return the training and the held-out stations."""
    held = held_out_rows(data, seed)
    return data.take(np.flatnonzero(~held)), data.take(np.flatnonzero(held))


def held_out_rows(data: TrainingSet, seed: int) -> Mask:
    """Return the mask (n,) of held-out stations; whole cities where there are several."""
    groups = np.unique(data.group)
    rng = stream(seed, "validation split")
    if len(groups) >= FEW_GROUPS:
        chosen = rng.permutation(groups)[: max(1, round(VALIDATION_SHARE * len(groups)))]
        return np.isin(data.group, chosen)
    held = np.zeros(len(data), dtype=bool)
    size = max(2, round(VALIDATION_SHARE * len(data)))
    held[rng.permutation(len(data))[:size]] = True
    return held


class _Batches:
    """Shuffled batches by step number; the training set is kept on the device."""

    def __init__(self, data: TrainingSet, size: int, seed: int, device: torch.device) -> None:
        self.x = torch.from_numpy(data.x).to(device)
        self.hours = torch.from_numpy(np.ascontiguousarray(data.hours)).to(device)
        self.context = torch.from_numpy(data.context).to(device)
        self.size, self.seed = min(size, len(data)), seed
        self.per_epoch = len(data) // self.size

    def at(self, step: int, rank: int, world: int) -> Batch:
        epoch, place = divmod(step, self.per_epoch)
        order = stream(self.seed, "epoch", epoch).permutation(len(self.x))
        index = torch.from_numpy(order[place * self.size : (place + 1) * self.size][rank::world])
        index = index.to(self.x.device)
        return Batch(self.x[index], self.hours[index].long(), self.context[index])


def _begin(
    data: TrainingSet, preset: Preset, device: str, begin: HierarchicalFlow | None
) -> TrainingState:
    x, hours = torch.from_numpy(data.x), torch.from_numpy(data.hours.astype(np.int64))
    if begin is None:
        model = HierarchicalFlow(
            preset,
            data.context.shape[1] - data.relative_dim,
            one_week=data.one_week,
            relative_dim=data.relative_dim,
        )
        model.fit_statistics(x, hours, torch.from_numpy(data.context))
    else:
        model = copy.deepcopy(begin).cpu()
        model.preset = preset
        model.transform.recentre(x, hours)
        if data.one_week and not model.one_week:
            model.freeze_week_to_week()
    model = model.to(device).train()
    if preset.compile and device.startswith("cuda"):
        model.residual.compile()
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": preset.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ],
        lr=preset.learning_rate,
    )
    ema, levels, best = (copy.deepcopy(model).eval() for _ in range(3))
    return TrainingState(model, ema, levels, best, optimiser)


def _step(state: TrainingState, batch: Batch, rng: TrainingRng) -> dict[str, float]:
    """Take one AdamW step with warm-up, cosine decay, clipped gradients and a moving average."""
    preset, k = state.model.preset, state.step
    warm = min(1.0, (k + 1) / WARM_UP_STEPS)
    set_rate(
        state.optimiser, preset.learning_rate * warm * cosine_decay(k, preset.steps, LOWEST_RATE)
    )
    half = preset.bf16 and rng.device.type == "cuda"
    with torch.autocast(rng.device.type, torch.bfloat16, enabled=half):
        terms = objective(state.model, batch, rng)
    loss = torch.stack(list(terms.values())).sum()
    average = partial(_average_gradients, state.model)
    descend(loss, state.optimiser, state.model.parameters(), average=average)
    follow(state.ema, state.model, k, preset.ema_decay)
    return {name: float(value.detach()) for name, value in terms.items()}


def _validate(
    state: TrainingState, held_out: TrainingSet, seed: int, seen: list[dict[str, float]]
) -> None:
    if state.likeliest.beaten_by(scale_likelihood(state.ema, held_out), state.step):
        state.levels.load_state_dict(state.ema.state_dict())
    candidate = copy.deepcopy(state.ema)
    candidate.take_levels(state.levels)
    score, covered = validation_scores(candidate, held_out, seed)
    if state.lowest.beaten_by(score, state.step):
        state.best.load_state_dict(candidate.state_dict())
    steps = state.model.preset.steps
    means = {name: sum(terms[name] for terms in seen) / len(seen) for name in seen[0]}
    state.log.append(ValidationScores(state.step, steps, means, score, covered, state.lowest.loss))


def _seed(seed: int, *names: str | int) -> int:
    return key(seed, "train", *names) % 2**63


def _average_gradients(model: HierarchicalFlow) -> None:
    _, world = rank_and_world()
    if world == 1:
        return
    for parameter in model.parameters():
        if not parameter.requires_grad:
            continue
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
        torch.distributed.all_reduce(parameter.grad)
        parameter.grad /= world
