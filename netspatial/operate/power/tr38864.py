"""Power model of 3GPP TR 38.864 (V18.1.0), clause 5.1: five states relative to deep sleep.

The report gives no watts. `full_w` scales its active downlink; that is the user's assumption, and
relative savings do not depend on it where all stations have one model.
"""

from dataclasses import dataclass

from netspatial.operate.power.model import LEAD_H, RESTART_MIN, PowerModel, restart_kwh

FULL_W = 1_000.0
"""Default power of the active downlink, W: about a site of 64 TRX. Our assumption."""
TDD_DOWNLINK = 0.75
"""Downlink part of the active time in TDD (a usual pattern). Our assumption."""
FDD_SETS = (2,)
"""Sets with FDD; the others are TDD."""


@dataclass(frozen=True)
class States:
    """Relative powers of one set and category (Tables 5.1-1 to 5.1-3); deep sleep is 1.

    Attributes
    ----------
    light : float
        Light sleep P2.
    micro : float
        Micro sleep P3.
    downlink : float
        Active downlink P4.
    uplink : float
        Active uplink P5.
    """

    light: float
    micro: float
    downlink: float
    uplink: float


@dataclass(frozen=True)
class Transition:
    """Sleep and wake transition together.

    Attributes
    ----------
    seconds : float
        Duration, s.
    energy_ms : float
        Additional energy, relative power times ms.
    """

    seconds: float
    energy_ms: float


STATES = {
    (1, 1): States(25, 55, 280, 110),
    (2, 1): States(25, 50, 200, 90),
    (3, 1): States(25, 38, 152, 80),
    (1, 2): States(2.1, 5.5, 32, 6.5),
    (2, 2): States(2.1, 5.0, 26, 5.8),
    (3, 2): States(2.1, 3.0, 17.6, 4.2),
}
"""By set (1 FR1 TDD, 2 FR1 FDD, 3 FR2) and category of the base station."""
TRANSITIONS = {
    ("deep", 1): Transition(0.050, 1_000),
    ("light", 1): Transition(0.006, 90),
    ("deep", 2): Transition(10.0, 17_000),
    ("light", 2): Transition(0.640, 1_088),
}
"""By depth of sleep and category; transitions of micro sleep take no time."""


def tr38864(
    reference_set: int,
    category: int,
    depth: str = "deep",
    full_w: float = FULL_W,
    restart_min: float = RESTART_MIN,
    lead_h: int = LEAD_H,
) -> PowerModel:
    """Power model of a TR 38.864 site with load packed in time: full-band slots and micro sleep.

    Parameters
    ----------
    reference_set : int
        1 FR1 TDD, 2 FR1 FDD, 3 FR2 TDD.
    category : int
        Category of the base station, 1 or 2.
    depth : str
        Sleep while a station sleeps: "deep" or "light".
    full_w : float
        Power of the active downlink P4, W: the power at full load in FDD; in TDD that is less.
        An assumption, as the report gives no watts.
    restart_min : float
        Minutes at full load per activation, added to the report's own transition energy, which is
        negligible at hourly steps; our assumption.
    lead_h : int
        Measurement delay, hours; see `PowerModel`.

    Returns
    -------
    PowerModel

    Notes
    -----
    3GPP TR 38.864 V18.1.0, clause 5.1. TDD: P(ρ) = P3 + ρ δ (P4 - P3) + ρ (1 - δ) (P5 - P3),
    δ = 0.75. FDD: P(ρ) = P3 + ρ (P4 - P3). P3 is micro sleep, P4 the active downlink, P5 the active
    uplink. In FDD the uplink load is assumed to lie in the slots of the downlink, where the report
    neglects reception power.

    Examples
    --------
    >>> model = tr38864(2, 1, full_w=1000.0)
    >>> model.idle_w, model.full_w, model.sleep_w
    (250.0, 1000.0, 5.0)
    """
    state, change = STATES[reference_set, category], TRANSITIONS[depth, category]
    unit_w = full_w / state.downlink
    downlink = 1.0 if reference_set in FDD_SETS else TDD_DOWNLINK
    busy = downlink * (state.downlink - state.micro) + (1 - downlink) * (state.uplink - state.micro)
    full = (state.micro + busy) * unit_w
    return PowerModel(
        name=f"tr38864-set{reference_set}-cat{category}" + ("" if depth == "deep" else f"-{depth}"),
        load=(0.0, 1.0),
        watts=(state.micro * unit_w, full),
        sleep_w=(1.0 if depth == "deep" else state.light) * unit_w,
        wake_kwh=restart_kwh(full, restart_min) + change.energy_ms / 3.6e6 * unit_w / 1000,
        lead_h=lead_h,
        source=f"3GPP TR 38.864 V18.1.0, clause 5.1; that its active downlink draws {full_w:g} W "
        "and what a restart costs are assumptions",
    )
