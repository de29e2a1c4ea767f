"""Learning what neighbouring places share, from cities that the generator was not trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from netspatial.arrays import AnyFloats, Floats, Floats32, Indices
from netspatial.city.city import City
from netspatial.context.embed import Context, ContextModel
from netspatial.context.features.places import lonlat_of, positions
from netspatial.generate.city_data import LoadedSeries, conditions, load_series
from netspatial.generate.dependence import (
    LEVELS,
    Correlogram,
    LearntNoise,
    correlogram,
    fit_shared,
    pooled,
)
from netspatial.generate.generator import Generator
from netspatial.generate.sampling import draw
from netspatial.generate.spatial_noise import SharedNoise, SpatialNoise
from netspatial.progress import Progress

SAMPLES = 8
TRIAL = SharedNoise(city=0.15, near=0.4, range_m=1000.0)
"""Noise with which the transfer to the traffic is measured."""
MIN_TRANSFER = 0.2


@dataclass(frozen=True)
class CitySeries:
    """Stations of a city. x : (n, T); hours : (T,); z : (n, D + k) conditions; xy : metres."""

    x: Floats32
    hours: Indices
    z: Floats32
    lonlat: Floats
    xy: Floats
    ids: tuple[str, ...]

    def take(self, rows: Indices) -> "CitySeries":
        """Return some stations."""
        return CitySeries(
            self.x[rows],
            self.hours,
            self.z[rows],
            self.lonlat[rows],
            self.xy[rows],
            tuple(self.ids[row] for row in rows),
        )

    def draw(
        self,
        generator: Generator,
        levels: Mapping[str, SharedNoise],
        samples: int = SAMPLES,
        level_scores: Floats | None = None,
        seed: int = 0,
    ) -> Floats32:
        """Draw (n, samples, T) along the measured hours, with what neighbours share by level."""
        blocks = draw(
            generator.model,
            self.z,
            np.broadcast_to(self.hours, self.x.shape),
            self.ids,
            samples,
            seed,
            spatial=SpatialNoise(self.lonlat, levels),
            level_scores=level_scores,
        )
        return np.concatenate([block for _, block in blocks])


def city_series(city: City, context_model: ContextModel) -> CitySeries:
    """Read a city's complete series and embed its stations."""
    found = load_series(city)
    return series_of(city, found, context_model.embed(city, found.stations))


def series_of(city: City, found: LoadedSeries, context: Context) -> CitySeries:
    """Join a city's complete series and the embeddings of their stations."""
    xy = positions(found.stations, city.crs)
    return CitySeries(
        found.x,
        np.asarray(found.hours, dtype=np.int64),
        conditions(context),
        lonlat_of(xy, city.crs),
        xy,
        tuple(context.ids.tolist()),
    )


def learn_dependence(
    cities: Sequence[CitySeries], generator: Generator, progress: Progress
) -> LearntNoise:
    """Fit every level's values to the truth's correlation, over its transfer through the flow.

    Cities must be none that the generator was trained on: there its expectations are too good.
    """
    trial = dict.fromkeys(LEVELS, TRIAL)
    truth: dict[str, list[Correlogram]] = {name: [] for name in LEVELS}
    drawn: dict[str, list[Correlogram]] = {name: [] for name in LEVELS}
    for number, city in enumerate(cities):
        progress(f"drawing for city {number + 1} of {len(cities)}", number / len(cities))
        alone = _encoded(generator, city.draw(generator, {}), city.hours)
        shared = _encoded(generator, city.draw(generator, trial), city.hours)
        measured = _encoded(generator, city.x[:, None], city.hours)
        for name in LEVELS:
            mean = alone[name].mean(axis=1)
            scale = np.sqrt(alone[name].var(axis=1, ddof=1).mean(axis=0))
            scale = np.maximum(scale, 1e-6)
            truth[name].append(correlogram((measured[name][:, 0] - mean) / scale, city.xy))
            deviations = (shared[name] - mean[:, None]) / scale
            drawn[name].append(
                correlogram(np.moveaxis(deviations, 1, 2).reshape(len(city.xy), -1), city.xy)
            )
    levels, transfer = {}, {}
    for name in LEVELS:
        reached = pooled(drawn[name])
        near = reached.pairs > 0
        expected = TRIAL.correlation(reached.metres)[near]
        ratio = float(reached.value[near] @ expected / (expected @ expected))
        transfer[name] = float(np.clip(ratio, MIN_TRANSFER, 1.0))
        levels[name] = fit_shared(pooled(truth[name]), transfer[name])
    return LearntNoise(levels, transfer)


def _encoded(generator: Generator, x: AnyFloats, hours: Indices) -> Mapping[str, Floats]:
    """Return the standardised levels of series x (n, S, T), each (n, S, J)."""
    n, samples, length = x.shape
    flat = torch.from_numpy(np.ascontiguousarray(x.reshape(n * samples, length)))
    along = torch.from_numpy(np.tile(hours, (n * samples, 1)))
    with torch.inference_mode():
        levels = generator.model.transform.encode(flat, along)
    return {name: getattr(levels, name).double().numpy().reshape(n, samples, -1) for name in LEVELS}
