"""Demand pixels: the traffic of each station spread over points around it.

More of it near the station and near points of interest. Each station has its own pixels, so
that its measured traffic is split and its total is kept.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from netspatial.arrays import Floats, Indices
from netspatial.radio.sites import Sites
from netspatial.randomness import stream

PER_STATION = 12
NEIGHBOURS = 3
"""The radius of a station's area is half the mean distance to this many of its own tier."""
RADIUS_M = {False: (60.0, 500.0), True: (120.0, 1_000.0)}
"""Least and greatest radius, by whether the station is of the coverage tier."""
ALONE_M = {False: 200.0, True: 500.0}
"""Radius of a station that has no neighbour of its tier."""
POI_REACH_M = 75.0
"""Points of interest within this distance of a pixel raise its demand."""
GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))


@dataclass(frozen=True)
class Pixels:
    """Demand pixels.

    Attributes
    ----------
    places : array (P, 2)
        Positions, m.
    owner : array (P,) of int
        Station whose traffic the pixel holds.
    share : array (P,)
        Part of that traffic; sums to 1 per station.
    """

    places: Floats
    owner: Indices
    share: Floats


def demand_pixels(sites: Sites, pois: Floats | None, seed: int, each: int = PER_STATION) -> Pixels:
    """Spread each station's traffic over pixels within its area.

    Parameters
    ----------
    sites : Sites
        n stations.
    pois : array (k, 2) or None
        Points of interest, m; None where the city has none.
    seed : int
        Of the rotation of each station's pixels.
    each : int
        Pixels of each station.

    Returns
    -------
    Pixels
        P = n · `each` pixels.

    Notes
    -----
    The pixels fill a disc evenly (a sunflower pattern, rotated by a random angle per station); a
    pixel at distance d has the weight exp(-(d/R)²) (1 + points of interest near it).
    """
    radius = service_radius_m(sites)
    number = np.arange(each)
    spoke = np.sqrt((number + 0.5) / each)
    turn = np.array([stream(seed, "pixels", str(name)).uniform(0, 2 * np.pi) for name in sites.ids])
    angle = turn[:, None] + GOLDEN_ANGLE * number
    ray = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    places = (sites.places[:, None] + radius[:, None, None] * spoke[:, None] * ray).reshape(-1, 2)
    weight = np.tile(np.exp(-(spoke**2)), len(sites)) * (1 + _pois_near(places, pois))
    share = weight.reshape(len(sites), each)
    share = share / share.sum(axis=1, keepdims=True)
    return Pixels(places, np.repeat(np.arange(len(sites)), each), share.ravel())


def service_radius_m(sites: Sites) -> Floats:
    """Radius of the area that each station serves: half-way to neighbours of its own tier.

    Parameters
    ----------
    sites : Sites
        n stations.

    Returns
    -------
    array (n,)
        Radius, m.
    """
    radius = np.empty(len(sites))
    for coverage, (least, most) in RADIUS_M.items():
        tier = np.flatnonzero(sites.coverage == coverage)
        if len(tier) < 2:
            radius[tier] = ALONE_M[coverage]
            continue
        near = min(NEIGHBOURS, len(tier) - 1)
        distance, _ = KDTree(sites.places[tier]).query(sites.places[tier], near + 1)
        radius[tier] = np.clip(0.5 * distance[:, 1:].mean(axis=1), least, most)
    return radius


def _pois_near(places: Floats, pois: Floats | None) -> Floats:
    if pois is None or len(pois) == 0:
        return np.zeros(len(places))
    found = KDTree(pois).query_ball_point(places, POI_REACH_M, return_length=True)
    return np.asarray(found, dtype=np.float64)
