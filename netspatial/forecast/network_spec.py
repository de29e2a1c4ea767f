"""What a network is told when it is built, and the contract that every network keeps.

Ours and the rivals' are built by a plain function of a `NetworkSpec`; one training loop serves all.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from torch import Tensor, nn

from netspatial.forecast.forecaster import LEVELS
from netspatial.forecast.window_index import CALENDAR
from netspatial.forecast.windows import Batch

Option = int | float | bool | str


@dataclass(frozen=True)
class NetworkSpec:
    """Sizes of what goes in and out of a network, and its own options.

    tasks : K; side : of the square around a place; calendar : features of a step; levels : Q
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
"""Makes a network whose forward takes a `Batch` and returns (B, H, K, Q), normalised."""


@runtime_checkable
class Specified(Protocol):
    """A network that tells its spec with every option in it, those left at their defaults, too.

    So that what was saved is built the same way when a default has changed.
    """

    spec: NetworkSpec


@runtime_checkable
class Settles(Protocol):
    """A network that corrects a first forecast, and can be told how far to trust itself.

    correction_scale : (K,) of each task, 1 for the whole correction, 0 for none; 1 while it is trained
    """

    correction_scale: Tensor

    def fit_correction_scale(self, batches: Iterable[Batch]) -> None:
        """Set the trust with which the median of these windows is best."""
        ...
