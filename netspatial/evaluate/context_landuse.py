"""Land use read from z around stations of unseen cities: ours, the ablation and the loss unguarded.

Two tasks of `netspatial bench context`. All networks compared learn from the same features of the
same cities; the line that reads land use is fitted on those cities, and judged on unseen ones.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from netspatial.arrays import Floats, Floats32, Indices
from netspatial.city.city import City
from netspatial.context.embed import ContextModel
from netspatial.context.features.extractor import FeatureExtractor, Features, join
from netspatial.context.features.places import positions
from netspatial.context.fusion.embedding_spread import effective_rank, pairwise_cosine
from netspatial.context.fusion.feature_projector import to_batch
from netspatial.context.training.fusion_training import Recipe, train
from netspatial.context.training.pipelines import training_places
from netspatial.evaluate.input_ablation import with_fewer_pois, with_half_an_image
from netspatial.evaluate.landuse import Line, fit_line, landuse_mix, r_squared, uses_of
from netspatial.evaluate.rows import Row

Embedding = Callable[[Features], Floats32]
SHOWN = {"both": (True, True), "image only": (True, False), "POIs only": (False, True)}
BASELINES = {
    "fusion, trained here": Recipe(),
    "unguarded loss (as published)": Recipe(objective="paper"),
    "CLIP-style alignment": Recipe(design="clip"),
}
"""What is trained on the bench's own cities, next to the model at hand."""


@dataclass(frozen=True)
class Places:
    """Frozen features of places of several cities, their land-use mix (n, uses) and city (n,)."""

    features: Features
    mix: Floats
    city: Indices


def landuse_rows(
    model: ContextModel,
    train_cities: Sequence[City],
    unseen: Sequence[City],
    places: int,
    epochs: int,
) -> list[Row]:
    """Measure R2 of land use around unseen stations, and how each z fills its space."""
    uses = uses_of([*train_cities, *unseen])
    learned = _gather(model.extractor, train_cities, uses, places)
    judged = _gather(model.extractor, unseen, uses, 0)
    rows = list(_judge("shipped fusion", _embedding(model.network), learned, judged))
    held = learned.city == learned.city.max()
    for name, recipe in BASELINES.items():
        trained = train(
            learned.features.take(np.flatnonzero(~held)),
            learned.features.take(np.flatnonzero(held)),
            replace(recipe, epochs=epochs),
        )
        rows += _judge(name, _embedding(trained.model), learned, judged)
    return rows


def degraded_rows(
    model: ContextModel,
    train_cities: Sequence[City],
    unseen: Sequence[City],
    places: int,
    scratch: Path,
) -> list[Row]:
    """Measure what R2 loses where POIs are thinned and where half of the image is gone."""
    uses = uses_of([*train_cities, *unseen])
    embed = _embedding(model.network)(True, True)
    learned = _gather(model.extractor, train_cities, uses, places)
    line = fit_line(embed(learned.features), learned.mix, learned.city)
    judged = _gather(model.extractor, unseen, uses, 0)
    whole = r_squared(judged.mix, line.predict(embed(judged.features)))
    rows = []
    for what, spoil in _degradations():
        spoiled = [spoil(city, scratch / f"{what}-{at}") for at, city in enumerate(unseen)]
        features = join(
            [model.extractor.read(city, positions(city.stations, city.crs)) for city in spoiled]
        )
        left = r_squared(judged.mix, line.predict(embed(features)))
        rows += [
            Row("degraded", "shipped fusion", f"R2, {what}", left),
            Row("degraded", "shipped fusion", f"drop of R2, {what}", whole - left),
        ]
    return rows


def _degradations() -> Iterator[tuple[str, Callable[[City, Path], City]]]:
    for share in (0.5, 0.9, 1.0):
        yield f"{share:.0%} of POIs lost", partial(with_fewer_pois, share_lost=share)
    yield "half of the image lost", with_half_an_image


def _gather(
    extractor: FeatureExtractor, cities: Sequence[City], uses: Sequence[str], places: int
) -> Places:
    """Read the stations of each city, and `places` other places of it, with their land use."""
    features, mix, number = [], [], []
    for at, city in enumerate(cities):
        xy = positions(city.stations, city.crs)
        if places:
            xy = np.concatenate([training_places(city, places, seed=1), xy])
        features.append(extractor.read(city, xy))
        mix.append(landuse_mix(city, xy, uses))
        number.append(np.full(len(xy), at))
    return Places(join(features), np.concatenate(mix), np.concatenate(number))


def _embedding(network: nn.Module) -> Callable[[bool, bool], Embedding]:
    """Return, for what is shown of image and POIs, the function from features to z."""

    def choose(image: bool, pois: bool) -> Embedding:
        @torch.no_grad()
        def embed(features: Features) -> Floats32:
            batch = to_batch(features)
            z: Floats32 = network(batch, batch.has_image & image, batch.has_pois & pois).z.numpy()
            return z

        return embed

    return choose


def _judge(
    name: str, choose: Callable[[bool, bool], Embedding], learned: Places, judged: Places
) -> Iterator[Row]:
    for shown, (image, pois) in SHOWN.items():
        embed = choose(image, pois)
        line: Line = fit_line(embed(learned.features), learned.mix, learned.city)
        value = r_squared(judged.mix, line.predict(embed(judged.features)))
        yield Row("landuse", name, f"R2, {shown}", value)
    z = choose(True, True)(judged.features)
    known = z[np.linalg.norm(z, axis=1) > 0]
    mean, spread = pairwise_cosine(known)
    yield Row("landuse", name, "effective rank of z", effective_rank(known))
    yield Row("landuse", name, "pairwise cosine, mean", mean)
    yield Row("landuse", name, "pairwise cosine, sd", spread)
