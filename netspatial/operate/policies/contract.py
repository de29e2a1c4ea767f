"""Contract of all policies: forecast and network state in, sleep plan out."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from netspatial.arrays import Floats, Indices, Mask
from netspatial.operate.network import Network


@dataclass(frozen=True)
class Forecast:
    """Forecast of the hours ahead.

    Attributes
    ----------
    samples : array (N, S, H)
        Traffic of each station, in the unit of the capacities per hour.
    hour_of_day : array (H,) of int
        Local hour, 0 to 23.
    before : array (N, B)
        Earlier forecast medians of the operated hours that are measured by now, aligned with the
        last B hours of `State.past`.
    """

    samples: Floats
    hour_of_day: Indices
    before: Floats

    @property
    def hours(self) -> int:
        """Number of forecast hours."""
        return int(self.samples.shape[2])

    def quantile(self, level: float) -> Floats:
        """Quantile of the traffic of each station over the samples.

        Parameters
        ----------
        level : float
            Level between 0 and 1.

        Returns
        -------
        array (N, H)

        Examples
        --------
        >>> forecast = Forecast(np.array([[[1.0], [3.0]]]), np.array([0]), np.empty((1, 0)))
        >>> forecast.quantile(0.5).tolist()
        [[2.0]]
        """
        quantile: Floats = np.quantile(self.samples, level, axis=1)
        return quantile


@dataclass(frozen=True)
class State:
    """Network state known when the first hour ahead is decided.

    Attributes
    ----------
    network : Network
        N stations.
    asleep : array (N,) of bool
        Sleeping stations just before the first hour.
    past : array (N, h)
        Measured traffic, the latest hour last.
    qoe_min : float
        Part of all traffic that must be served (Eq. 20).
    plan : array (N, H) of bool, or None
        Previous sleep plan of the hours ahead; None before the first decision.
    age_h : int
        Hours between the last measured and the first hour ahead: the network's `lead_h`, more for
        upcoming hours.
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

    Attributes
    ----------
    asleep : array (N, H) of bool
        Sleeping stations.
    limit : array (N, H), or None
        Upper limit of each station's served traffic; None for no limit.
    bound_kwh : float or None
        Lower bound of the energy of schedules that serve as much, kWh; None if unknown.
    notes : tuple of str
        Notes on the schedule for the user, one sentence each.
    reactive : bool
        Whether stations wake when measured traffic shows that the plan serves too little; see
        `reactive_wakeup`.
    """

    asleep: Mask
    limit: Floats | None = None
    bound_kwh: float | None = None
    notes: tuple[str, ...] = ()
    reactive: bool = False


class Policy(Protocol):
    """Decides which stations sleep, again every few hours.

    Attributes
    ----------
    replan_every_h : int
        Hours of a decision that are executed before the next decision.
    perfect_information : bool
        Whether it reads the true traffic instead of a forecast; only for bounds.
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
        """Return the sleep plan of the hours ahead.

        Parameters
        ----------
        forecast : Forecast
            Forecast of the hours ahead.
        state : State
            What is known when the first of them is decided.

        Returns
        -------
        Decision
            For at least `replan_every_h` hours or all forecast hours.
        """
        ...
