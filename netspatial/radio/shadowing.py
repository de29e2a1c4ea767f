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
    """A standard Gaussian field with correlation exp(-d / correlation_m) at places.

    Parameters
    ----------
    places : array (n, 2)
        Positions, m.
    seed : int
        Of the field.
    *names : str or int
        Name of the field; other names give independent fields.
    correlation_m : float
        Distance at which the correlation falls to 1/e, m.

    Returns
    -------
    array (n,)
        Mean 0 and variance 1 over the seeds at every place; a value does not depend on the other
        places.

    Notes
    -----
    A sum of `WAVES` plane waves whose wave vectors follow the spectrum of that correlation in the
    plane: a bivariate Cauchy law. Correlation distances of shadowing: TR 38.901, Table 7.5-6.

    Examples
    --------
    >>> places = np.array([[0.0, 0.0], [10.0, 0.0]])
    >>> values = field(places, 0, "example", correlation_m=50.0)
    >>> bool(values[1] == field(places[1:], 0, "example", correlation_m=50.0)[0])
    True
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

    Parameters
    ----------
    places : array (n, 2)
        Positions of the users, m.
    common : array (n,)
        The `field` that all stations share there.
    seed : int
        Of the field.
    *names : str or int
        Name of the station's field.
    correlation_m : float
        Distance at which the correlation falls to 1/e, m.

    Returns
    -------
    array (n,)
        Standard Gaussian.

    Notes
    -----
    Correlation of 0.5 between sites: TR 36.942.
    """
    own = field(places, seed, *names, correlation_m=correlation_m)
    value: Floats = np.sqrt(SHARED) * common + np.sqrt(1 - SHARED) * own
    return value
