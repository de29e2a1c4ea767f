"""What the starting noise of neighbouring places shares: fitted to correlation against distance.

The bundled values are learnt on simulated cities; a city with measured stations fits the residual's
anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import nnls
from scipy.spatial.distance import pdist

from netspatial.arrays import Floats
from netspatial.bundled_weights import bundled
from netspatial.errors import BadInput
from netspatial.generate.spatial_noise import CITY_RANGE_M, SharedNoise, matern
from netspatial.weights import licence_of_weights, load_weights, save_weights

KIND = "dependence"
DEFAULT = bundled("dependence", "default")
LEVELS = ("level", "residual_scale", "daily", "weekly", "residual")
EDGES_M = (0.0, 150.0, 300.0, 500.0, 750.0, 1e3, 1500.0, 2e3, 3e3, 4500.0, 7e3, 2e4)
"""Limits of the classes of distance."""
RANGES_M = tuple(float(range_m) for range_m in np.geomspace(150.0, 4000.0, 25))
"""Ranges that are tried."""
MAX_SHARED = 0.9
"""Largest share of the variance that is not a place's own."""
FEWEST_STATIONS = 20
"""Measured stations from which a city's own residuals are fitted."""
PRIOR_PAIRS = 20.0
"""Pairs of stations in each class of distance that the bundled values count for."""


@dataclass(frozen=True)
class Correlogram:
    """Correlation against distance. metres, value, pairs : (B,) per class of `EDGES_M`."""

    metres: Floats
    value: Floats
    pairs: Floats


@dataclass(frozen=True)
class LearntNoise:
    """Values of every level, and how much of the noise's correlation reaches the traffic.

    transfer : correlation of the generated level over that of its noise
    """

    levels: Mapping[str, SharedNoise]
    transfer: Mapping[str, float]
    fingerprint: str = "not stored"

    def for_city(self, residuals: Floats, xy: Floats) -> "LearntNoise":
        """Fit the residual's values to a city's log residuals (n, T), NaN where not measured.

        xy : (n, 2) metres. Fewer than `FEWEST_STATIONS` change nothing.
        """
        if len(xy) < FEWEST_STATIONS:
            return self
        found = correlogram(residuals, xy)
        fitted = fit_shared(found, self.transfer["residual"], prior=self.levels["residual"])
        return LearntNoise({**self.levels, "residual": fitted}, self.transfer, self.fingerprint)


def correlogram(deviations: Floats, xy: Floats) -> Correlogram:
    """Return the correlation of deviations (n, J) from what is expected, against distance.

    Around zero and not around the city's mean, so that what a whole city shares is included. NaN is
    left out.
    """
    known = np.isfinite(deviations)
    z = np.where(known, deviations, 0.0)
    both = known.astype(np.float64) @ known.T.astype(np.float64)
    square = max(float(np.square(z).sum() / max(known.sum(), 1)), 1e-12)
    upper = np.triu_indices(len(z), 1)
    product = ((z @ z.T) / np.maximum(both, 1) / square)[upper]
    metres = pdist(xy)
    usable = both[upper] > 0
    classes = np.searchsorted(EDGES_M, metres[usable], side="right") - 1
    size = len(EDGES_M) - 1
    inside = classes < size
    classes, metres, product = classes[inside], metres[usable][inside], product[usable][inside]
    pairs = np.bincount(classes, minlength=size).astype(np.float64)
    several = np.maximum(pairs, 1)
    return Correlogram(
        np.bincount(classes, metres, size) / several,
        np.bincount(classes, product, size) / several,
        pairs,
    )


def pooled(parts: Sequence[Correlogram]) -> Correlogram:
    """Return the mean of several cities' correlation, weighted by pairs."""
    pairs = np.stack([part.pairs for part in parts])
    total = np.maximum(pairs.sum(axis=0), 1)
    return Correlogram(
        (np.stack([part.metres for part in parts]) * pairs).sum(axis=0) / total,
        (np.stack([part.value for part in parts]) * pairs).sum(axis=0) / total,
        pairs.sum(axis=0),
    )


def fit_shared(
    found: Correlogram, transfer: float = 1.0, prior: SharedNoise | None = None
) -> SharedNoise:
    """Return the values whose correlation after the flow is nearest to the observed one.

    Each class of distance counts by the root of its pairs: near ones are few and decide most.
    """
    metres, value, pairs = found.metres, found.value, found.pairs
    if prior is not None:
        middle = np.convolve(EDGES_M, [0.5, 0.5], "valid")
        metres = np.concatenate([metres, middle])
        value = np.concatenate([value, transfer * prior.correlation(middle)])
        pairs = np.concatenate([pairs, np.full(len(middle), PRIOR_PAIRS)])
    weight = pairs**0.25
    best, least = SharedNoise(), np.inf
    for range_m in RANGES_M:
        columns = np.column_stack([matern(metres / range_m), matern(metres / CITY_RANGE_M)])
        shares, missed = nnls(columns * weight[:, None], value * weight)
        if missed < least - 1e-12:
            near, city = shares / transfer
            shrink = min(1.0, MAX_SHARED / max(near + city, 1e-12))
            best = SharedNoise(float(city * shrink), float(near * shrink), range_m)
            least = float(missed)
    return best


def load_dependence(folder: Path | None = None) -> LearntNoise:
    """Load the values of a folder, or the bundled ones."""
    weights = load_weights(DEFAULT if folder is None else folder, KIND)
    if set(weights.tensors) != set(LEVELS):
        raise BadInput(
            f"The values in {weights.source} are of other levels; make them again with "
            "`netspatial train-dependence`."
        )
    rows = {name: weights.tensors[name].astype(np.float64).tolist() for name in LEVELS}
    return LearntNoise(
        {name: SharedNoise(*rows[name][:3]) for name in LEVELS},
        {name: rows[name][3] for name in LEVELS},
        weights.fingerprint,
    )


def save_dependence(
    learnt: LearntNoise, folder: Path, cities: Sequence[str], licences: Sequence[str]
) -> str:
    """Write values as a weights folder with a card; return its fingerprint."""
    tensors = {
        name: np.array([one.city, one.near, one.range_m, learnt.transfer[name]], np.float32)
        for name, one in learnt.levels.items()
    }
    config = {"columns": ["city", "near", "range_m", "transfer"], "cities": list(cities)}
    return save_weights(folder, KIND, tensors, config, _card(learnt, cities, licences))


def _card(learnt: LearntNoise, cities: Sequence[str], licences: Sequence[str]) -> str:
    rows = [
        f"| {name} | {one.city:.3f} | {one.near:.3f} | {one.range_m:.0f} | "
        f"{learnt.transfer[name]:.2f} |"
        for name, one in learnt.levels.items()
    ]
    return "\n".join(
        [
            "# Dependence of neighbouring places",
            "",
            "Shares of the starting noise's variance that places have in common, by level of the",
            "generator: across the city, and falling off over a range.",
            "",
            f"Learnt on {len(cities)} cities that the generator was not trained on:",
            f"{', '.join(cities)}.",
            "Made by `netspatial train-dependence CITIES --out FOLDER`.",
            licence_of_weights(licences),
            "",
            "| level | city | near | range, m | correlation that reaches the traffic |",
            "| --- | --- | --- | --- | --- |",
            *rows,
        ]
    )
