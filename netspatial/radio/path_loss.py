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
    """Loss between isotropic antennas in free space, dB.

    Parameters
    ----------
    distance_m : array, any shape
        Distance, m.
    frequency_ghz : float
        Carrier frequency, GHz.

    Returns
    -------
    array, shape of `distance_m`
        Loss, dB.

    Notes
    -----
    Friis: 20 log10(4π d f / c).

    Examples
    --------
    >>> round(float(free_space_db(1000.0, 2.0)), 1)
    98.5
    """
    d = np.asarray(distance_m, dtype=np.float64)
    loss: Floats = 20 * np.log10(4 * np.pi * d * frequency_ghz * 1e9 / SPEED_OF_LIGHT)
    return loss


def breakpoint_m(frequency_ghz: float, station_m: ArrayLike, user_m: float) -> Floats:
    """Distance d'_BP beyond which the ground's reflection counts, m.

    Parameters
    ----------
    frequency_ghz : float
        Carrier frequency, GHz.
    station_m : array, any shape
        Height of the station's antenna, m.
    user_m : float
        Height of the user, m.

    Returns
    -------
    array, shape of `station_m`
        Horizontal distance, m.

    Notes
    -----
    4 (h_BS - h_E) (h_UT - h_E) f / c with h_E = 1 m: TR 38.901, Table 7.4.1-1, note 1.

    Examples
    --------
    >>> round(float(breakpoint_m(2.0, 25.0, 1.5)))
    320
    """
    above: Floats = np.asarray(station_m, dtype=np.float64) - ENVIRONMENT_M
    corner: Floats = 4 * above * (user_m - ENVIRONMENT_M) * frequency_ghz * 1e9 / SPEED_OF_LIGHT
    return corner


def uma_los_db(
    distance_m: ArrayLike, frequency_ghz: float, station_m: ArrayLike = 25.0, user_m: float = 1.5
) -> Floats:
    """Loss of urban macro with line of sight, dB.

    Parameters
    ----------
    distance_m : array, any shape
        Horizontal distance, up to 5 km, m; below 10 m it counts as 10 m.
    frequency_ghz : float
        Carrier frequency, 0.5 to 100 GHz.
    station_m : array, shape of `distance_m` or one height
        Height of the station's antenna, m.
    user_m : float
        Height of the user, 1.5 to 13 m.

    Returns
    -------
    array, shape of `distance_m`
        Mean loss, dB.

    Raises
    ------
    BadInput
        If a distance, the frequency or the user's height is outside the range of the model.

    Notes
    -----
    TR 38.901, Table 7.4.1-1: PL1 = 28.0 + 22 log10(d_3D) + 20 log10(f) up to the breakpoint, and
    PL2 beyond it.

    Examples
    --------
    >>> round(float(uma_los_db(100.0, 2.0)), 1)
    78.3
    """
    return _two_slopes(28.0, 22.0, 9.0, distance_m, frequency_ghz, station_m, user_m)


def uma_nlos_db(
    distance_m: ArrayLike, frequency_ghz: float, station_m: ArrayLike = 25.0, user_m: float = 1.5
) -> Floats:
    """Loss of urban macro without line of sight, dB; never below the loss with it.

    Parameters
    ----------
    distance_m : array, any shape
        Horizontal distance, up to 5 km, m; below 10 m it counts as 10 m.
    frequency_ghz : float
        Carrier frequency, 0.5 to 100 GHz.
    station_m : array, shape of `distance_m` or one height
        Height of the station's antenna, m.
    user_m : float
        Height of the user, 1.5 to 13 m.

    Returns
    -------
    array, shape of `distance_m`
        Mean loss, dB.

    Raises
    ------
    BadInput
        If a distance, the frequency or the user's height is outside the range of the model.

    Notes
    -----
    TR 38.901, Table 7.4.1-1: 13.54 + 39.08 log10(d_3D) + 20 log10(f) - 0.6 (h_UT - 1.5).

    Examples
    --------
    >>> round(float(uma_nlos_db(100.0, 2.0)), 1)
    98.2
    """
    d = _slant_m(distance_m, station_m, user_m)
    loss = 13.54 + 39.08 * np.log10(d) + 20 * np.log10(frequency_ghz) - 0.6 * (user_m - 1.5)
    greater: Floats = np.maximum(loss, uma_los_db(distance_m, frequency_ghz, station_m, user_m))
    return greater


def umi_los_db(
    distance_m: ArrayLike, frequency_ghz: float, station_m: ArrayLike = 10.0, user_m: float = 1.5
) -> Floats:
    """Loss of a street canyon with line of sight, dB.

    Parameters
    ----------
    distance_m : array, any shape
        Horizontal distance, up to 5 km, m; below 10 m it counts as 10 m.
    frequency_ghz : float
        Carrier frequency, 0.5 to 100 GHz.
    station_m : array, shape of `distance_m` or one height
        Height of the station's antenna, m.
    user_m : float
        Height of the user, 1.5 to 13 m.

    Returns
    -------
    array, shape of `distance_m`
        Mean loss, dB.

    Raises
    ------
    BadInput
        If a distance, the frequency or the user's height is outside the range of the model.

    Notes
    -----
    TR 38.901, Table 7.4.1-1: PL1 = 32.4 + 21 log10(d_3D) + 20 log10(f) up to the breakpoint, and
    PL2 beyond it.

    Examples
    --------
    >>> round(float(umi_los_db(100.0, 2.0)), 1)
    80.5
    """
    return _two_slopes(32.4, 21.0, 9.5, distance_m, frequency_ghz, station_m, user_m)


