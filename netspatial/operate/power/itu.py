"""Power models fitted to measured 5G energy: idle and slope per type of radio unit.

Linear fits within base stations to Huawei's data of the challenge "5G energy consumption modelling"
(ITU AI/ML in 5G Challenge, 2023), energy saving off. A data set, not an ITU recommendation; its
energy is in normalised units, without sleep.
"""

from netspatial.operate.power.model import LEAD_H, RESTART_MIN, PowerModel, restart_kwh

FITS = {
    "type2": (16.3, 33.1),
    "type3": (21.6, 11.7),
    "type4": (16.8, 24.4),
    "type5": (12.2, 17.0),
    "type6": (18.6, 13.9),
    "type7": (21.5, 23.8),
}
"""Idle and slope of each type of radio unit, normalised units."""
FULL_W = 1_000.0
"""Default power at full load, W. Our assumption."""
SLEEP_OF_IDLE = 75 / 130
"""Sleep power over idle power, from EARTH's macro type. Our assumption."""


def itu(
    kind: str, full_w: float = FULL_W, restart_min: float = RESTART_MIN, lead_h: int = LEAD_H
) -> PowerModel:
    """Power model of one of the challenge's radio unit types.

    Parameters
    ----------
    kind : str
        "type2" to "type7".
    full_w : float
        Power at full load, W; an assumption, as the data are in normalised units.
    restart_min : float
        Minutes at full power per activation; our assumption.
    lead_h : int
        Measurement delay, hours; see `PowerModel`.

    Returns
    -------
    PowerModel

    Notes
    -----
    Idle power over power at full load is that of a linear fit within base stations, energy saving
    off. Sleep power over idle power is that of EARTH's macro type.

    Examples
    --------
    >>> round(itu("type2").idle_w)
    330
    """
    idle, slope = FITS[kind]
    idle_w = full_w * idle / (idle + slope)
    return PowerModel(
        name=f"itu-{kind}",
        load=(0.0, 1.0),
        watts=(idle_w, full_w),
        sleep_w=SLEEP_OF_IDLE * idle_w,
        wake_kwh=restart_kwh(full_w, restart_min),
        lead_h=lead_h,
        source="our fits to Huawei's data of the 5G energy consumption challenge (ITU AI/ML in 5G "
        "Challenge, 2023); watts, sleep and restart are assumptions",
    )
