"""Shadowing: log-normal fading by obstacles, spatially correlated.

A field is a function of place: its value does not depend on the other places or their order.
"""

import numpy as np

from netspatial.arrays import Floats
from netspatial.randomness import stream

SHARED = 0.5
"""Part of the variance common to all stations at a user's place (TR 36.942, between sites)."""
WAVES = 256
"""Waves summed to a field; by the central limit nearly Gaussian at every place."""


def field(places: Floats, seed: int, *names: str | int, correlation_m: float) -> Floats:
    """A standard Gaussian field with correlation exp(-d / correlation_m) at places (n, 2), m.

    A sum of WAVES plane waves whose wave vectors follow the spectrum of that correlation in the
    plane: a bivariate Cauchy law. The mean over seeds is 0 and the variance 1 at every place.
    """
    random = stream(seed, "field", *names)
    direction = random.standard_normal((2, WAVES))
    spread = np.abs(random.standard_normal(WAVES))
    phase = random.uniform(0, 2 * np.pi, WAVES)
    waves = direction / spread / correlation_m
    value: Floats = np.sqrt(2 / WAVES) * np.cos(places @ waves + phase).sum(axis=1)
    return value


def link_field(
    places: Floats, common: Floats, seed: int, *names: str | int, correlation_m: float
) -> Floats:
    """The field of one station's links: half its variance is common to all stations.

    places : (n, 2) of the users, m; common : (n,) the `field` that all stations share there
    """
    own = field(places, seed, *names, correlation_m=correlation_m)
    value: Floats = np.sqrt(SHARED) * common + np.sqrt(1 - SHARED) * own
    return value
