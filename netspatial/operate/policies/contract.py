"""What a policy is: from a forecast and the state of the network to who sleeps when."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from netspatial.arrays import Floats, Indices, Mask
from netspatial.operate.network import Network


@dataclass(frozen=True)
class Forecast:
    """What is thought of the hours ahead.

    samples     : (N, S, H) traffic of each station, in the unit of the capacities per hour
    hour_of_day : (H,) local hour, 0 to 23
    before      : (N, B) median that was forecast of the operated hours measured in time, as in the
                  last B of `State.past`
    """

    samples: Floats
    hour_of_day: Indices
    before: Floats

    @property
    def hours(self) -> int:
        """How many hours ahead are forecast."""
        return int(self.samples.shape[2])

    def quantile(self, level: float) -> Floats:
        """Traffic (N, H) that is not exceeded with this probability, station by station."""
        quantile: Floats = np.quantile(self.samples, level, axis=1)
        return quantile


@dataclass(frozen=True)
class State:
    """What is known in time to decide over the first hour ahead.

    asleep  : (N,) who sleeps as it begins
    past    : (N, h) traffic measured, the last hour last
    qoe_min : part of all traffic that must be served (Eq. 20)
    plan    : (N, H) who was to sleep in the hours ahead, as decided last; None before the first
    age_h   : hours between the last one measured and the first ahead: the network's `lead_h`, more
              where the hours are yet to come
    """

    network: Network
    asleep: Mask
    past: Floats
    qoe_min: float
    plan: Mask | None = None
    age_h: int = 0


@dataclass(frozen=True)
class Decision:
    """What is to be done in the hours ahead.

    asleep : (N, H) who sleeps
    limit  : (N, H) most traffic that a station's users are given; None where nothing is cut
    bound_kwh : energy that no schedule which serves as much could undercut; None where unknown
    notes  : sentences that a reader of the schedule should know
    reactive : whether sleepers wake where the traffic measured before shows that the plan serves too
              little; see `reactive_wakeup`
    """

    asleep: Mask
    limit: Floats | None = None
    bound_kwh: float | None = None
    notes: tuple[str, ...] = ()
    reactive: bool = False


class Policy(Protocol):
    """Decide who sleeps; asked again every few hours.

    replan_every_h     : hours of its decision that are carried out before it is asked again
    perfect_information : whether it is shown the true traffic instead of a forecast; only a bound may be
    """

    @property
    def replan_every_h(self) -> int:
        """Hours between decisions."""
        ...

    @property
    def perfect_information(self) -> bool:
        """Whether the forecast that it is shown is the truth."""
        ...

    def decide(self, forecast: Forecast, state: State) -> Decision:
        """Say who sleeps in the hours ahead."""
        ...
