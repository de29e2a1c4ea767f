"""A made-up city whose log level is a smooth field of place and features."""

import numpy as np

from netspatial.kriging.kernels import Places
from netspatial.kriging.series import Moments
from netspatial.randomness import stream
from netspatial.timeline import HOURS_PER_WEEK

HOURS = np.arange(2 * HOURS_PER_WEEK) % HOURS_PER_WEEK


def made_up_places(n: int, seed: int = 0) -> Places:
    random = stream(seed, "places", n)
    features = {
        "embedding": random.standard_normal((n, 6)),
        "counts": random.poisson(3, (n, 4)).astype(float),
        "image": np.zeros((n, 0)),
        "network": random.standard_normal((n, 3)),
    }
    return Places(
        xy=random.uniform(0, 5000, (n, 2)),
        coverage=random.random(n) < 0.3,
        level=random.normal(0, 0.3, n),
        level_sd=np.full(n, 0.6),
        features=features,
    )


def made_up_level(places: Places) -> np.ndarray:
    """Log level: zero-shot level plus a field of features and of place."""
    x, y = places.xy.T / 2000
    return places.level + 0.5 * places.features["embedding"][:, 0] + 0.4 * np.sin(x) * np.cos(y)


def made_up_series(level: np.ndarray, seed: int = 0, noise: float = 0.1) -> np.ndarray:
    """Two weeks (n, 336) with a daily rhythm and a little noise, of these log levels."""
    random = stream(seed, "series", len(level))
    day = 1 + 0.8 * np.sin(2 * np.pi * (HOURS % 24) / 24)
    x = np.exp(level)[:, None] * day
    return x * np.exp(noise * random.standard_normal(x.shape) - noise**2 / 2)


def zero_shot(places: Places) -> Moments:
    day = 1 + 0.8 * np.sin(2 * np.pi * (np.arange(HOURS_PER_WEEK) % 24) / 24)
    n = len(places)
    return Moments(
        places.level,
        places.level_sd,
        np.tile(np.log(day / day.mean() + 0.02), (n, 1)),
        np.full(n, np.log(0.1)),
    )
