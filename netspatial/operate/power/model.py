"""What a station draws: one curve from load to watts, one level asleep, one price of waking.

Sleep is a decision, not a load of zero: an idle station still draws its idle power.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from netspatial.arrays import Floats
from netspatial.errors import BadInput

RESTART_MIN = 5.0
"""Minutes at full power that waking a site costs; our assumption, for lack of a published table."""
LEAD_H = 1
"""Hours by which measurements come too late to decide over an hour.

Decisions fall at full hours. Counters of an hour reach the operator some minutes after it, and a
site restarts in some more: what hour h - 1 carried cannot decide who is up as hour h begins. An
hour's lead is the shortest that holds for the whole hour; 0 is the limit of counters and restarts
that take no time.
"""


@dataclass(frozen=True)
class PowerModel:
    """What one station draws from the mains.

    load, watts : the curve awake, piecewise linear; load from 0 to 1 of the capacity
    sleep_w     : drawn asleep, W
    wake_kwh    : what one waking costs on top, kWh
    lead_h      : L, where hour h is decided with what was measured to the end of hour h - 1 - L
    source      : where the numbers come from, and what in them is our assumption
    """

    name: str
    load: tuple[float, ...]
    watts: tuple[float, ...]
    sleep_w: float
    wake_kwh: float
    lead_h: int
    source: str

    def __post_init__(self) -> None:
        load, watts = np.asarray(self.load), np.asarray(self.watts)
        if len(load) != len(watts) or len(load) < 2:
            raise BadInput(f"Power model {self.name!r} needs at least two loads, each with watts.")
        if not np.isfinite([*load, *watts, self.sleep_w, self.wake_kwh]).all():
            raise BadInput(f"Power model {self.name!r} holds a value that is not a number.")
        if load[0] != 0 or load[-1] != 1 or (np.diff(load) <= 0).any():
            raise BadInput(f"The loads of power model {self.name!r} must rise from 0 to 1.")
        if (np.diff(watts) < 0).any():
            raise BadInput(f"The watts of power model {self.name!r} must not fall as load rises.")
        if not 0 <= self.sleep_w <= watts[0]:
            raise BadInput(
                f"Power model {self.name!r} draws {self.sleep_w:g} W asleep; it must lie between 0 "
                f"and its {watts[0]:g} W idle."
            )
        if self.wake_kwh < 0 or self.lead_h < 0:
            raise BadInput(f"Waking in power model {self.name!r} must not cost less than nothing.")

    @property
    def idle_w(self) -> float:
        """Drawn awake without load, W."""
        return self.watts[0]

    @property
    def full_w(self) -> float:
        """Drawn at full load, W."""
        return self.watts[-1]

    @property
    def slope_w(self) -> float:
        """Watts from idle to full load; dispatch takes the curve for this straight line."""
        return self.full_w - self.idle_w


def drawn_w(model: PowerModel, load: ArrayLike, asleep: ArrayLike) -> Floats:
    """Power drawn at a load (part of the capacity, 0 to 1), or asleep, W."""
    awake = np.interp(np.asarray(load, dtype=np.float64), model.load, model.watts)
    power: Floats = np.where(np.asarray(asleep), model.sleep_w, awake)
    return power


def restart_kwh(full_w: float, minutes: float = RESTART_MIN) -> float:
    """Energy of a restart: `minutes` at full power, kWh."""
    return full_w * minutes / 60 / 1000
