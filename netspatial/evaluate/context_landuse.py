"""Linear probes of land use from z around stations of unseen cities, with ablations.

Two tasks of `netspatial bench context`. All networks are trained on the same features of the same
cities; the probe is fitted on those cities and evaluated on unseen ones.
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
from netspatial.context.training.fusion_training import FusionTrainConfig, train
from netspatial.context.training.pipelines import training_places
from netspatial.evaluate.input_ablation import with_fewer_pois, with_half_an_image
from netspatial.evaluate.landuse import Line, fit_line, landuse_mix, r_squared, uses_of
from netspatial.evaluate.rows import ContextRow

Embedding = Callable[[Features], Floats32]
SHOWN = {"both": (True, True), "image only": (True, False), "POIs only": (False, True)}
BASELINES = {
    "fusion, trained here": FusionTrainConfig(),
    "unguarded loss (as published)": FusionTrainConfig(objective="paper"),
    "CLIP-style alignment": FusionTrainConfig(design="clip"),
}
"""Networks that are trained on the bench's own cities for comparison."""


@dataclass(frozen=True)
class LandUseSamples:
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
) -> list[ContextRow]:
    """Measure R2 of land use around unseen stations, and the spread of each z in its space."""
    uses = uses_of([*train_cities, *unseen])
    known = _read_places(model.extractor, train_cities, uses, places)
    test = _read_places(model.extractor, unseen, uses, 0)
    rows = list(_probe("bundled fusion", _embedding(model.network), known, test))
    held = known.city == known.city.max()
    for name, recipe in BASELINES.items():
        trained = train(
            known.features.take(np.flatnonzero(~held)),
            known.features.take(np.flatnonzero(held)),
            replace(recipe, epochs=epochs),
        )
        rows += _probe(name, _embedding(trained.model), known, test)
    return rows


def input_ablation_rows(
    model: ContextModel,
    train_cities: Sequence[City],
    unseen: Sequence[City],
    places: int,
    scratch: Path,
) -> list[ContextRow]:
    """Measure the drop of R2 with fewer POIs and with half of the image missing."""
    uses = uses_of([*train_cities, *unseen])
    embed = _embedding(model.network)(True, True)
    known = _read_places(model.extractor, train_cities, uses, places)
    line = fit_line(embed(known.features), known.mix, known.city)
    test = _read_places(model.extractor, unseen, uses, 0)
    whole = r_squared(test.mix, line.predict(embed(test.features)))
    rows = []
    for what, ablate in _ablations():
        ablated = [ablate(city, scratch / f"{what}-{at}") for at, city in enumerate(unseen)]
        features = join(
            [model.extractor.read(city, positions(city.stations, city.crs)) for city in ablated]
        )
        left = r_squared(test.mix, line.predict(embed(features)))
        rows += [
            ContextRow("degraded", "bundled fusion", f"R2, {what}", left),
            ContextRow("degraded", "bundled fusion", f"drop of R2, {what}", whole - left),
        ]
    return rows


def _ablations() -> Iterator[tuple[str, Callable[[City, Path], City]]]:
    for share in (0.5, 0.9, 1.0):
        yield f"{share:.0%} of POIs lost", partial(with_fewer_pois, share_lost=share)
    yield "half of the image lost", with_half_an_image


def _read_places(
    extractor: FeatureExtractor, cities: Sequence[City], uses: Sequence[str], places: int
) -> LandUseSamples:
    """Return the stations of each city, and `places` other places of it, with their land use."""
    features, mix, number = [], [], []
    for at, city in enumerate(cities):
        xy = positions(city.stations, city.crs)
        if places:
            xy = np.concatenate([training_places(city, places, seed=1), xy])
        features.append(extractor.read(city, xy))
        mix.append(landuse_mix(city, xy, uses))
        number.append(np.full(len(xy), at))
    return LandUseSamples(join(features), np.concatenate(mix), np.concatenate(number))


def _embedding(network: nn.Module) -> Callable[[bool, bool], Embedding]:
    """Return a function from the shown modalities to the function from features to z."""

    def choose(image: bool, pois: bool) -> Embedding:
        @torch.no_grad()
        def embed(features: Features) -> Floats32:
            batch = to_batch(features)
            z: Floats32 = network(batch, batch.has_image & image, batch.has_pois & pois).z.numpy()
            return z

        return embed

    return choose


def _probe(
    name: str,
    choose: Callable[[bool, bool], Embedding],
    known: LandUseSamples,
    test: LandUseSamples,
) -> Iterator[ContextRow]:
    for shown, (image, pois) in SHOWN.items():
        embed = choose(image, pois)
        line: Line = fit_line(embed(known.features), known.mix, known.city)
        value = r_squared(test.mix, line.predict(embed(test.features)))
        yield ContextRow("landuse", name, f"R2, {shown}", value)
    z = choose(True, True)(test.features)
    valid = z[np.linalg.norm(z, axis=1) > 0]
    mean, spread = pairwise_cosine(valid)
    yield ContextRow("landuse", name, "effective rank of z", effective_rank(valid))
    yield ContextRow("landuse", name, "pairwise cosine, mean", mean)
    yield ContextRow("landuse", name, "pairwise cosine, sd", spread)
