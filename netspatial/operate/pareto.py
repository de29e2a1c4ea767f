"""Trade-off between energy and QoE: metrics of a policy over one parameter, and Pareto front."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import xarray as xr

from netspatial.errors import BadInput
from netspatial.operate.metrics import ScheduleMetrics, schedule_metrics
from netspatial.operate.policies import POLICIES, Policy

Run = Callable[[Policy], xr.Dataset]

POLICY_PARAMS: dict[str, tuple[str, tuple[float, ...]]] = {
    "greedy": ("quantile", (0.1, 0.3, 0.6, 0.75, 0.9)),
    "rolling": ("quantile", (0.1, 0.3, 0.6, 0.75, 0.9)),
    "milp": ("quantile", (0.1, 0.3, 0.6, 0.75, 0.9)),
    "swes": ("impact", (0.3, 0.45, 0.6, 0.75, 0.9)),
    "threshold": ("off", (0.02, 0.05, 0.1, 0.14, 0.18)),
    "static-night": ("end", (3, 5, 7, 9, 11)),
    "paper": ("scale", (1.2, 1.0, 0.8, 0.6, 0.4)),
}
"""The policy parameter that trades QoE for energy, and values to try, per policy that has one."""
PAPER_ETA = 0.168
"""Energy ratio (Eq. 19) that the paper reports, at a QoE over 0.80."""
CLOSE = 5e-4
"""Tolerance of the target energy ratio."""
STEPS = 20
"""Maximum bisection steps."""


@dataclass(frozen=True)
class Point:
    """One value of a policy parameter and the resulting metrics.

    Attributes
    ----------
    value : float
        Value of the policy parameter.
    figures : ScheduleMetrics
        Metrics of the schedule.
    """

    value: float
    figures: ScheduleMetrics


def trade_off(run: Run, name: str, values: Sequence[float] | None = None) -> list[Point]:
    """Metrics of a policy for several values of its policy parameter.

    Parameters
    ----------
    run : function from Policy to Dataset
        Simulates a policy, such as `lambda policy: simulate_policy(network, policy, ...)`.
    name : str
        Name of the policy, a key of `POLICY_PARAMS`.
    values : sequence of float, optional
        Values of the policy parameter; by default those of `POLICY_PARAMS`.

    Returns
    -------
    list of Point
        In the order of the values.

    Raises
    ------
    BadInput
        If the policy has no parameter that trades QoE for energy.
    """
    if name not in POLICY_PARAMS:
        raise BadInput(
            f"Policy {name!r} has no parameter that trades QoE for energy; choose one of "
            f"{', '.join(POLICY_PARAMS)}."
        )
    policy_param, usual = POLICY_PARAMS[name]
    return [
        Point(value, schedule_metrics(run(POLICIES[name](**{policy_param: value}))))
        for value in values or usual
    ]


def front(points: Sequence[Point]) -> list[Point]:
    """Pareto front of saving and QoE, by falling saving.

    Parameters
    ----------
    points : sequence of Point
        Points in any order.

    Returns
    -------
    list of Point
        Those for which no other saves and serves as much, and more of one.
    """
    kept: list[Point] = []
    order = sorted(points, key=lambda one: (-one.figures.saving_pct, -one.figures.qoe))
    for point in order:
        if not kept or point.figures.qoe > kept[-1].figures.qoe:
            kept.append(point)
    return kept


def paper_point(run: Run, eta: float = PAPER_ETA) -> Point:
    """The paper's control with the scale whose energy ratio (Eq. 19) is `eta`.

    Parameters
    ----------
    run : function from Policy to Dataset
        Simulates a policy.
    eta : float
        Energy ratio (Eq. 19), which falls as the scale grows; by default that of the paper.

    Returns
    -------
    Point
        The scale, found by bisection, and its metrics.

    Raises
    ------
    BadInput
        If the control cannot reach this ratio.
    """
    low, high = 0.0, 2.0
    point = _paper(run, low)
    if point.figures.traffic_reduction_ratio < eta - CLOSE:
        raise BadInput(
            f"The paper's control cannot reach an energy ratio of {eta:g}; its maximum here is "
            f"{point.figures.traffic_reduction_ratio:.3f}."
        )
    for _ in range(STEPS):
        point = _paper(run, (low + high) / 2)
        if abs(point.figures.traffic_reduction_ratio - eta) <= CLOSE:
            break
        low, high = (
            (point.value, high)
            if point.figures.traffic_reduction_ratio > eta
            else (low, point.value)
        )
    return point


def _paper(run: Run, scale: float) -> Point:
    return Point(scale, schedule_metrics(run(POLICIES["paper"](scale=scale))))
