"""Coverage gain: the demand around a cell that existing stations do not serve.

The one utility that looks at neighbours: a busy cell beside a station gains little.
"""

import numpy as np

from netspatial.plan.utilities.contract import Evidence, Floats, Utility, same_unit


def demand_of_place(evidence: Evidence) -> Floats:
    """Demand that arises in each cell itself, (cell, sample), in the unit of the traffic."""
    return evidence.of("mean") * evidence.catchment.per_cell[:, None]


def _coverage_gain(evidence: Evidence) -> Floats:
    return np.asarray(evidence.catchment.service @ demand_of_place(evidence))


COVERAGE_GAIN = Utility(
    _coverage_gain,
    same_unit,
    title="coverage gain",
    meaning="demand within reach that existing stations do not serve",
    equation="Σ over p of D_p · max(0, w_pj − served_p), w = exp(−(d/reach)²)",
    worth=demand_of_place,
)
