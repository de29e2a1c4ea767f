"""Power model of the EARTH project: per transceiver, idle power plus slope times output power.

G. Auer et al., "How much energy is needed to run a wireless network?", IEEE Wireless
Communications 18(5), 2011, Table 2: P_in = N_TRX (P_0 + Δp P_out), and N_TRX P_sleep asleep.
"""

from dataclasses import dataclass

from netspatial.operate.power.model import LEAD_H, RESTART_MIN, PowerModel, restart_kwh


@dataclass(frozen=True)
class Transceivers:
    """A station type of EARTH.

    Attributes
    ----------
    count : int
        Number of transceivers N_TRX.
    p_max_w : float
        Maximum output power of each, W.
    p_0_w : float
        Idle power P_0 of each, W.
    delta_p : float
        Slope Δp of its power over its output power.
    p_sleep_w : float
        Sleep power P_sleep of each, W.
    """

    count: int
    p_max_w: float
    p_0_w: float
    delta_p: float
    p_sleep_w: float


TYPES = {
    "macro": Transceivers(6, 20.0, 130.0, 4.7, 75.0),
    "rrh": Transceivers(6, 20.0, 84.0, 2.8, 56.0),
    "micro": Transceivers(2, 6.3, 56.0, 2.6, 39.0),
    "pico": Transceivers(2, 0.13, 6.8, 4.0, 4.3),
    "femto": Transceivers(2, 0.05, 4.8, 8.0, 2.9),
}


def earth(kind: str, restart_min: float = RESTART_MIN, lead_h: int = LEAD_H) -> PowerModel:
    """Power model of a site of one of EARTH's types; output power grows linearly with load.

    Parameters
    ----------
    kind : str
        "macro", "rrh", "micro", "pico" or "femto".
    restart_min : float
        Minutes at full power per activation; our assumption.
    lead_h : int
        Measurement delay, hours; see `PowerModel`.

    Returns
    -------
    PowerModel

    Notes
    -----
    P_in = N_TRX (P_0 + Δp P_out), P_out from 0 to P_max; asleep N_TRX P_sleep. G. Auer et al.,
    IEEE Wireless Communications 18(5), 2011, Table 2.

    Examples
    --------
    >>> macro = earth("macro")
    >>> macro.idle_w, macro.full_w, macro.sleep_w
    (780.0, 1344.0, 450.0)
    """
    trx = TYPES[kind]
    idle = trx.count * trx.p_0_w
    full = trx.count * (trx.p_0_w + trx.delta_p * trx.p_max_w)
    return PowerModel(
        name=f"earth-{kind}",
        load=(0.0, 1.0),
        watts=(idle, full),
        sleep_w=trx.count * trx.p_sleep_w,
        wake_kwh=restart_kwh(full, restart_min),
        lead_h=lead_h,
        source="EARTH, Auer et al. 2011, Table 2; the restart's energy is our assumption",
    )
