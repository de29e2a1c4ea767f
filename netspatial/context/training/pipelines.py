"""From city folders to a shipped context: which places to learn from, training, measures and card.

What `netspatial train-context` runs; every step of it is a function that can be called alone.
"""

from collections.abc import Callable, Sequence
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
from netspatial.context.training.fusion_training import Progress, Recipe, Trained, train
from netspatial.context.training.model_card import write_card
from netspatial.disk import placed
from netspatial.errors import BadInput
from netspatial.randomness import stream

SPREAD_AT_MOST = 3000
"""Places over which the pairwise cosine is taken."""


@dataclass(frozen=True)
class Spread:
    """How z fills its space on some places: signs of collapse."""

    effective_rank: float
    cosine_mean: float
    cosine_std: float


def make_context(
    out: Path,
    cities: Sequence[City],
    held_out: Sequence[City],
    reading: FeatureConfig,
    recipe: Recipe,
    per_city: int = 1500,
    report: Callable[[str, float], None] = lambda *_: None,
) -> dict[str, Any]:
    """Train a context on `cities`, stop early on `held_out`, write its folder and return facts.

    per_city : places of each city
    report   : told what is going on and how much of that is done, 0 to 1

    A training that was killed leaves its checkpoint beside `out`; the same call goes on from it.
    """
    refuse_shared_cities(cities, held_out)
    extractor = make_extractor(reading)
    everything = [*cities, *held_out]
    parts = []
    for number, city in enumerate(everything):
        report(f"reading {city.name}", number / len(everything))
        parts.append(extractor.read(city, training_places(city, per_city, recipe.seed)))
    learned, held = join(parts[: len(cities)]), join(parts[len(cities) :])

    def tell(progress: Progress, recipe: Recipe) -> None:
        latest = progress.losses[-1]
        report(
            f"training, held-out loss {latest['held_out']:.4f} "
            f"(best {progress.best.loss:.4f} in epoch {progress.best.at})",
            progress.epoch / recipe.epochs,
        )

    out = placed(out)
    state = out.with_name(f".{out.name}.training")
    trained = train(learned, held, recipe, state, tell)
    facts = _facts(cities, held_out, learned, held, trained)
    save_context(out, trained, extractor, facts, write_card(extractor, recipe, facts))
    return facts


def refuse_shared_cities(cities: Sequence[City], held_out: Sequence[City]) -> None:
    """Refuse to judge a training on a city that it learned from."""
    if not cities or not held_out:
        raise BadInput("Give at least one city to learn from and one other to hold out.")
    shared = {city.folder.resolve() for city in cities} & {c.folder.resolve() for c in held_out}
    if shared:
        raise BadInput(
            f"'{min(shared)}' is both learned from and held out; hold out a city that is not "
            "among the others."
        )
    for city in (*cities, *held_out):
        for part in ("imagery", "pois"):
            city.path(part)


def training_places(city: City, count: int, seed: int) -> Floats:
    """Draw places of a city, (count, 2) metres: half anywhere on the image, half near POIs.

    Stations stand where people are; the other half keeps fields and water in sight.
    """
    random = stream(seed, "places", city.name)
    image = city.imagery
    left, bottom, right, top = transform_bounds(image.crs, city.crs, *image.bounds)
    anywhere = random.uniform((left, bottom), (right, top), (count - count // 2, 2))
    pois = positions(city.pois, city.crs)
    if not len(pois):
        raise BadInput(f"The city '{city.name}' has no POI to learn from.")
    near = pois[random.integers(0, len(pois), count // 2)]
    return np.concatenate([anywhere, near + random.normal(0, 150.0, near.shape)])


def spread_of(trained: Trained, features: Features) -> Spread:
    """Measure how z of up to 3,000 places fills its space."""
    some = features.take(np.arange(min(len(features), SPREAD_AT_MOST)))
    batch = to_batch(some)
    with torch.no_grad():
        z = trained.model(batch, batch.has_image, batch.has_pois).z.numpy()
    return Spread(effective_rank(z), *pairwise_cosine(z))


def _facts(
    cities: Sequence[City],
    held_out: Sequence[City],
    learned: Features,
    held: Features,
    trained: Trained,
) -> dict[str, Any]:
    spread = spread_of(trained, held)
    return {
        "cities": [_tell(city) for city in cities],
        "held_out": [_tell(city) for city in held_out],
        "places": len(learned),
        "held_out_places": len(held),
        "epochs": trained.progress.epoch,
        "best_epoch": trained.progress.best.at,
        "held_out_loss": round(trained.progress.best.loss, 5),
        "effective_rank": round(spread.effective_rank, 2),
        "cosine_mean": round(spread.cosine_mean, 4),
        "cosine_std": round(spread.cosine_std, 4),
    }


def _tell(city: City) -> dict[str, Any]:
    record = city.record
    return {
        "name": city.name,
        "provenance": record.provenance,
        "seed": record.seed,
        "licences": {part: record.licences.get(part, "not stated") for part in ("imagery", "pois")},
    }
