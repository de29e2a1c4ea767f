"""Pipelines of `netspatial train` and `netspatial finetune`: train, calibrate, write a folder."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from netspatial.disk import placed
from netspatial.errors import BadInput
from netspatial.generate.checkpoint import ValidationScores
from netspatial.generate.data import TrainingSet
from netspatial.generate.distributed import rank_and_world, wait_for_all
from netspatial.generate.generator import Generator, TrainingFacts
from netspatial.generate.model_card import write_card
from netspatial.generate.presets import Preset
from netspatial.generate.training import Trained, train
from netspatial.training import forget_checkpoint

FINETUNE_STEPS = 1000
FINETUNE_RATE = 3e-4
FINETUNE_BATCH = 32
ONE_WEEK = (
    "One week of traffic determines the level and the mean days; weekly shape and residuals are "
    "kept from the model that was fine-tuned."
)
SINGLE_WEEKS = "The model generates single weeks; each week of a series was a training series."


def make_generator(
    out: Path,
    data: TrainingSet,
    preset: Preset,
    *,
    seed: int = 0,
    device: str = "cpu",
    validate_every: int = 500,
    on_progress: Callable[[ValidationScores], None] | None = None,
) -> Generator:
    """Train a generator and write it to `out`; a killed run leaves its checkpoint beside `out`.

    Parameters
    ----------
    out : Path
        Folder to write.
    data : TrainingSet
        Series and embeddings.
    preset : Preset
        Settings of networks, training and sampling.
    seed : int
        Seed of all random numbers.
    device : str
        For example "cpu" or "cuda".
    validate_every : int
        Steps between two validations.
    on_progress : callable, optional
        Called with the scores of each validation.

    Returns
    -------
    Generator
        The trained generator, loaded from `out`.

    Raises
    ------
    BadInput
        If there are fewer than eight stations.

    Notes
    -----
    Minimises the flow-matching loss (Eq. 14) at every level; Eq. 15 sums the terms.
    """
    trained = train(
        data,
        preset,
        seed=seed,
        device=device,
        state_folder=_state_folder(out, data, preset, seed, None),
        validate_every=validate_every,
        on_progress=on_progress,
    )
    return _write(out, data, trained, None)


def finetune(
    out: Path,
    base: Generator,
    data: TrainingSet,
    *,
    steps: int = FINETUNE_STEPS,
    seed: int = 0,
    device: str = "cpu",
    validate_every: int = 100,
    on_progress: Callable[[ValidationScores], None] | None = None,
) -> Generator:
    """Fine-tune a generator on a city with about fifty measured stations or more, and write it.

    The level is first set to the city's mean and unit; then all weights are trained at a low rate
    until the scores of held-out stations stop improving. See `train` for models and data of
    different lengths.

    Parameters
    ----------
    out : Path
        Folder to write.
    base : Generator
        Generator to start from.
    data : TrainingSet
        Series and embeddings of the same context.
    steps : int
        Most steps.
    seed : int
        Seed of all random numbers.
    device : str
        For example "cpu" or "cuda".
    validate_every : int
        Steps between two validations.
    on_progress : callable, optional
        Called with the scores of each validation.

    Returns
    -------
    Generator
        The fine-tuned generator, loaded from `out`.

    Raises
    ------
    BadInput
        If the data come from another context, or there are fewer than eight stations.
    """
    if data.context_fingerprint != base.facts.context_fingerprint:
        raise BadInput(
            f"The data were embedded by {data.context_fingerprint}, and the model in "
            f"'{base.source}' needs {base.facts.context_fingerprint}; embed them with that one."
        )
    if data.relative_dim != base.model.relative_dim:
        raise BadInput(
            f"The data compare places with their city in {data.relative_dim} numbers, and the "
            f"model in '{base.source}' needs {base.model.relative_dim}; train a model on such "
            "data first."
        )
    if data.one_week and not base.model.one_week:
        data = replace(data, notes=(*data.notes, ONE_WEEK))
    if base.model.one_week and not data.one_week:
        data = replace(data, notes=(*data.notes, SINGLE_WEEKS))
    preset = replace(
        base.model.preset, steps=steps, learning_rate=FINETUNE_RATE, batch=FINETUNE_BATCH
    )
    trained = train(
        data,
        preset,
        seed=seed,
        device=device,
        begin=base.model,
        state_folder=_state_folder(out, data, preset, seed, base.fingerprint),
        validate_every=validate_every,
        on_progress=on_progress,
    )
    return _write(out, data, trained, base.fingerprint)


def _write(out: Path, data: TrainingSet, trained: Trained, ancestor: str | None) -> Generator:
    facts = TrainingFacts(
        unit=data.unit,
        context_fingerprint=data.context_fingerprint,
        sources=data.sources,
        licences=data.licences,
        trained_on=data.provenance,
        scores=trained.validation,
        notes=data.notes,
    )
    preset = trained.model.preset
    card = write_card(data, preset, trained, ancestor)
    if rank_and_world()[0] == 0:
        Generator(trained.model, facts, "", str(out)).save(out, card)
        for state in out.parent.glob(_state_name(out, "*")):
            forget_checkpoint(state)
    wait_for_all()
    return Generator.load(out)


def _state_folder(
    out: Path, data: TrainingSet, preset: Preset, seed: int, ancestor: str | None
) -> Path:
    """Return the checkpoint folder of a training with these inputs.

    ancestor : fingerprint of the model that is fine-tuned
    """
    reads = json.dumps([data.fingerprint, asdict(preset), seed, ancestor])
    out = placed(out)
    return out.with_name(_state_name(out, hashlib.sha256(reads.encode()).hexdigest()[:12]))


def _state_name(out: Path, mark: str) -> str:
    return f".{out.name}.{mark}.training"
