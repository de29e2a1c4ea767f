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
    """Power of a level in dBm, W.

    Parameters
    ----------
    dbm : array, any shape
        Level, dBm.

    Returns
    -------
    array, shape of `dbm`
        Power, W.

    Examples
    --------
    >>> watts([30.0, 40.0]).tolist()
    [1.0, 10.0]
    """
    power: Floats = 10 ** ((np.asarray(dbm, dtype=np.float64) - 30) / 10)
    return power


def noise_dbm(bandwidth_mhz: ArrayLike, noise_figure_db: float) -> Floats:
    """Thermal noise in a bandwidth, with the receiver's noise figure, dBm.

    Parameters
    ----------
    bandwidth_mhz : array, any shape
        Bandwidth, MHz.
    noise_figure_db : float
        Noise figure of the receiver, dB.

    Returns
    -------
    array, shape of `bandwidth_mhz`
        Noise power, dBm.

    Notes
    -----
    N = -174 dBm/Hz + 10 log10(B) + NF.

    Examples
    --------
    >>> round(float(noise_dbm(20.0, 9.0)), 1)
    -92.0
    """
    width: Floats = (
        THERMAL_DBM_HZ + 10 * np.log10(np.asarray(bandwidth_mhz) * 1e6) + noise_figure_db
    )
    return width


def rsrp_dbm(received_dbm: ArrayLike, bandwidth_mhz: ArrayLike) -> Floats:
    """Reference power per subcarrier of 15 kHz, of a carrier filled to 90 %, dBm.

    Parameters
    ----------
    received_dbm : array, any shape
        Received power over the whole carrier, dBm.
    bandwidth_mhz : array, shape of `received_dbm`
        Bandwidth of the carrier, MHz.

    Returns
    -------
    array, shape of `received_dbm`
        Reference signal received power, dBm.

    Examples
    --------
    >>> round(float(rsrp_dbm(-80.0, 20.0)), 1)
    -110.8
    """
    subcarriers = 0.9 * np.asarray(bandwidth_mhz, dtype=np.float64) * 1e6 / 15e3
    power: Floats = np.asarray(received_dbm) - 10 * np.log10(subcarriers)
    return power


def sinr_db(signal_dbm: ArrayLike, interference_w: ArrayLike, noise_w: ArrayLike) -> Floats:
    """Signal over interference and noise, dB.

    Parameters
    ----------
    signal_dbm : array, any shape
        Received power of the serving station, dBm.
    interference_w : array, shape of `signal_dbm`
        Received power of the other stations, already weighted by activity, W.
    noise_w : array, shape of `signal_dbm`
        Thermal noise, W.

    Returns
    -------
    array, shape of `signal_dbm`
        SINR, dB.

    Examples
    --------
    >>> float(sinr_db(-60.0, 0.0, watts(-90.0)))
    30.0
    """
    below = np.asarray(interference_w) + np.asarray(noise_w)
    ratio: Floats = 10 * np.log10(watts(signal_dbm) / below)
    return ratio


def spectral_efficiency(sinr: ArrayLike) -> Floats:
    """Spectral efficiency of a link, bit/s/Hz.

    Parameters
    ----------
    sinr : array, any shape
        SINR, dB.

    Returns
    -------
    array, shape of `sinr`
        bit/s/Hz.

    Notes
    -----
    min(0.75 log2(1 + SINR), 7.4): the form of 3GPP TR 36.942, Annex A.2, limited by the highest MCS
    of TS 38.214, 256-QAM at rate 0.93.

    Examples
    --------
    >>> spectral_efficiency([0.0, 40.0]).tolist()
    [0.75, 7.4]
    """
    ratio = 10 ** (np.asarray(sinr, dtype=np.float64) / 10)
    efficiency: Floats = np.minimum(SHARE_OF_SHANNON * np.log2(1 + ratio), MAX_BITS)
    return efficiency


def admissible(sinr: ArrayLike, rsrp: ArrayLike) -> Mask:
    """Whether a station can serve a user at all: SINR and reference power suffice.

    Parameters
    ----------
    sinr : array, any shape
        SINR, dB; at least `MIN_SINR_DB`.
    rsrp : array, shape of `sinr`
        Reference signal received power, dBm; at least `MIN_RSRP_DBM`.

    Returns
    -------
    array of bool, shape of `sinr`

    Examples
    --------
    >>> admissible([0.0, -10.0], [-100.0, -100.0]).tolist()
    [True, False]
    """
    can: Mask = (np.asarray(sinr) >= MIN_SINR_DB) & (np.asarray(rsrp) >= MIN_RSRP_DBM)
    return can
