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
from netspatial.plan.standing_network import StandingNetwork


@dataclass(frozen=True)
class UtilityInputs:
    """The inputs of a utility.

    Attributes
    ----------
    statistics : Dataset
        See `netspatial.plan.statistics`; cells in the order of `catchment`.
    catchment : Catchment
        Service between the cells, and of existing stations.
    settings : PlanSettings
        Settings of the plan.
    traffic : DataArray (cell, sample, time) or None
        The ensemble in the same order; None if only statistics are given.
    network : function that returns a StandingNetwork, or None
        Existing stations with traffic and capacity, in the CRS of the catchment; called only by
        utilities that need them.
    """

    statistics: xr.Dataset
    catchment: Catchment
    settings: PlanSettings
    traffic: xr.DataArray | None = None
    network: Callable[[], StandingNetwork] | None = None

    def of(self, name: str) -> Floats:
        """Return one statistic, in the unit of the traffic.

        Parameters
        ----------
        name : str
            "mean", "std", "p95", "peak" or "busy_hour".

        Returns
        -------
        array (cell, sample)
        """
        return np.asarray(self.statistics[name].to_numpy(), dtype=np.float64)

    @property
    def units(self) -> str:
        """The unit of the traffic."""
        return str(self.statistics.attrs["units"])


@dataclass(frozen=True)
class Utility:
    """A criterion for ranking cells.

    Attributes
    ----------
    score : function from UtilityInputs to array (cell, sample)
        The value of each cell in each sample.
    unit : function from str to str
        From the unit of the traffic to the unit of the utility.
    title : str
        Name shown to the planner.
    meaning : str
        One line of explanation.
    equation : str
        Its formula, with the number in the paper where there is one.
    better : "higher" or "lower"
        Which direction is better.
    guarded : bool
        Whether it rewards small traffic, so that candidates need a minimum demand.
    coverage_weight : function from UtilityInputs to array (cell, sample), or None
        Weight of each cell for coverage methods; None for the score.
    needs_network : bool
        Whether it reads the load of existing stations.
    """

    score: Callable[[UtilityInputs], Floats]
    unit: Callable[[str], str]
    title: str
    meaning: str
    equation: str
    better: Literal["higher", "lower"] = "higher"
    guarded: bool = False
    coverage_weight: Callable[[UtilityInputs], Floats] | None = None
    needs_network: bool = False


def same_unit(traffic: str) -> str:
    """Return the unit of the traffic itself.

    Parameters
    ----------
    traffic : str
        Unit of the traffic.

    Returns
    -------
    str

    Examples
    --------
    >>> same_unit("GB/h")
    'GB/h'
    """
    return traffic
