"""What a utility is: a number for each cell and future, with its unit, direction and meaning.

Every utility is taken per sample and summarised afterwards: the expectation of the utility, never
the utility of the expectation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr

from netspatial.arrays import Floats
from netspatial.plan.catchment import Catchment
from netspatial.plan.settings import PlanSettings


@dataclass(frozen=True)
class UtilityInputs:
    """All that a utility may read.

    statistics : see `netspatial.plan.statistics`, cells in the order of `catchment`
    traffic    : (cell, sample, time) where the ensemble is at hand, in the same order
    """

    statistics: xr.Dataset
    catchment: Catchment
    settings: PlanSettings
    traffic: xr.DataArray | None = None

    def of(self, name: str) -> Floats:
        """Return one statistic, (cell, sample), in the unit of the traffic."""
        return np.asarray(self.statistics[name].to_numpy(), dtype=np.float64)

    @property
    def units(self) -> str:
        """The unit of the traffic."""
        return str(self.statistics.attrs["units"])


@dataclass(frozen=True)
class Utility:
    """What makes a cell good.

    score    : (cell, sample) from the evidence
    unit     : its unit, from the unit of the traffic
    title    : as a planner would call it
    meaning  : one line in a planner's words
    equation : its formula, with the number in the paper where there is one
    better   : which direction is better
    guarded  : rewards small traffic, so that candidates need a floor
    coverage_weight    : what coverage rules cover, (cell, sample); the score itself where None
    """

    score: Callable[[UtilityInputs], Floats]
    unit: Callable[[str], str]
    title: str
    meaning: str
    equation: str
    better: Literal["higher", "lower"] = "higher"
    guarded: bool = False
    coverage_weight: Callable[[UtilityInputs], Floats] | None = None


def same_unit(traffic: str) -> str:
    """Return the unit of the traffic itself."""
    return traffic
