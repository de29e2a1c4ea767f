"""Sector antennas: the 3GPP pattern of a panel, and a site's gain towards a user.

Form of TR 38.901 Table 7.3-1, with the vertical beam of a panel of several elements and the side
lobes of TR 36.814 Table A.2.1.1-2. Angles in degrees, gains in dB.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from netspatial.arrays import Floats
from netspatial.errors import BadInput

SIDE_LOBES_DB = 20.0
"""Maximum attenuation in elevation: the level of the side lobes, nulls filled."""
FRONT_TO_BACK_DB = 30.0
"""Maximum attenuation of the pattern."""
THREE_SECTORS = (30.0, 150.0, 270.0)
"""Boresights of the usual three sectors, degrees anticlockwise from east."""


@dataclass(frozen=True)
class Antenna:
    """The panel of one sector, its beam tilted electrically.

    Attributes
    ----------
    gain_dbi : float
        Gain on boresight, dBi; at most the directivity of the beam, see `directivity_dbi`.
    horizontal_deg : float
        Half-power width in azimuth, degrees.
    vertical_deg : float
        Half-power width in elevation, degrees.
    tilt_deg : float
        Of the boresight below the horizon, degrees.

    Raises
    ------
    BadInput
        If a width is out of range, or the gain exceeds the directivity.
    """

    gain_dbi: float
    horizontal_deg: float = 65.0
    vertical_deg: float = 65.0
    tilt_deg: float = 0.0

    def __post_init__(self) -> None:
        if not (0 < self.horizontal_deg <= 360 and 0 < self.vertical_deg <= 180):
            raise BadInput(
                f"An antenna's beam is {self.horizontal_deg:g} by {self.vertical_deg:g} degrees; "
                "up to 360 by 180 degrees would be right."
            )
        most = directivity_dbi(self.horizontal_deg, self.vertical_deg)
        if not self.gain_dbi <= most:
            raise BadInput(
                f"An antenna's gain is {self.gain_dbi:g} dBi; a beam of {self.horizontal_deg:g} by "
                f"{self.vertical_deg:g} degrees has at most {most:.1f} dBi."
            )


def attenuation_db(
    azimuth_deg: ArrayLike, elevation_deg: ArrayLike, horizontal_deg: float, vertical_deg: float
) -> Floats:
    """Gain of a sector below its peak, dB, at most 0.

    Parameters
    ----------
    azimuth_deg : array, any shape
        From boresight, degrees.
    elevation_deg : array, shape of `azimuth_deg`
        From boresight, degrees.
    horizontal_deg : float
        Half-power width in azimuth, degrees.
    vertical_deg : float
        Half-power width in elevation, degrees.

    Returns
    -------
    array, shape of `azimuth_deg`
        dB, from -30 to 0.

    Notes
    -----
    -min(A_H + A_V, 30) with A_H = min(12 (φ/φ_3dB)², 30), A_V = min(12 (θ/θ_3dB)², 20): the form of
    TR 38.901, Table 7.3-1, with the side lobes of TR 36.814, Table A.2.1.1-2.

    Examples
    --------
    >>> attenuation_db([32.5, 180.0], 0.0, 65.0, 8.0).tolist()
    [-3.0, -30.0]
    """
    azimuth = (np.asarray(azimuth_deg, dtype=np.float64) + 180) % 360 - 180
    elevation = np.asarray(elevation_deg, dtype=np.float64)
    horizontal = np.minimum(12 * (azimuth / horizontal_deg) ** 2, FRONT_TO_BACK_DB)
    vertical = np.minimum(12 * (elevation / vertical_deg) ** 2, SIDE_LOBES_DB)
    total: Floats = -np.minimum(horizontal + vertical, FRONT_TO_BACK_DB)
    return total


@cache
def directivity_dbi(horizontal_deg: float, vertical_deg: float) -> float:
    """Greatest gain of a beam without loss, dBi: its pattern integrates to 4π over the sphere.

    Parameters
    ----------
    horizontal_deg : float
        Half-power width in azimuth, degrees.
    vertical_deg : float
        Half-power width in elevation, degrees.

    Returns
    -------
    float
        dBi.

    Examples
    --------
    >>> round(directivity_dbi(65.0, 65.0), 1)
    9.8
    """
    azimuth = np.arange(0.5, 180.0)
    # Gauss-Legendre in the sine of the elevation, from 0 to 1: its nodes are dense near boresight
    node, weight = np.polynomial.legendre.leggauss(128)
    elevation = np.degrees(np.arcsin((node + 1) / 2))
    loss = attenuation_db(azimuth, elevation[:, None], horizontal_deg, vertical_deg)
    mean = float(weight @ (10 ** (loss / 10)).mean(axis=1)) / 2
    return -10 * float(np.log10(mean))


def site_gain_dbi(
    bearing_deg: ArrayLike,
    elevation_deg: ArrayLike,
    antenna: Antenna,
    boresights: Sequence[float] = THREE_SECTORS,
) -> Floats:
    """Gain of a site of several sectors towards a user: that of the best sector, dBi.

    Parameters
    ----------
    bearing_deg : array, any shape
        From the site to the user, degrees anticlockwise from east.
    elevation_deg : array, shape of `bearing_deg`
        Of the user above the antenna's horizon, degrees; negative for users on the ground.
    antenna : Antenna
        Panel of each sector.
    boresights : sequence of float
        Azimuths of the sectors, degrees anticlockwise from east.

    Returns
    -------
    array, shape of `bearing_deg`
        Gain, dBi.

    Examples
    --------
    >>> panel = Antenna(gain_dbi=17.0, horizontal_deg=65.0, vertical_deg=8.0, tilt_deg=4.0)
    >>> site_gain_dbi([30.0, 30.0], [-4.0, 0.0], panel).tolist()
    [17.0, 14.0]
    """
    bearing = np.asarray(bearing_deg, dtype=np.float64)
    off = np.asarray(elevation_deg, dtype=np.float64) + antenna.tilt_deg
    beam = antenna.horizontal_deg, antenna.vertical_deg
    pattern = [attenuation_db(bearing - boresight, off, *beam) for boresight in boresights]
    gain: Floats = antenna.gain_dbi + np.max(pattern, axis=0)
    return gain
