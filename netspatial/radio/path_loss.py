"""Path loss in streets and over roofs: 3GPP TR 38.901, urban macro (UMa) and micro (UMi).

Mean loss in dB by distance, carrier and heights, with line of sight (LOS) or without (NLOS), and
the probability of either.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from netspatial.arrays import Floats
from netspatial.errors import BadInput

SPEED_OF_LIGHT = 299_792_458.0
"""m/s"""
ENVIRONMENT_M = 1.0
"""Effective environment height h_E, m: 1 m for UMi, and for UMa to users below 13 m."""
NEAREST_M, FARTHEST_M = 10.0, 5_000.0
"""Horizontal distances for which the models were fitted; nearer ones count as the nearest."""


def free_space_db(distance_m: ArrayLike, frequency_ghz: float) -> Floats:
    """Loss between isotropic antennas in free space, dB: Friis, 20 log10(4π d f / c)."""
    d = np.asarray(distance_m, dtype=np.float64)
    loss: Floats = 20 * np.log10(4 * np.pi * d * frequency_ghz * 1e9 / SPEED_OF_LIGHT)
    return loss


def breakpoint_m(frequency_ghz: float, station_m: ArrayLike, user_m: float) -> Floats:
    """Distance d'_BP beyond which the ground's reflection counts, m; Table 7.4.1-1, note 1."""
    above: Floats = np.asarray(station_m, dtype=np.float64) - ENVIRONMENT_M
    corner: Floats = 4 * above * (user_m - ENVIRONMENT_M) * frequency_ghz * 1e9 / SPEED_OF_LIGHT
    return corner


def uma_los_db(
    distance_m: ArrayLike, frequency_ghz: float, station_m: ArrayLike = 25.0, user_m: float = 1.5
) -> Floats:
    """Urban macro with line of sight, Table 7.4.1-1 PL1 and PL2, dB.

    distance_m : horizontal, up to 5 km; station_m, user_m : antenna heights, m
    """
    return _two_slopes(28.0, 22.0, 9.0, distance_m, frequency_ghz, station_m, user_m)


def uma_nlos_db(
    distance_m: ArrayLike, frequency_ghz: float, station_m: ArrayLike = 25.0, user_m: float = 1.5
) -> Floats:
    """Urban macro without line of sight, Table 7.4.1-1, dB; never below the loss with it."""
    d = _slant_m(distance_m, station_m, user_m)
    loss = 13.54 + 39.08 * np.log10(d) + 20 * np.log10(frequency_ghz) - 0.6 * (user_m - 1.5)
    greater: Floats = np.maximum(loss, uma_los_db(distance_m, frequency_ghz, station_m, user_m))
    return greater


def umi_los_db(
    distance_m: ArrayLike, frequency_ghz: float, station_m: ArrayLike = 10.0, user_m: float = 1.5
) -> Floats:
    """Street canyon with line of sight, Table 7.4.1-1 PL1 and PL2, dB."""
    return _two_slopes(32.4, 21.0, 9.5, distance_m, frequency_ghz, station_m, user_m)


def umi_nlos_db(
    distance_m: ArrayLike, frequency_ghz: float, station_m: ArrayLike = 10.0, user_m: float = 1.5
) -> Floats:
    """Street canyon without line of sight, Table 7.4.1-1, dB; never below the loss with it."""
    d = _slant_m(distance_m, station_m, user_m)
    loss = 22.4 + 35.3 * np.log10(d) + 21.3 * np.log10(frequency_ghz) - 0.3 * (user_m - 1.5)
    greater: Floats = np.maximum(loss, umi_los_db(distance_m, frequency_ghz, station_m, user_m))
    return greater


def uma_los_probability(distance_m: ArrayLike, user_m: float = 1.5) -> Floats:
    """Probability of line of sight to an urban macro station, Table 7.4.2-1; users up to 23 m."""
    d = np.maximum(np.asarray(distance_m, dtype=np.float64), 18.0)
    high = max(0.0, (user_m - 13.0) / 10.0) ** 1.5
    low = 18 / d + np.exp(-d / 63) * (1 - 18 / d)
    probability: Floats = low * (1 + high * 1.25 * (d / 100) ** 3 * np.exp(-d / 150))
    return np.where(np.asarray(distance_m) <= 18, 1.0, probability)


def umi_los_probability(distance_m: ArrayLike, user_m: float = 1.5) -> Floats:
    """Probability of line of sight in a street canyon, Table 7.4.2-1; the same at any height."""
    del user_m
    d = np.maximum(np.asarray(distance_m, dtype=np.float64), 18.0)
    probability: Floats = 18 / d + np.exp(-d / 36) * (1 - 18 / d)
    return probability


@dataclass(frozen=True)
class Scenario:
    """One row of Tables 7.4.1-1, 7.4.2-1 and 7.5-6.

    los, nlos                 : loss in dB of (distance m, carrier GHz, station and user height m)
    los_probability           : of (distance m, user height m)
    los_sd, nlos_sd           : standard deviation of the shadowing, dB
    los_range_m, nlos_range_m : distance at which its correlation falls to 1/e, m
    """

    los: Callable[[ArrayLike, float, ArrayLike, float], Floats]
    nlos: Callable[[ArrayLike, float, ArrayLike, float], Floats]
    los_probability: Callable[[ArrayLike, float], Floats]
    los_sd: float
    nlos_sd: float
    los_range_m: float
    nlos_range_m: float


SCENARIOS: dict[str, Scenario] = {
    "uma": Scenario(uma_los_db, uma_nlos_db, uma_los_probability, 4.0, 6.0, 37.0, 50.0),
    "umi": Scenario(umi_los_db, umi_nlos_db, umi_los_probability, 4.0, 7.82, 10.0, 13.0),
}


def _two_slopes(
    constant: float,
    slope: float,
    correction: float,
    distance_m: ArrayLike,
    frequency_ghz: float,
    station_m: ArrayLike,
    user_m: float,
) -> Floats:
    """PL1 up to the breakpoint and PL2 beyond it; PL2's last term makes the two meet there."""
    _check(frequency_ghz, user_m)
    flat = _flat_m(distance_m)
    d = _slant_m(distance_m, station_m, user_m)
    carrier = constant + 20 * np.log10(frequency_ghz)
    corner = breakpoint_m(frequency_ghz, station_m, user_m)
    climb = np.asarray(station_m, dtype=np.float64) - user_m
    near = carrier + slope * np.log10(d)
    far = carrier + 40 * np.log10(d) - correction * np.log10(corner**2 + climb**2)
    loss: Floats = np.where(flat <= corner, near, far)
    return loss


def _flat_m(distance_m: ArrayLike) -> Floats:
    d = np.asarray(distance_m, dtype=np.float64)
    if (d > FARTHEST_M).any():
        raise BadInput(
            f"A link of {d.max():.0f} m is longer than the path-loss model's {FARTHEST_M:.0f} m."
        )
    held: Floats = np.maximum(d, NEAREST_M)
    return held


def _slant_m(distance_m: ArrayLike, station_m: ArrayLike, user_m: float) -> Floats:
    """Distance d_3D between the antennas, m."""
    climb = np.asarray(station_m, dtype=np.float64) - user_m
    distance: Floats = np.hypot(_flat_m(distance_m), climb)
    return distance


def _check(frequency_ghz: float, user_m: float) -> None:
    if not 0.5 <= frequency_ghz <= 100:
        raise BadInput(
            f"A carrier of {frequency_ghz:g} GHz was given; TR 38.901 holds from 0.5 to 100 GHz."
        )
    if not 1.5 <= user_m < 13:
        raise BadInput(
            f"Users at {user_m:g} m were given; the effective environment height of 1 m holds for "
            "1.5 to 13 m."
        )
