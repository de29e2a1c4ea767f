"""Targets of `bench operate`, compared with its results."""

from collections.abc import Sequence

import numpy as np

from netspatial.evaluate.forecast_rolling import ForecastRow
from netspatial.evaluate.operate_report import PolicyRow, Target
from netspatial.evaluate.operate_scale import DAY, DISTRICT, WEEK, ScaleRow
from netspatial.forecast import DEFAULT as FORECASTER
from netspatial.operate.pareto import CLOSE, PAPER_ETA
from netspatial.operate.policies import DEFAULT as POLICY

GAP_PP, QOE = 1.5, 0.995
PAPER_QOE = 0.80
WEEK_S, DAY_S, DAY_STATIONS = 10.0, 60.0, 1_000
GROWTH = 1.15
"""Largest exponent of time over links that counts as linear, with a margin for timing noise."""


def targets(
    rows: Sequence[PolicyRow], forecast: Sequence[ForecastRow], scale: Sequence[ScaleRow]
) -> list[Target]:
    """Return all targets with their measured values."""
    return [*_policy_targets(rows), *_forecast_targets(forecast), *_scale_targets(scale)]


def _policy_targets(rows: Sequence[PolicyRow]) -> list[Target]:
    found = []
    table = {(row.power, row.policy, row.city): row for row in rows}
    for power in dict.fromkeys(row.power for row in rows):
        ours = [row for row in rows if row.power == power and row.policy == POLICY]
        baselines = [table[power, "threshold", row.city] for row in ours]
        paper = [row for row in rows if row.power == power and row.policy == "paper"]
        gap, qoe = max(row.bound_gap_pp for row in ours), min(row.qoe for row in ours)
        ahead = min(a.saving_pct - b.saving_pct for a, b in zip(ours, baselines, strict=True))
        served = min(a.qoe - b.qoe for a, b in zip(ours, baselines, strict=True))
        eta = [row.traffic_reduction_ratio for row in paper]
        lowest_qoe = min(row.qoe for row in paper)
        savings = ", ".join(f"{row.saving_pct:.2f}" for row in paper)
        found += [
            Target(
                f"{power}: at most {GAP_PP} points below perfect information, at QoE {QOE} or more",
                f"{gap:.2f} points, QoE {qoe:.4f}",
                gap <= GAP_PP and qoe >= QOE,
            ),
            Target(
                f"{power}: saves no less than the threshold policy, at no lower QoE, in every city",
                f"{ahead:+.2f} points, QoE {served:+.4f}",
                ahead >= 0 and served >= 0,
            ),
            Target(
                f"{power}: the paper's point, Eq. 19 at {PAPER_ETA:.1%}, QoE over {PAPER_QOE:.2f}",
                f"Eq. 19 {min(eta):.3f}-{max(eta):.3f}, QoE {lowest_qoe:.3f}; "
                f"energy saving {savings} %",
                max(abs(one - PAPER_ETA) for one in eta) <= CLOSE and lowest_qoe > PAPER_QOE,
            ),
        ]
    return found


def _forecast_targets(rows: Sequence[ForecastRow]) -> list[Target]:
    table = {(row.city, row.model): row.crps for row in rows}
    found = []
    for baseline in ("seasonal-naive", "hour-of-week"):
        ratio = [
            table[city, FORECASTER] / table[city, baseline]
            for city in dict.fromkeys(row.city for row in rows)
        ]
        found.append(
            Target(
                f"CRPS of the forecast below {baseline}",
                f"ratio {min(ratio):.3f} to {max(ratio):.3f}",
                max(ratio) < 1,
            )
        )
    return found


def _scale_targets(rows: Sequence[ScaleRow]) -> list[Target]:
    if not rows:
        return []
    week = next(row for row in rows if row.hours == WEEK)
    days = sorted((row for row in rows if row.hours == DAY), key=lambda row: row.links)
    most = days[-1]
    slope = np.polyfit(
        np.log([row.links for row in days]), np.log([row.seconds for row in days]), 1
    )[0]
    return [
        Target(
            f"{DISTRICT} stations x {WEEK} h in at most {WEEK_S:g} s",
            f"{week.seconds:.1f} s",
            week.stations >= DISTRICT and week.seconds <= WEEK_S,
        ),
        Target(
            f"{DAY_STATIONS:,} stations x {DAY} h in at most {DAY_S:g} s",
            f"{most.stations:,} stations in {most.seconds:.1f} s",
            most.stations >= DAY_STATIONS and most.seconds <= DAY_S,
        ),
        Target(
            "time grows no faster than stations times neighbours",
            f"exponent {slope:.2f}",
            bool(slope <= GROWTH),
        ),
    ]
