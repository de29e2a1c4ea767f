"""The trade-off between energy and quality: a policy's figures over its knob, and their front."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import xarray as xr

from netspatial.errors import BadInput
from netspatial.operate.metrics import ScheduleMetrics, measures
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
"""Of each policy that has one: the knob that trades quality for energy, and values to try."""
PAPER_ETA = 0.168
"""Energy ratio (Eq. 19) that the paper reports, at a QoE over 0.80."""
CLOSE = 5e-4
"""A figure this near to what was asked for has met it."""
STEPS = 20
"""Most halvings in search of a knob."""


@dataclass(frozen=True)
class Point:
    """One setting of a knob and what came of it."""

    value: float
    figures: ScheduleMetrics


def trade_off(run: Run, name: str, values: Sequence[float] | None = None) -> list[Point]:
    """Figures of a policy for several values of its knob.

    run : carries a policy out, such as `lambda policy: simulate_policy(network, policy, ...)`
    """
    if name not in POLICY_PARAMS:
        raise BadInput(f"Policy {name!r} has no knob; these have: {', '.join(POLICY_PARAMS)}.")
    policy_param, usual = POLICY_PARAMS[name]
    return [
        Point(value, measures(run(POLICIES[name](**{policy_param: value}))))
        for value in values or usual
    ]


def front(points: Sequence[Point]) -> list[Point]:
    """Points that no other beats: in saving or in QoE without being worse in the other."""
    kept: list[Point] = []
    order = sorted(points, key=lambda one: (-one.figures.saving_pct, -one.figures.qoe))
    for point in order:
        if not kept or point.figures.qoe > kept[-1].figures.qoe:
            kept.append(point)
    return kept


def paper_point(run: Run, eta: float = PAPER_ETA) -> Point:
    """The paper's control, its scale set so that its energy ratio (Eq. 19) is `eta`.

    The ratio falls as the scale grows: the scale is found by halving.
    """
    low, high = 0.0, 2.0
    point = _paper(run, low)
    if point.figures.traffic_reduction_ratio < eta - CLOSE:
        raise BadInput(
            f"The paper's control cannot reach an energy ratio of {eta:g} here; "
            f"{point.figures.traffic_reduction_ratio:.3f} is the most."
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
    return Point(scale, measures(run(POLICIES["paper"](scale=scale))))
