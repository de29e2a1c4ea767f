"""Utilities of a cell, built-in or user-defined. A new one is a file and a line in `UTILITIES`."""

from collections.abc import Callable

import numpy as np
import xarray as xr

from netspatial.arrays import Floats
from netspatial.errors import BadInput
from netspatial.plan.settings import PlanSettings
from netspatial.plan.utilities.blend import blend
from netspatial.plan.utilities.contract import Utility, UtilityInputs
from netspatial.plan.utilities.coverage_gain import COVERAGE_GAIN
from netspatial.plan.utilities.load import BUSY_HOUR, DEMAND, P95, PEAK
from netspatial.plan.utilities.relief import RELIEF
from netspatial.plan.utilities.revenue import REVENUE
from netspatial.plan.utilities.stability import INVERSE_CV, LSI, STABLE_DEMAND

__all__ = ["UTILITIES", "Utility", "UtilityInputs", "own_utility", "scored", "utility_named"]

UTILITIES: dict[str, Utility] = {
    "lsi": LSI,
    "demand": DEMAND,
    "p95": P95,
    "peak": PEAK,
    "busy_hour": BUSY_HOUR,
    "stable_demand": STABLE_DEMAND,
    "inverse_cv": INVERSE_CV,
    "revenue": REVENUE,
    "coverage_gain": COVERAGE_GAIN,
    "relief": RELIEF,
}
"""The utilities by name. `blend` combines them by the weights in the settings."""

Own = Callable[[xr.DataArray], xr.DataArray]
"""A user-defined utility: from traffic (cell, sample, time) to values (cell, sample)."""


def utility_named(settings: PlanSettings) -> Utility:
    """Return the utility named in the settings.

    Parameters
    ----------
    settings : PlanSettings
        For `utility`, and `weights` where it is "blend".

    Returns
    -------
    Utility

    Raises
    ------
    BadInput
        If no utility has this name, or a blend has no weight above zero.

    Examples
    --------
    >>> utility_named(PlanSettings(utility="lsi")).equation
    '1 / (σ + 1e-6), σ the standard deviation over t of x_t (Eq. 6)'
    """
    if settings.utility == "blend":
        return blend(settings.weights, UTILITIES)
    if settings.utility not in UTILITIES:
        raise BadInput(
            f"There is no utility '{settings.utility}'; the utilities are "
            f"{', '.join([*UTILITIES, 'blend'])}."
        )
    return UTILITIES[settings.utility]


def own_utility(function: Own, unit: str = "") -> Utility:
    """Return a utility from a Python function; higher is better, no default minimum demand.

    Parameters
    ----------
    function : function from DataArray to DataArray
        From traffic (cell, sample, time) to values (cell, sample). Its name and the first line of
        its docstring are shown to the planner.
    unit : str
        Unit of the values.

    Returns
    -------
    Utility
        Its `score` raises BadInput if only statistics of the traffic are given, or if the
        function returns other dimensions.

    Examples
    --------
    >>> def night_load(traffic):
    ...     "Mean traffic from midnight to 6 UTC."
    ...     night = traffic["time"].dt.hour < 6
    ...     return traffic.where(night).mean("time")
    >>> utility = own_utility(night_load, unit="GB/h")
    >>> utility.title, utility.meaning
    ('night load', 'Mean traffic from midnight to 6 UTC')
    """

    def score(inputs: UtilityInputs) -> Floats:
        if inputs.traffic is None:
            raise BadInput(
                "A user-defined utility reads the traffic, but only its statistics were given; "
                "plan from the traffic itself."
            )
        found = function(inputs.traffic)
        if not isinstance(found, xr.DataArray) or set(found.dims) != {"cell", "sample"}:
            raise BadInput(
                "A user-defined utility must return an array with dimensions (cell, sample)."
            )
        return np.asarray(found.transpose("cell", "sample").to_numpy(), dtype=np.float64)

    name = getattr(function, "__name__", "own utility").replace("_", " ")
    meaning = (function.__doc__ or name).strip().splitlines()[0].rstrip(".")
    return Utility(score, lambda _unit: unit, title=name, meaning=meaning, equation="user-defined")


def scored(utility: Utility, inputs: UtilityInputs) -> Floats:
    """Return the utility of each cell and sample.

    Parameters
    ----------
    utility : Utility
        The utility to compute.
    inputs : UtilityInputs
        Statistics, catchment and settings.

    Returns
    -------
    array (cell, sample)
        In the unit of the utility.

    Raises
    ------
    BadInput
        If a value is not finite.
    """
    score = utility.score(inputs)
    wrong = ~np.isfinite(score)
    if wrong.any():
        cell = str(inputs.statistics["cell"].to_numpy()[np.flatnonzero(wrong.any(axis=1))[0]])
        raise BadInput(
            f"The utility '{utility.title}' is not a number for {int(wrong.any(axis=1).sum())} of "
            f"{len(score)} cells, the first '{cell}'; it must be finite everywhere."
        )
    return score
