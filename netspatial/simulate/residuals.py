"""Residual factors of traffic: AR(1) noise of a station, of neighbours and of the whole city.

Drawn anew in every redraw of a city. All factors are logarithms of multipliers with unit variance;
`traffic` scales and applies them.
"""

import numpy as np
from scipy.signal import lfilter
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from netspatial.arrays import Floats
from netspatial.randomness import stream

SOURCES_PER_RANGE = 1.5
"""Sources of the shared field per correlation range along each axis."""


def ar1_filter(shocks: Floats, memory: float) -> Floats:
    """Turn independent unit shocks (n, steps) into AR(1) of unit variance from the first step on.

    Parameters
    ----------
    shocks : ndarray of float64, (n, steps)
        Independent shocks ξ of unit variance.
    memory : float
        AR(1) coefficient ρ, 0 to below 1.

    Returns
    -------
    ndarray of float64, (n, steps)
        The filtered series a.

    Notes
    -----
    a_0 = ξ_0 and a_t = ρ a_{t-1} + √(1 - ρ²) ξ_t.

    Examples
    --------
    >>> ar1_filter(np.array([[1.0, 0.0, 0.0]]), memory=0.5).tolist()
    [[1.0, 0.5, 0.25]]
    """
    scaled = shocks * np.sqrt(1 - memory**2)
    scaled[:, 0] = shocks[:, 0]
    return np.asarray(lfilter([1.0], [1.0, -memory], scaled, axis=1))


def ar1_coefficient(hours: float) -> float:
    """Return the AR(1) coefficient in hourly steps whose correlation falls to 1/e in `hours`.

    Parameters
    ----------
    hours : float
        Correlation time, hours.

    Returns
    -------
    float
        exp(-1 / hours).

    Examples
    --------
    >>> round(ar1_coefficient(24.0) ** 24, 3)
    0.368
    """
    return float(np.exp(-1 / hours))


def own_factor(seed: int, name: str, count: int, steps: int, memory: float, tails: float) -> Floats:
    """Draw each station's own AR(1) factor (count, steps), unit variance, Student-t shocks.

    tails : degrees of freedom of the shocks, above 2; low values mean heavy tails
    """
    shocks = stream(seed, "residuals", name).standard_t(tails, (count, steps))
    return ar1_filter(shocks * np.sqrt((tails - 2) / tails), memory)


def city_factor(seed: int, name: str, steps: int, memory: float) -> Floats:
    """Draw the factor common to the whole city, (1, steps), unit variance."""
    shocks = stream(seed, "residuals", name).standard_normal((1, steps))
    return ar1_filter(shocks, memory)


def shared_factor(
    seed: int, name: str, places: Floats, range_m: float, steps: int, memory: float
) -> Floats:
    """Draw a factor that neighbours share, (stations, steps), unit variance, AR(1) in time.

    Independent sources on a lattice around the stations are averaged with Gaussian weights, so
    that two stations at distance d are correlated by about exp(-d² / (4 range_m²)).

    Parameters
    ----------
    seed : int
        Seed of the redraw.
    name : str
        Name of the random stream.
    places : ndarray of float64, (stations, 2)
        Positions, metres.
    range_m : float
        Correlation range, metres.
    steps : int
        Hours.
    memory : float
        AR(1) coefficient, 0 to below 1.

    Returns
    -------
    ndarray of float64, (stations, steps)
        The factor.

    Examples
    --------
    >>> places = np.array([[0.0, 0.0], [0.0, 0.0], [20_000.0, 0.0]])
    >>> same, twin, far = shared_factor(1, "demo", places, 500.0, 24, 0.5)
    >>> np.allclose(same, twin), np.allclose(same, far)
    (True, False)
    """
    spacing = range_m / SOURCES_PER_RANGE
    low, high = places.min(axis=0) - 2 * range_m, places.max(axis=0) + 2 * range_m
    axes = [np.arange(low[i], high[i] + spacing, spacing) for i in range(2)]
    sources = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    near = KDTree(places).sparse_distance_matrix(KDTree(sources), 2.5 * range_m).tocsr()
    near.sort_indices()
    weights = csr_array(
        (np.exp(-((near.data / range_m) ** 2) / 2), near.indices, near.indptr), near.shape
    )
    shocks = stream(seed, "residuals", name).standard_normal((len(sources), steps))
    norm = np.sqrt(weights.multiply(weights).sum(axis=1))
    return np.asarray((weights @ ar1_filter(shocks, memory)) / norm[:, None])
