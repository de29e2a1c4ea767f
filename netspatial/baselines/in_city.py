"""Baselines that read a city's measured stations: retrieval, inverse distance, kriging, ridge.

Each draws the traffic of unmeasured places of the same city from the series of its stations.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.distance import cdist

from netspatial.arrays import Floats, Floats32, Indices
from netspatial.baselines.generate.hierarchy import trained
from netspatial.generate.data import TrainingSet
from netspatial.generate.presets import preset_named
from netspatial.kriging.series import Parts
from netspatial.randomness import stream

NEAR_FOR_SHAPE = 8
RANGES_M = (300.0, 600.0, 1200.0, 2500.0, 5000.0)
NUGGETS = (0.1, 0.3, 0.5, 0.7, 0.9)
PENALTIES = np.geomspace(1e-4, 1e2, 25)
TREES = 200


@dataclass(frozen=True)
class CitySites:
    """Places of a city. x : (n, T) traffic; xy : metres; embedding, raw : (n, p) features."""

    x: Floats32
    hours: Indices
    xy: Floats
    embedding: Floats
    raw: Floats

    def __len__(self) -> int:
        """Number of places."""
        return len(self.xy)

    def take(self, rows: Indices) -> "CitySites":
        """Return some places."""
        return replace(
            self,
            x=self.x[rows],
            xy=self.xy[rows],
            embedding=self.embedding[rows],
            raw=self.raw[rows],
        )


InCityBaseline = Callable[[CitySites, CitySites, int, int], Floats32]
"""From known sites, asked sites (whose x is not read), samples and seed to (m, samples, T)."""


def retrieval(known: CitySites, asked: CitySites, samples: int, seed: int) -> Floats32:
    """The months of the stations that are nearest in embedding."""
    del seed
    return _months(known, _alike(known, asked), samples)


def nearest(count: int) -> InCityBaseline:
    """The months of the nearest stations on the map, repeated to the number of samples."""

    def draw(known: CitySites, asked: CitySites, samples: int, seed: int) -> Floats32:
        del seed
        return _months(known, cdist(asked.xy, known.xy), samples, count)

    return draw


def inverse_distance(known: CitySites, asked: CitySites, samples: int, seed: int) -> Floats32:
    """Log level by inverse squared distance, with the spread of its leave-one-out errors."""
    parts = Parts.of(known.x, known.hours)
    weight = 1 / np.maximum(cdist(asked.xy, known.xy), 20.0) ** 2
    level = weight @ parts.level / weight.sum(axis=1)
    own = 1 / np.maximum(cdist(known.xy, known.xy), 20.0) ** 2
    np.fill_diagonal(own, 0)
    errors = parts.level - own @ parts.level / np.maximum(own.sum(axis=1), 1e-12)
    spread = np.full(len(asked), errors.std() if len(known) > 1 else 1.0)
    return _scaled(known, asked, cdist(asked.xy, known.xy), level, spread, samples, seed)


def ordinary_kriging(known: CitySites, asked: CitySites, samples: int, seed: int) -> Floats32:
    """Log level by kriging around the mean; shapes of the nearest stations."""
    level = Parts.of(known.x, known.hours).level
    mean, sd = _kriged(known, asked, level - level.mean())
    return _scaled(known, asked, cdist(asked.xy, known.xy), mean + level.mean(), sd, samples, seed)


def ridge_kriging(known: CitySites, asked: CitySites, samples: int, seed: int) -> Floats32:
    """Log level by ridge on the embedding and kriged errors; shapes of alike stations."""
    level = Parts.of(known.x, known.hours).level
    mean, errors = _ridge(known, asked, level)
    kriged, sd = _kriged(known, asked, errors)
    return _scaled(known, asked, _alike(known, asked), mean + kriged, sd, samples, seed)


def ridge(known: CitySites, asked: CitySites, samples: int, seed: int) -> Floats32:
    """Log level by ridge on the embedding; shapes of alike stations."""
    level = Parts.of(known.x, known.hours).level
    mean, errors = _ridge(known, asked, level)
    sd = np.full(len(asked), max(float(errors.std()), 1e-2))
    return _scaled(known, asked, _alike(known, asked), mean, sd, samples, seed)


def trained_generator(steps: int) -> InCityBaseline:
    """Our generator, newly trained on the known stations and their embeddings."""

    def draw(known: CitySites, asked: CitySites, samples: int, seed: int) -> Floats32:
        preset = replace(preset_named("few"), steps=steps)
        data = TrainingSet(
            x=known.x,
            hours=np.broadcast_to(known.hours.astype(np.int16), known.x.shape),
            context=known.embedding.astype(np.float32),
            group=np.zeros(len(known), np.int64),
            unit="of the city",
            context_fingerprint="of the city",
            sources=("city",),
        )
        along = np.broadcast_to(known.hours.astype(np.int16), (len(asked), len(known.hours)))
        context = asked.embedding.astype(np.float32)
        return trained(preset, seed)(data)(context, along, samples, seed)

    return draw


def random_forest(known: CitySites, asked: CitySites, samples: int, seed: int) -> Floats32:
    """Log level by a random forest on raw features; its trees are the spread."""
    from sklearn.ensemble import RandomForestRegressor  # noqa: PLC0415  heavy

    level = Parts.of(known.x, known.hours).level
    forest = RandomForestRegressor(TREES, min_samples_leaf=2, random_state=seed, n_jobs=1)
    forest.fit(known.raw, level)
    trees = np.stack([tree.predict(asked.raw) for tree in forest.estimators_])
    sd = np.maximum(trees.std(axis=0), 0.05)
    return _scaled(known, asked, _alike(known, asked), trees.mean(axis=0), sd, samples, seed)


BASELINES: dict[str, InCityBaseline] = {
    "retrieval in embedding": retrieval,
    "nearest 4": nearest(4),
    "nearest 8": nearest(8),
    "nearest 19": nearest(19),
    "inverse distance": inverse_distance,
    "ordinary kriging": ordinary_kriging,
    "ridge and kriging": ridge_kriging,
    "random forest": random_forest,
}
WITHOUT_MAP: dict[str, InCityBaseline] = {
    "retrieval in embedding": retrieval,
    "ridge": ridge,
    "random forest": random_forest,
}
"""Baselines that need no coordinates."""


def baselines_for(located: bool, generator_steps: int = 0) -> dict[str, InCityBaseline]:
    """Return the baselines of a city whose coordinates are known or not.

    generator_steps : of a newly trained generator; none with 0
    """
    found = BASELINES if located else WITHOUT_MAP
    if not generator_steps:
        return found
    return found | {"generator trained on the stations": trained_generator(generator_steps)}


def _months(known: CitySites, distance: Floats, samples: int, count: int | None = None) -> Floats32:
    """Whole months of the nearest stations, `count` of them, repeated to the number of samples."""
    order = np.argsort(distance, axis=1, kind="stable")
    return known.x[order[:, np.arange(samples) % min(len(known), count or samples)]]


def _scaled(
    known: CitySites,
    asked: CitySites,
    distance: Floats,
    level: Floats,
    sd: Floats,
    samples: int,
    seed: int,
) -> Floats32:
    """Months of the nearest stations over their mean, times a drawn level."""
    months = _months(known, distance, samples)
    parts = Parts.of(months, known.hours)
    drawn = stream(seed, "in city", len(known)).standard_normal((len(asked), samples))
    factor = np.exp(level[:, None] + sd[:, None] * drawn - parts.level)
    return (months * factor[..., None]).astype(np.float32)


def _alike(known: CitySites, asked: CitySites) -> Floats:
    mean, deviation = known.embedding.mean(axis=0), np.maximum(known.embedding.std(axis=0), 1e-6)
    x, y = (np.clip((sites.embedding - mean) / deviation, -5, 5) for sites in (asked, known))
    distance: Floats = cdist(x, y)
    return distance


def _ridge(known: CitySites, asked: CitySites, level: Floats) -> tuple[Floats, Floats]:
    """Predictions, and leave-one-out errors at the known sites; the penalty by those."""
    mean = known.embedding.mean(axis=0)
    deviation = np.maximum(known.embedding.std(axis=0), 1e-6) * known.embedding.shape[1] ** 0.5
    x = (known.embedding - mean) / deviation
    left, values, right = np.linalg.svd(x, full_matrices=False)
    centred = level - level.mean()
    best, errors, chosen = np.inf, centred, PENALTIES[-1]
    for penalty in PENALTIES:
        shrink = values**2 / (values**2 + penalty)
        leverage = np.square(left) @ shrink + 1 / len(known)
        missed = (centred - (left * shrink) @ (left.T @ centred)) / np.maximum(1 - leverage, 1e-3)
        error = float(np.square(missed).mean())
        if error < best:
            best, errors, chosen = error, missed, penalty
    weight = (right.T * (values / (values**2 + chosen))) @ (left.T @ centred)
    return (asked.embedding - mean) / deviation @ weight + level.mean(), errors


def _kriged(known: CitySites, asked: CitySites, y: Floats) -> tuple[Floats, Floats]:
    """Simple kriging of y with an exponential covariance of the likeliest range and nugget."""
    variance = max(float(y.var()), 1e-6)
    apart, away = cdist(known.xy, known.xy), cdist(asked.xy, known.xy)
    best, found = np.inf, (RANGES_M[0], NUGGETS[-1])
    for range_m in RANGES_M:
        for nugget in NUGGETS:
            factor = np.linalg.cholesky(_covariance(apart, variance, range_m, nugget))
            white = np.linalg.solve(factor, y)
            cost = 0.5 * float(white @ white) + float(np.log(np.diag(factor)).sum())
            if cost < best:
                best, found = cost, (range_m, nugget)
    range_m, nugget = found
    towards = variance * (1 - nugget) * np.exp(-away / range_m)
    weights = np.linalg.solve(_covariance(apart, variance, range_m, nugget), towards.T).T
    left = np.maximum(variance - (weights * towards).sum(axis=1), 1e-4)
    return weights @ y, np.sqrt(left)


def _covariance(apart: Floats, variance: float, range_m: float, nugget: float) -> Floats:
    covariance: Floats = variance * (1 - nugget) * np.exp(-apart / range_m)
    covariance[np.diag_indices(len(apart))] += variance * nugget
    return covariance
