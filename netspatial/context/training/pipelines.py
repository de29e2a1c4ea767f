"""The pipeline of `netspatial train-context`: places of cities, training, scores and model card."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rasterio.warp import transform_bounds

from netspatial.arrays import Floats
from netspatial.city.city import City
from netspatial.context.embed import make_extractor, save_context
from netspatial.context.features.extractor import FeatureConfig, Features, join
from netspatial.context.features.places import positions
from netspatial.context.fusion.embedding_spread import effective_rank, pairwise_cosine
from netspatial.context.fusion.feature_projector import to_batch
from netspatial.context.training.fusion_training import (
    FusionProgress,
    FusionTrainConfig,
    TrainedFusion,
    train,
)
from netspatial.context.training.model_card import write_card
from netspatial.disk import placed
from netspatial.errors import BadInput
from netspatial.progress import Progress, silent
from netspatial.randomness import stream

SPREAD_AT_MOST = 3000
"""Most places over which the pairwise cosine is computed."""


@dataclass(frozen=True)
class EmbeddingSpread:
    """How evenly z fills its space on some places; low values indicate collapse."""

    effective_rank: float
    cosine_mean: float
    cosine_std: float


def make_context(
    out: Path,
    cities: Sequence[City],
    held_out: Sequence[City],
    reading: FeatureConfig,
    recipe: FusionTrainConfig,
    per_city: int = 1500,
    report: Progress = silent,
) -> dict[str, Any]:
    """Train a context on `cities`, stop early on `held_out`, write its folder and return facts.

    A killed training leaves its checkpoint beside `out`; the same call resumes from it.

    Parameters
    ----------
    out : Path
        Folder to write.
    cities, held_out : sequence of City
        Cities to train on, and others that decide when to stop; all with imagery and points of
        interest.
    reading : FeatureConfig
        Settings of the features.
    recipe : FusionTrainConfig
        Settings of the training.
    per_city : int
        Places of each city.
    report : callable
        Called with a text and the share done, 0 to 1.

    Returns
    -------
    dict
        Cities, number of places, epochs, held-out loss and spread of the embeddings.

    Raises
    ------
    BadInput
        If a city is in both lists, or one list is empty.
    MissingPart
        If a city has no imagery or no points of interest.
    """
    refuse_shared_cities(cities, held_out)
    extractor = make_extractor(reading)
    all_cities = [*cities, *held_out]
    parts = []
    for number, city in enumerate(all_cities):
        report(f"reading {city.name}", number / len(all_cities))
        parts.append(extractor.read(city, training_places(city, per_city, recipe.seed)))
    learned, held = join(parts[: len(cities)]), join(parts[len(cities) :])

    def report_epoch(progress: FusionProgress, recipe: FusionTrainConfig) -> None:
        latest = progress.losses[-1]
        report(
            f"training, held-out loss {latest['held_out']:.4f} "
            f"(best {progress.best.loss:.4f} in epoch {progress.best.at})",
            progress.epoch / recipe.epochs,
        )

    out = placed(out)
    state = out.with_name(f".{out.name}.training")
    trained = train(learned, held, recipe, state, report_epoch)
    facts = _facts(cities, held_out, learned, held, trained)
    save_context(out, trained, extractor, facts, write_card(extractor, recipe, facts))
    return facts


def refuse_shared_cities(cities: Sequence[City], held_out: Sequence[City]) -> None:
    """Refuse held-out cities that are also training cities."""
    if not cities or not held_out:
        raise BadInput("Give at least one city to train on and another one to hold out.")
    shared = {city.folder.resolve() for city in cities} & {c.folder.resolve() for c in held_out}
    if shared:
        raise BadInput(
            f"'{min(shared)}' is both learned from and held out; hold out a city that is not "
            "among the training cities."
        )
    for city in (*cities, *held_out):
        for part in ("imagery", "pois"):
            city.path(part)


def training_places(city: City, count: int, seed: int) -> Floats:
    """Sample places of a city, (count, 2) metres: half anywhere on the image, half near POIs.

    Stations are near POIs; the other half covers fields and water.
    """
    random = stream(seed, "places", city.name)
    image = city.imagery
    left, bottom, right, top = transform_bounds(image.crs, city.crs, *image.bounds)
    anywhere = random.uniform((left, bottom), (right, top), (count - count // 2, 2))
    pois = positions(city.pois, city.crs)
    if not len(pois):
        raise BadInput(f"The city '{city.name}' has no POIs to train on.")
    near = pois[random.integers(0, len(pois), count // 2)]
    return np.concatenate([anywhere, near + random.normal(0, 150.0, near.shape)])


def spread_of(trained: TrainedFusion, features: Features) -> EmbeddingSpread:
    """Measure how evenly z of up to 3,000 places fills its space."""
    some = features.take(np.arange(min(len(features), SPREAD_AT_MOST)))
    batch = to_batch(some)
    with torch.no_grad():
        z = trained.model(batch, batch.has_image, batch.has_pois).z.numpy()
    return EmbeddingSpread(effective_rank(z), *pairwise_cosine(z))


def _facts(
    cities: Sequence[City],
    held_out: Sequence[City],
    learned: Features,
    held: Features,
    trained: TrainedFusion,
) -> dict[str, Any]:
    spread = spread_of(trained, held)
    return {
        "cities": [_facts_of(city) for city in cities],
        "held_out": [_facts_of(city) for city in held_out],
        "places": len(learned),
        "held_out_places": len(held),
        "epochs": trained.progress.epoch,
        "best_epoch": trained.progress.best.at,
        "held_out_loss": round(trained.progress.best.loss, 5),
        "effective_rank": round(spread.effective_rank, 2),
        "cosine_mean": round(spread.cosine_mean, 4),
        "cosine_std": round(spread.cosine_std, 4),
    }


def _facts_of(city: City) -> dict[str, Any]:
    record = city.record
    return {
        "name": city.name,
        "provenance": record.provenance,
        "seed": record.seed,
        "licences": {part: record.licences.get(part, "not stated") for part in ("imagery", "pois")},
    }