def umi_nlos_db(
    distance_m: ArrayLike, frequency_ghz: float, station_m: ArrayLike = 10.0, user_m: float = 1.5
) -> Floats:
    """Loss of a street canyon without line of sight, dB; never below the loss with it.

    Parameters
    ----------
    distance_m : array, any shape
        Horizontal distance, up to 5 km, m; below 10 m it counts as 10 m.
    frequency_ghz : float
        Carrier frequency, 0.5 to 100 GHz.
    station_m : array, shape of `distance_m` or one height
        Height of the station's antenna, m.
    user_m : float
        Height of the user, 1.5 to 13 m.

    Returns
    -------
    array, shape of `distance_m`
        Mean loss, dB.

    Raises
    ------
    BadInput
        If a distance, the frequency or the user's height is outside the range of the model.

    Notes
    -----
    TR 38.901, Table 7.4.1-1: 22.4 + 35.3 log10(d_3D) + 21.3 log10(f) - 0.3 (h_UT - 1.5).

    Examples
    --------
    >>> round(float(umi_nlos_db(100.0, 2.0)), 1)
    99.5
    """
    d = _slant_m(distance_m, station_m, user_m)
    loss = 22.4 + 35.3 * np.log10(d) + 21.3 * np.log10(frequency_ghz) - 0.3 * (user_m - 1.5)
    greater: Floats = np.maximum(loss, umi_los_db(distance_m, frequency_ghz, station_m, user_m))
    return greater


def uma_los_probability(distance_m: ArrayLike, user_m: float = 1.5) -> Floats:
    """Probability of line of sight to an urban macro station.

    Parameters
    ----------
    distance_m : array, any shape
        Horizontal distance, m.
    user_m : float
        Height of the user, up to 23 m.

    Returns
    -------
    array, shape of `distance_m`
        In [0, 1].

    Notes
    -----
    TR 38.901, Table 7.4.2-1; 1 up to 18 m.

    Examples
    --------
    >>> uma_los_probability([10.0, 100.0]).round(3).tolist()
    [1.0, 0.348]
    """
    d = np.maximum(np.asarray(distance_m, dtype=np.float64), 18.0)
    high = max(0.0, (user_m - 13.0) / 10.0) ** 1.5
    low = 18 / d + np.exp(-d / 63) * (1 - 18 / d)
    probability: Floats = low * (1 + high * 1.25 * (d / 100) ** 3 * np.exp(-d / 150))
    return np.where(np.asarray(distance_m) <= 18, 1.0, probability)


def umi_los_probability(distance_m: ArrayLike, user_m: float = 1.5) -> Floats:
    """Probability of line of sight in a street canyon; the same at any height.

    Parameters
    ----------
    distance_m : array, any shape
        Horizontal distance, m.
    user_m : float
        Not read; as in `uma_los_probability`.

    Returns
    -------
    array, shape of `distance_m`
        In [0, 1].

    Notes
    -----
    TR 38.901, Table 7.4.2-1: 18/d + exp(-d/36) (1 - 18/d); 1 up to 18 m.

    Examples
    --------
    >>> umi_los_probability([10.0, 100.0]).round(3).tolist()
    [1.0, 0.231]
    """
    del user_m
    d = np.maximum(np.asarray(distance_m, dtype=np.float64), 18.0)
    probability: Floats = 18 / d + np.exp(-d / 36) * (1 - 18 / d)
    return probability


@dataclass(frozen=True)
class PropagationScenario:
    """One row of Tables 7.4.1-1, 7.4.2-1 and 7.5-6 of TR 38.901.

    Attributes
    ----------
    los : function
        Loss in dB of (distance m, carrier GHz, station height m, user height m).
    nlos : function
        The same without line of sight.
    los_probability : function
        Of (distance m, user height m).
    los_sd : float
        Standard deviation of the shadowing with line of sight, dB.
    nlos_sd : float
        The same without it, dB.
    los_range_m : float
        Distance at which the correlation of the shadowing falls to 1/e with line of sight, m.
    nlos_range_m : float
        The same without it, m.
    """

    los: Callable[[ArrayLike, float, ArrayLike, float], Floats]
    nlos: Callable[[ArrayLike, float, ArrayLike, float], Floats]
    los_probability: Callable[[ArrayLike, float], Floats]
    los_sd: float
    nlos_sd: float
    los_range_m: float
    nlos_range_m: float


SCENARIOS: dict[str, PropagationScenario] = {
    "uma": PropagationScenario(uma_los_db, uma_nlos_db, uma_los_probability, 4.0, 6.0, 37.0, 50.0),
    "umi": PropagationScenario(umi_los_db, umi_nlos_db, umi_los_probability, 4.0, 7.82, 10.0, 13.0),
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
