"""Mean traffic and capacity of each station.

Part of the mean follows from the surroundings; the rest is log-normal.
"""

import numpy as np

from netspatial.arrays import Floats
from netspatial.randomness import stream
from netspatial.simulate.association import Association
from netspatial.simulate.residuals import shared_factor
from netspatial.simulate.stations import StationLayout

ORDINARY_DENSITY = 0.6
"""Demand density at which a station carries the city's reference level, relative units."""

ORDINARY_SHARE = 0.5

NEIGHBOURLY = 0.4
"""Share of the unexplained variance of levels that neighbours have in common."""

HEADROOM_SD = 0.35
"""Log-sd of capacity over expected peak: planning errors, and equipment in steps."""

CAPACITY_CLASSES_GB_H = np.array(
    [5, 7.5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 960], dtype=np.float64
)
"""Available capacities: from one narrow carrier to many wide ones."""


def expected_level(network: StationLayout, carried: Association, drawn: dict[str, float]) -> Floats:
    """Return the mean traffic that the surroundings explain, (stations,) GB/h.

    A power law in the demand density around the station and in the share of it that it serves.
    """
    density = (carried.density / ORDINARY_DENSITY) ** drawn["level_power"]
    share = (carried.share / ORDINARY_SHARE) ** drawn["share_power"]
    tier = np.where(network.coverage, 1.25, 1.0)
    return np.asarray(drawn["level_gb_h"] * density * share * tier)


def drawn_level(
    seed: int, network: StationLayout, expected: Floats, drawn: dict[str, float]
) -> Floats:
    """Return the mean traffic of each station with its unexplained part, (stations,) GB/h."""
    places = np.column_stack([network.x, network.y])
    common = shared_factor(seed, "level", places, drawn["level_range_m"], 1, 0.0)[:, 0]
    own = stream(seed, "level").standard_normal(len(expected))
    unexplained = np.sqrt(NEIGHBOURLY) * common + np.sqrt(1 - NEIGHBOURLY) * own
    return np.asarray(expected * np.exp(drawn["level_sd"] * unexplained))


def capacities(seed: int, expected_peak: Floats, headroom: float) -> Floats:
    """Return the equipment installed for an expected busy hour, (stations,) GB/h.

    expected_peak : (stations,) GB/h
    headroom      : capacity over expected peak in the median, before the next class is taken
    """
    error = stream(seed, "capacity").standard_normal(len(expected_peak))
    wanted = expected_peak * headroom * np.exp(HEADROOM_SD * error)
    index = np.searchsorted(CAPACITY_CLASSES_GB_H, wanted)
    return CAPACITY_CLASSES_GB_H[np.minimum(index, len(CAPACITY_CLASSES_GB_H) - 1)]


def soft_clip(wanted: Floats, capacity: Floats) -> Floats:
    """Limit traffic (stations, hours) softly to capacity (stations,), GB/h; exact up to 80 %.

    Parameters
    ----------
    wanted : ndarray of float64, (stations, hours)
        Traffic without a limit, GB/h.
    capacity : ndarray of float64, (stations,)
        Capacity, GB/h.

    Returns
    -------
    ndarray of float64, (stations, hours)
        Traffic below capacity, GB/h.

    Examples
    --------
    >>> soft_clip(np.array([[5.0, 8.0, 10.0, 100.0]]), np.array([10.0])).round(2).tolist()
    [[5.0, 8.0, 9.26, 10.0]]
    """
    limit = capacity[:, None]
    knee = 0.8 * limit
    over = np.maximum(wanted - knee, 0.0)
    return np.asarray(np.minimum(wanted, knee) + 0.2 * limit * -np.expm1(-over / (0.2 * limit)))
