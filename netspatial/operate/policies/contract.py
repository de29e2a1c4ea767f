"""Contract of all policies: forecast and network state in, sleep plan out."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from netspatial.arrays import Floats, Indices, Mask
from netspatial.operate.network import Network


@dataclass(frozen=True)
class Forecast:
    """Forecast of the hours ahead.

    samples     : (N, S, H) traffic of each station, in the unit of the capacities per hour
    hour_of_day : (H,) local hour, 0 to 23
    before      : (N, B) earlier forecast medians of the operated hours that are measured by now,
                  aligned with the last B hours of `State.past`
    """

    samples: Floats
    hour_of_day: Indices
    before: Floats

    @property
    def hours(self) -> int:
        """Number of forecast hours."""
        return int(self.samples.shape[2])

    def quantile(self, level: float) -> Floats:
        """Quantile (N, H) of the traffic of each station."""
        quantile: Floats = np.quantile(self.samples, level, axis=1)
        return quantile


@dataclass(frozen=True)
class State:
    """Network state known when the first hour ahead is decided.

    asleep  : (N,) sleeping stations just before it
    past    : (N, h) measured traffic, the latest hour last
    qoe_min : part of all traffic that must be served (Eq. 20)
    plan    : (N, H) previous sleep plan of the hours ahead; None before the first decision
    age_h   : hours between the last measured and the first hour ahead: the network's `lead_h`, more
              for upcoming hours
    """

    network: Network
    asleep: Mask
    past: Floats
    qoe_min: float
    plan: Mask | None = None
    age_h: int = 0


@dataclass(frozen=True)
class Decision:
    """Decision on the hours ahead.

    asleep : (N, H) sleeping stations
    limit  : (N, H) upper limit of each station's served traffic; None for no limit
    bound_kwh : lower bound of the energy of schedules that serve as much; None if unknown
    notes  : notes on the schedule for the user, one sentence each
    reactive : whether stations wake when measured traffic shows that the plan serves too little;
              see `reactive_wakeup`
    """

    asleep: Mask
    limit: Floats | None = None
    bound_kwh: float | None = None
    notes: tuple[str, ...] = ()
    reactive: bool = False


class Policy(Protocol):
    """Decides which stations sleep, again every few hours.

    replan_every_h      : hours of a decision that are executed before the next decision
    perfect_information : whether it reads the true traffic instead of a forecast; only for bounds
    """

    @property
    def replan_every_h(self) -> int:
        """Hours between decisions."""
        ...

    @property
    def perfect_information(self) -> bool:
        """Whether its forecast is the true traffic."""
        ...

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Return the sleep plan of the hours ahead."""
        ...
