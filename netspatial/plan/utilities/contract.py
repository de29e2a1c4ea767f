"""The contract of a utility: a value per cell and sample, with unit, direction and meaning.

A utility is computed per sample and then summarised: the expectation of the utility, not the
utility of the expectation.
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
    """The inputs of a utility.

    statistics : see `netspatial.plan.statistics`, cells in the order of `catchment`
    traffic    : (cell, sample, time) in the same order, None if only statistics are given
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
    """A criterion for ranking cells.

    score    : (cell, sample) from the inputs
    unit     : its unit, from the unit of the traffic
    title    : name shown to the planner
    meaning  : one line of explanation
    equation : its formula, with the number in the paper where there is one
    better   : which direction is better
    guarded  : rewards small traffic, so that candidates need a minimum demand
    coverage_weight : weight for coverage methods, (cell, sample); None: the score
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
