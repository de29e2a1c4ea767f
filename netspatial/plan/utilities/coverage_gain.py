"""Coverage gain: the demand around a cell that existing stations do not serve.

The one utility that looks at neighbours: a busy cell beside a station gains little.
"""

import numpy as np

from netspatial.arrays import Floats
from netspatial.plan.utilities.contract import Utility, UtilityInputs, same_unit


def demand_of_place(inputs: UtilityInputs) -> Floats:
    """Demand that arises in each cell itself, (cell, sample), in the unit of the traffic.

    A station is generated as those that stand today, and where demand λ is dense they stand as
    λ^γ, each with a smaller share: what one carries grows as λ^(1-γ) only. Demand is therefore
    read as traffic^(1 / (1-γ)), scaled so that the sum over the cells stays that of the traffic.
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
    meaning="demand within reach that existing stations do not serve",
    equation="Σ over p of D_p · max(0, w_pj − served_p), w = exp(−(d/reach)²), D ~ μ^(1/(1−γ))",
    coverage_weight=demand_of_place,
)
