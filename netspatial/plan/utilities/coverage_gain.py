"""Coverage gain: the demand around a cell that existing stations do not serve.

The one utility that looks at neighbours: a busy cell beside a station gains little.
"""

import numpy as np

from netspatial.plan.utilities.contract import Evidence, Floats, Utility, same_unit


def demand_of_place(evidence: Evidence) -> Floats:
    """Demand that arises in each cell itself, (cell, sample), in the unit of the traffic.

    A station is generated as those that stand today, and where demand λ is dense they stand as
    λ^γ, each with a smaller share: what one carries grows as λ^(1-γ) only. Demand is therefore
    read as traffic^(1 / (1-γ)), scaled so that the sum over the cells stays that of the traffic.
    """
    mean = evidence.of("mean")
    usual = np.maximum(mean.mean(axis=0), np.finfo(float).tiny)
    relative = (mean / usual) ** (1 / (1 - evidence.settings.densification))
    kept = np.maximum(relative.mean(axis=0), np.finfo(float).tiny)
    return np.asarray(usual * relative / kept * evidence.catchment.per_cell[:, None])


def _coverage_gain(evidence: Evidence) -> Floats:
    return np.asarray(evidence.catchment.service @ demand_of_place(evidence))


COVERAGE_GAIN = Utility(
    _coverage_gain,
    same_unit,
    title="coverage gain",
    meaning="demand within reach that existing stations do not serve",
    equation="Σ over p of D_p · max(0, w_pj − served_p), w = exp(−(d/reach)²), D ~ μ^(1/(1−γ))",
    worth=demand_of_place,
)
