"""Power model of a station: curve from load to watts, sleep power, energy of an activation.

Sleep is a decision, not a load of zero: an idle station draws its idle power.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from netspatial.arrays import Floats
from netspatial.errors import BadInput

RESTART_MIN = 5.0
"""Minutes at full power per activation of a site; our assumption, no published table is known."""
LEAD_H = 1
"""Measurement delay in hours.

Decisions fall at full hours. Counters of an hour arrive some minutes after it, and a restart takes
some more: the traffic of hour h - 1 cannot decide which stations are awake at the start of hour h.
One hour is the shortest delay that holds for the whole hour; 0 assumes no delay at all.
"""


@dataclass(frozen=True)
class PowerModel:
    """Mains power of one station.

    Attributes
    ----------
    name : str
        Name of the model.
    load : tuple of float
        Loads of the curve awake, rising from 0 to 1 of the capacity.
    watts : tuple of float
        Power at these loads, W; linear in between.
    sleep_w : float
        Sleep power, W.
    wake_kwh : float
        Additional energy of one activation, kWh.
    lead_h : int
        Measurement delay L: hour h is decided from measurements up to the end of hour h - 1 - L.
    source : str
        Source of the numbers, and which of them are our assumptions.

    Raises
    ------
    BadInput
        If the loads do not rise from 0 to 1, the power falls, or a value is negative.
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
                f"The sleep power of power model {self.name!r} is {self.sleep_w:g} W; it must lie "
                f"between 0 and the idle power of {watts[0]:g} W."
            )
        if self.wake_kwh < 0 or self.lead_h < 0:
            raise BadInput(
                f"The activation energy and measurement delay of power model {self.name!r} must "
                "not be negative."
            )

    @property
    def idle_w(self) -> float:
        """Idle power, W."""
        return self.watts[0]

    @property
    def full_w(self) -> float:
        """Power at full load, W."""
        return self.watts[-1]

    @property
    def slope_w(self) -> float:
        """Power at full load less idle power, W; dispatch treats the curve as linear."""
        return self.full_w - self.idle_w


def drawn_w(model: PowerModel, load: ArrayLike, asleep: ArrayLike) -> Floats:
    """Power at a load, or asleep, W.

    Parameters
    ----------
    model : PowerModel
        Power model of the station.
    load : array, any shape
        Load awake, part of the capacity, 0 to 1.
    asleep : array of bool, shape of `load`
        Whether the station sleeps.

    Returns
    -------
    array, shape of `load`
        Power, W.

    Examples
    --------
    >>> model = PowerModel("mine", (0.0, 1.0), (100.0, 300.0), 40.0, 0.01, 1, "assumed")
    >>> drawn_w(model, [0.0, 0.5, 0.0], [False, False, True]).tolist()
    [100.0, 200.0, 40.0]
    """
    awake = np.interp(np.asarray(load, dtype=np.float64), model.load, model.watts)
    power: Floats = np.where(np.asarray(asleep), model.sleep_w, awake)
    return power


def restart_kwh(full_w: float, minutes: float = RESTART_MIN) -> float:
    """Energy of a restart, kWh.

    Parameters
    ----------
    full_w : float
        Power at full load, W.
    minutes : float
        Duration of the restart at full power, minutes.

    Returns
    -------
    float

    Examples
    --------
    >>> restart_kwh(1200.0, 5.0)
    0.1
    """
    return full_w * minutes / 60 / 1000
