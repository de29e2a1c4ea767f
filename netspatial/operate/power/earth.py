"""Power model of the EARTH project: per transceiver, idle power plus slope times output power.

G. Auer et al., "How much energy is needed to run a wireless network?", IEEE Wireless
Communications 18(5), 2011, Table 2: P_in = N_TRX (P_0 + Δp P_out), and N_TRX P_sleep asleep.
"""

from dataclasses import dataclass

from netspatial.operate.power.model import LEAD_H, RESTART_MIN, PowerModel, restart_kwh


@dataclass(frozen=True)
class Transceivers:
    """A station type: number of transceivers, and per TRX: output W, idle W, slope, asleep W."""

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

    restart_min : minutes at full power per activation; lead_h : see `PowerModel`
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
