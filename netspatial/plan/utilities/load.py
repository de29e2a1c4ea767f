"""Utilities that are statistics of the traffic: mean and peak load, in the unit of the traffic."""

from netspatial.arrays import Floats
from netspatial.plan.utilities.contract import Utility, UtilityInputs, same_unit


def _demand(inputs: UtilityInputs) -> Floats:
    return inputs.of("mean")


def _p95(inputs: UtilityInputs) -> Floats:
    return inputs.of("p95")


def _peak(inputs: UtilityInputs) -> Floats:
    return inputs.of("peak")


def _busy_hour(inputs: UtilityInputs) -> Floats:
    return inputs.of("busy_hour")


DEMAND = Utility(
    _demand,
    same_unit,
    title="mean demand",
    meaning="mean hourly traffic expected for a station here",
    equation="mean over t of x_t",
)
P95 = Utility(
    _p95,
    same_unit,
    title="95th percentile",
    meaning="traffic exceeded in 5 % of the hours",
    equation="95 % quantile over t of x_t",
)
PEAK = Utility(
    _peak,
    same_unit,
    title="peak hour",
    meaning="traffic of the largest hour",
    equation="maximum over t of x_t",
)
BUSY_HOUR = Utility(
    _busy_hour,
    same_unit,
    title="busy hour",
    meaning="mean traffic of the busiest hour of the day",
    equation="maximum over h of the mean of x_t at local hour h",
)
