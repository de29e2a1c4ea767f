"""Sector antennas: the 3GPP pattern, and a site's gain towards a user through its best sector.

TR 38.901 Table 7.3-1. Angles in degrees, gains in dB.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

BEAMWIDTH_DEG = 65.0
"""Half-power width, in azimuth and in elevation."""
FRONT_TO_BACK_DB = 30.0
"""Most that the pattern attenuates, and the side lobes' limit in elevation."""
THREE_SECTORS = (30.0, 150.0, 270.0)
"""Boresights of the usual three sectors, degrees anticlockwise from east."""


def attenuation_db(azimuth_deg: ArrayLike, zenith_deg: ArrayLike = 90.0) -> Floats:
    """Gain below the peak, dB, at most 0: -min(-(A_V + A_H), 30).

    azimuth_deg : from boresight; zenith_deg : 90 on boresight, above it looks down
    """
    azimuth = (np.asarray(azimuth_deg, dtype=np.float64) + 180) % 360 - 180
    tilt = np.asarray(zenith_deg, dtype=np.float64) - 90
    horizontal = np.minimum(12 * (azimuth / BEAMWIDTH_DEG) ** 2, FRONT_TO_BACK_DB)
    vertical = np.minimum(12 * (tilt / BEAMWIDTH_DEG) ** 2, FRONT_TO_BACK_DB)
    total: Floats = -np.minimum(horizontal + vertical, FRONT_TO_BACK_DB)
    return total


def site_gain_dbi(
    bearing_deg: ArrayLike,
    zenith_deg: ArrayLike,
    peak_dbi: ArrayLike,
    boresights: Sequence[float] = THREE_SECTORS,
) -> Floats:
    """Gain of a site of several sectors towards a user: that of the sector which hears it best.

    bearing_deg : from the site to the user, anticlockwise from east
    peak_dbi    : gain on boresight
    """
    bearing = np.asarray(bearing_deg, dtype=np.float64)
    pattern = [attenuation_db(bearing - boresight, zenith_deg) for boresight in boresights]
    gain: Floats = np.asarray(peak_dbi) + np.max(pattern, axis=0)
    return gain
