"""How alike two places are: kernels over groups of features, distance, tier and zero-shot level.

Every group has its own weight (`gaussian_process`), so that a city chooses what explains its
traffic. Features are standardised over the measured stations.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.distance import cdist

from netspatial.arrays import Floats, Indices, Mask

GROUPS = ("embedding", "counts", "image", "network")
"""Groups of features; each has a linear and a squared-exponential kernel."""
RANGES_M = (50.0, 300.0, 1000.0, 4000.0)
"""Ranges of the kernels of distance, exponential for stations and Matérn 3/2 for squares; the first
is that of one mast."""
MAX_RANGES = 1e4
"""Distance in ranges from which on a kernel of distance is zero."""
NAMES = (
    *(f"{group}, {form}" for group in GROUPS for form in ("linear", "rbf")),
    *(f"distance, {range_m:.0f} m" for range_m in RANGES_M),
    "tier",
    "zero-shot level",
    "offset",
)
"""Kernels in the order of every stack; the offset is common to the city."""
OFFSET = NAMES.index("offset")
DISTANCE = tuple(at for at, name in enumerate(NAMES) if name.startswith("distance"))
"""Kernels that say nothing between places far apart."""
MAX_COMPARED = 1000
"""About how many stations are compared with each other for the range of a kernel of features."""
FARTHEST_DEVIATION = 5.0
MIN_DEVIATION = 0.2
"""Smallest standard deviation by which the zero-shot level is divided."""


@dataclass(frozen=True)
class Places:
    """Places with what the kernels read.

    Attributes
    ----------
    xy : ndarray of float64, (n, 2)
        Metres in the city's CRS; NaN where the city has no coordinates.
    coverage : ndarray of bool, (n,)
        Whether the place belongs to the coverage tier.
    level, level_sd : ndarray of float64, (n,)
        Zero-shot mean and deviation of the log level, in the model's unit; NaN where the model
        does not say them.
    features : mapping of str to ndarray of float64, (n, p)
        Features of each of `GROUPS`; a group without information has no columns.
    square_m : float
        Side of the squares whose traffic was measured, 0 for stations. Neighbouring squares may
        share stations, so that their traffic varies smoothly from one to the next.
    """

    xy: Floats
    coverage: Mask
    level: Floats
    level_sd: Floats
    features: Mapping[str, Floats]
    square_m: float = 0.0

    def __len__(self) -> int:
        """Number of places."""
        return len(self.xy)

    def take(self, rows: Indices | slice) -> "Places":
        """Return some places.

        Parameters
        ----------
        rows : ndarray of int or slice
            Rows to return.

        Returns
        -------
        Places
            These places.
        """
        return replace(
            self,
            xy=self.xy[rows],
            coverage=self.coverage[rows],
            level=self.level[rows],
            level_sd=self.level_sd[rows],
            features={name: values[rows] for name, values in self.features.items()},
        )


@dataclass(frozen=True)
class Kernels:
    """Kernels whose features are standardised by one set of stations."""

    mean: Mapping[str, Floats]
    scale: Mapping[str, Floats]
    width: Mapping[str, float]
    """Squared range of each squared-exponential kernel: the median squared distance."""
    level: tuple[float, float]

    @classmethod
    def of(cls, stations: Places) -> "Kernels":
        """Standardise by the measured stations."""
        mean, scale, width = {}, {}, {}
        for name in GROUPS:
            values = stations.features[name]
            mean[name] = values.mean(axis=0)
            deviation = values.std(axis=0)
            varies = deviation > 1e-6 * np.maximum(1.0, np.abs(values).max(axis=0, initial=0.0))
            count = max(1, int(varies.sum()))
            scale[name] = np.where(varies, 1 / np.where(varies, deviation, 1.0), 0.0) / count**0.5
            x = _standardised(values, mean[name], scale[name])
            some = x[:: max(1, len(x) // MAX_COMPARED)]
            apart = cdist(some, some, "sqeuclidean")[np.triu_indices(len(some), 1)]
            width[name] = float(np.median(apart)) if apart.size and apart.any() else 2.0
        if not np.isfinite(stations.level).all():
            return cls(mean, scale, width, (0.0, np.inf))
        deviation = max(float(stations.level.std()), MIN_DEVIATION)
        return cls(mean, scale, width, (float(stations.level.mean()), deviation))

    def between(self, a: Places, b: Places) -> Floats:
        """Return the kernels between places, (kernels, len(a), len(b))."""
        found = []
        for name in GROUPS:
            x, y = self._features(a, name), self._features(b, name)
            found += [x @ y.T, self._informed(name) * np.exp(-self._apart(x, y, name))]
        distance = _distance(a, b)
        near = _matern if b.square_m > 0 else _exponential
        found += [near(distance / range_m) for range_m in RANGES_M]
        found.append((a.coverage[:, None] == b.coverage[None]).astype(np.float64))
        found += [np.outer(self._level(a), self._level(b)), np.ones_like(distance)]
        return np.stack(found)

    def diagonal(self, places: Places) -> Floats:
        """Return the kernels of each place with itself, (kernels, n)."""
        ones = np.ones(len(places))
        located = np.isfinite(places.xy).all(axis=1).astype(np.float64)
        found = []
        for name in GROUPS:
            square = np.square(self._features(places, name)).sum(axis=1)
            found += [square, self._informed(name) * ones]
        found += [located] * len(RANGES_M)
        return np.stack([*found, ones, np.square(self._level(places)), ones])

    def embedding_distance(self, a: Places, b: Places) -> Floats:
        """Return squared distances of embeddings over the stations' median, (len(a), len(b))."""
        x, y = self._features(a, "embedding"), self._features(b, "embedding")
        return self._apart(x, y, "embedding")

    def forms(self, places: Places, *, smooth: bool) -> list[tuple[str, Floats]]:
        """Return form and coordinates of each kernel, in the order of `NAMES`.

        Parameters
        ----------
        places : Places
            The n places.
        smooth : bool
            Whether the kernels of distance are Matérn 3/2, as between measured squares.

        Returns
        -------
        list of tuple of str and array (n, p)
            Coordinates x of a form: linear is x·y, squared exponential exp(-|x - y|²), exponential
            exp(-|x - y|), Matérn 3/2 of |x - y|.
        """
        found: list[tuple[str, Floats]] = []
        for name in GROUPS:
            x = self._features(places, name)
            found.append(("linear", x))
            if self._informed(name):
                found.append(("squared exponential", x / np.sqrt(self.width[name])))
            else:
                found.append(("linear", np.zeros_like(x)))
        nowhere = np.zeros((len(places), 1))
        for range_m in RANGES_M:
            if np.isfinite(places.xy).all():
                found.append(("matern" if smooth else "exponential", places.xy / range_m))
            else:
                found.append(("linear", nowhere))
        tiers = np.column_stack([places.coverage, ~places.coverage])
        found.append(("linear", tiers.astype(np.float64)))
        found.append(("linear", self._level(places)[:, None]))
        found.append(("linear", np.ones((len(places), 1))))
        return found

    def _features(self, places: Places, name: str) -> Floats:
        return _standardised(places.features[name], self.mean[name], self.scale[name])

    def _apart(self, x: Floats, y: Floats, name: str) -> Floats:
        squared: Floats = cdist(x, y, "sqeuclidean") / self.width[name]
        return squared

    def _informed(self, name: str) -> float:
        return float(bool(self.scale[name].any()))

    def _level(self, places: Places) -> Floats:
        mean, deviation = self.level
        if not np.isfinite(deviation):
            return np.zeros(len(places))
        return np.clip((places.level - mean) / deviation, -FARTHEST_DEVIATION, FARTHEST_DEVIATION)


def _exponential(ranges: Floats) -> Floats:
    found: Floats = np.exp(-np.minimum(ranges, MAX_RANGES))
    return found


def _matern(ranges: Floats) -> Floats:
    """Matérn kernel of smoothness 3/2: fields with a slope everywhere."""
    scaled = np.sqrt(3) * np.minimum(ranges, MAX_RANGES)
    found: Floats = (1 + scaled) * np.exp(-scaled)
    return found


def _distance(a: Places, b: Places) -> Floats:
    """Metres between places, (n, m); infinite where coordinates are unknown."""
    apart = cdist(a.xy, b.xy)
    found: Floats = np.where(np.isnan(apart), np.inf, apart)
    return found


def _standardised(values: Floats, mean: Floats, scale: Floats) -> Floats:
    """Return features whose squares sum to about one, with far outliers clipped, (n, p)."""
    varies = scale > 0
    if not varies.any():
        return np.zeros((len(values), 1))
    bound = FARTHEST_DEVIATION / varies.sum() ** 0.5
    found: Floats = np.clip((values - mean)[:, varies] * scale[varies], -bound, bound)
    return found
