"""Utilities that reward stable traffic: the paper's Load Stability Index and variants.

The deviation of traffic grows with its mean, so a stability index alone ranks cells with little
traffic first: `guarded` utilities need a minimum demand.
"""

import numpy as np

from netspatial.arrays import Floats
from netspatial.plan.utilities.contract import Utility, UtilityInputs, same_unit

EPSILON = 1e-6
"""Added to the deviation in Eq. 6, in the unit of the traffic."""

DELTA = 0.1
"""Part of the cells' mean that `inverse_cv` adds to the deviation, so that empty cells rank low."""


def _lsi(inputs: UtilityInputs) -> Floats:
    return 1.0 / (inputs.of("std") + EPSILON)


def _inverse_cv(inputs: UtilityInputs) -> Floats:
    mean = inputs.of("mean")
    usual = mean.mean(axis=0) if len(mean) else mean
    return np.asarray(mean / (inputs.of("std") + DELTA * usual + EPSILON))


def _stable_demand(inputs: UtilityInputs) -> Floats:
    mean, std = inputs.of("mean"), inputs.of("std")
    # mean / (1 + std / mean), which is 0 for a cell without traffic
    return np.asarray(mean**2 / np.maximum(mean + std, np.finfo(float).tiny))


LSI = Utility(
    _lsi,
    lambda unit: f"1/({unit})",
    title="Load Stability Index",
    meaning="how stable the traffic is from hour to hour, regardless of its volume",
    equation="1 / (σ + 1e-6), σ the standard deviation over t of x_t (Eq. 6)",
    guarded=True,
)
INVERSE_CV = Utility(
    _inverse_cv,
    lambda _unit: "",
    title="mean ÷ variation",
    meaning="mean traffic over its standard deviation, the inverse of a coefficient of variation",
    equation="μ / (σ + 0.1 μ̄), μ̄ the mean over all cells",
    guarded=True,
)
STABLE_DEMAND = Utility(
    _stable_demand,
    same_unit,
    title="demand, penalised for variation",
    meaning="mean traffic, reduced where it varies much from hour to hour",
    equation="μ / (1 + σ/μ)",
)
