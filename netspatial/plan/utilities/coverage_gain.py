"""Coverage gain: demand around a cell that existing stations do not serve."""

import numpy as np

from netspatial.arrays import Floats
from netspatial.plan.utilities.contract import Utility, UtilityInputs, same_unit


def demand_of_place(inputs: UtilityInputs) -> Floats:
    """Return the demand that arises in each cell, from the traffic of a station there.

    Parameters
    ----------
    inputs : UtilityInputs
        For the mean traffic, the area of the cells and `settings.densification`.

    Returns
    -------
    array (cell, sample)
        In the unit of the traffic.

    Notes
    -----
    The density of existing stations follows demand λ as λ^γ, so that the traffic of one station
    grows as λ^(1-γ). Demand is therefore traffic^(1 / (1-γ)), scaled to keep the sum over cells.
    """
    mean = inputs.of("mean")
    usual = np.maximum(mean.mean(axis=0), np.finfo(float).tiny)
    relative = (mean / usual) ** (1 / (1 - inputs.settings.densification))
    kept = np.maximum(relative.mean(axis=0), np.finfo(float).tiny)
    return np.asarray(usual * relative / kept * inputs.catchment.per_cell[:, None])


def _coverage_gain(inputs: UtilityInputs) -> Floats:
    return np.asarray(inputs.catchment.service @ demand_of_place(inputs))


COVERAGE_GAIN = Utility(
    _coverage_gain,
    same_unit,
    title="coverage gain",
    meaning="demand within the service radius that existing stations do not serve",
    equation="Σ over p of D_p · max(0, w_pj − served_p), w = exp(−(d/reach)²), D ~ μ^(1/(1−γ))",
    coverage_weight=demand_of_place,
)
