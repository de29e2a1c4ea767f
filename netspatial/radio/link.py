"""From received power to spectral efficiency: noise, SINR, efficiency, admissibility of a link.

Neighbours are on air for a fixed part of the time, whatever the schedule: that keeps the service
graph fixed and dispatch linear. `coupling` checks this assumption afterwards.
"""

import numpy as np
from numpy.typing import ArrayLike

from netspatial.arrays import Floats, Mask

ACTIVITY = 0.3
"""Part of the time that an interfering neighbour transmits; networks run at about this load."""
THERMAL_DBM_HZ = -174.0
"""Noise density at 290 K, dBm/Hz."""
SHARE_OF_SHANNON = 0.75
"""Part of Shannon's bound that a real link reaches (form of TR 36.942, Annex A.2)."""
MAX_BITS = 7.4
"""Spectral efficiency of the highest MCS, 256-QAM at rate 0.93 (TS 38.214), bit/s/Hz."""
MIN_SINR_DB = -6.0
"""Below this SINR the lowest MCS fails: no link."""
MIN_RSRP_DBM = -115.0
"""Below this reference power a user does not stay with a station."""


def watts(dbm: ArrayLike) -> Floats:
    """Power in W of a level in dBm."""
    power: Floats = 10 ** ((np.asarray(dbm, dtype=np.float64) - 30) / 10)
    return power


def noise_dbm(bandwidth_mhz: ArrayLike, noise_figure_db: float) -> Floats:
    """Thermal noise in a bandwidth, with the receiver's noise figure, dBm."""
    width: Floats = (
        THERMAL_DBM_HZ + 10 * np.log10(np.asarray(bandwidth_mhz) * 1e6) + noise_figure_db
    )
    return width


def rsrp_dbm(received_dbm: ArrayLike, bandwidth_mhz: ArrayLike) -> Floats:
    """Reference power per subcarrier of 15 kHz, of a carrier filled to 90 %, dBm."""
    subcarriers = 0.9 * np.asarray(bandwidth_mhz, dtype=np.float64) * 1e6 / 15e3
    power: Floats = np.asarray(received_dbm) - 10 * np.log10(subcarriers)
    return power


def sinr_db(signal_dbm: ArrayLike, interference_w: ArrayLike, noise_w: ArrayLike) -> Floats:
    """Signal over interference and noise, dB; interference already weighted by activity, W."""
    below = np.asarray(interference_w) + np.asarray(noise_w)
    ratio: Floats = 10 * np.log10(watts(signal_dbm) / below)
    return ratio


def spectral_efficiency(sinr: ArrayLike) -> Floats:
    """Spectral efficiency, bit/s/Hz: min(0.75 log2(1 + SINR), the highest MCS); SINR in dB."""
    ratio = 10 ** (np.asarray(sinr, dtype=np.float64) / 10)
    efficiency: Floats = np.minimum(SHARE_OF_SHANNON * np.log2(1 + ratio), MAX_BITS)
    return efficiency


def admissible(sinr: ArrayLike, rsrp: ArrayLike) -> Mask:
    """Whether a station can serve a user at all: SINR (dB) and reference power (dBm) suffice."""
    can: Mask = (np.asarray(sinr) >= MIN_SINR_DB) & (np.asarray(rsrp) >= MIN_RSRP_DBM)
    return can
