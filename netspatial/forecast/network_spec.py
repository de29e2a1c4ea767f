"""What a network is told when it is built, and the contract that every network keeps.

Ours and the rivals' are built by a plain function of a `NetworkSpec`; one training loop serves all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from torch import nn

from netspatial.forecast.forecaster import LEVELS
from netspatial.forecast.ground import CALENDAR

Option = int | float | bool | str


@dataclass(frozen=True)
class NetworkSpec:
    """Sizes of what goes in and out of a network, and its own options.

    tasks : K; side : of the square around a place; calendar : features of a step; levels : Q
    """

    input_steps: int
    horizon: int
    tasks: int
    side: int
    steps_per_day: int
    calendar: int = CALENDAR
    levels: int = len(LEVELS)
    options: Mapping[str, Option] = field(default_factory=dict)


Build = Callable[[NetworkSpec], nn.Module]
"""Makes a network whose forward takes a `Batch` and returns (B, H, K, Q), normalised."""
