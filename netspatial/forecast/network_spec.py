"""Specification from which networks are built, and the contract of every network.

Each network is built by a function of a `NetworkSpec`; one training loop serves all.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from torch import Tensor, nn

from netspatial.forecast.forecaster import LEVELS
from netspatial.forecast.window_batch import WindowBatch
from netspatial.forecast.window_index import CALENDAR

Option = int | float | bool | str


@dataclass(frozen=True)
class NetworkSpec:
    """Input and output sizes of a network, and its options.

    Attributes
    ----------
    context_length : int
        Number of input steps.
    horizon : int
        Number of forecast steps.
    tasks : int
        Number of tasks K.
    side : int
        Side length of the square around a place.
    steps_per_day : int
        Steps per day.
    calendar : int
        Calendar features per step.
    levels : int
        Number of quantile levels Q.
    options : mapping from str to value
        Options of the network.
    """

    context_length: int
    horizon: int
    tasks: int
    side: int
    steps_per_day: int
    calendar: int = CALENDAR
    levels: int = len(LEVELS)
    options: Mapping[str, Option] = field(default_factory=dict)


Build = Callable[[NetworkSpec], nn.Module]
"""Builds a network whose forward maps a `WindowBatch` to normalised quantiles (B, H, K, Q)."""


@runtime_checkable
class Specified(Protocol):
    """A network whose spec holds every option, defaults included.

    Saved networks can then be rebuilt after a default has changed.

    Attributes
    ----------
    spec : NetworkSpec
        Sizes and options.
    """

    spec: NetworkSpec


@runtime_checkable
class HasCorrectionScale(Protocol):
    """A network that corrects a seasonal baseline by a scaled correction.

    Attributes
    ----------
    correction_scale : Tensor (K,)
        Per task, 1 for the whole correction, 0 for none; 1 in training.
    """

    correction_scale: Tensor

    def fit_correction_scale(self, batches: Iterable[WindowBatch]) -> None:
        """Set the scales with the lowest median error on these windows.

        Parameters
        ----------
        batches : iterable of WindowBatch
            Validation windows.
        """
        ...
