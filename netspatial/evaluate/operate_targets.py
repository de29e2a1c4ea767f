"""What `bench operate` must reach, held against what it found."""

from collections.abc import Sequence

import numpy as np

from netspatial.evaluate.forecast_rolling import ForecastRow
from netspatial.evaluate.operate_report import Bar, PolicyRow
from netspatial.evaluate.operate_scale import DAY, DISTRICT, WEEK, ScaleRow
from netspatial.forecast import DEFAULT as FORECASTER
from netspatial.operate.pareto import CLOSE, PAPER_ETA
from netspatial.operate.policies import DEFAULT as POLICY

GAP_PP, QOE = 1.5, 0.995
PAPER_QOE = 0.80
WEEK_S, DAY_S, DAY_STATIONS = 10.0, 60.0, 1_000
GROWTH = 1.15
"""Exponent of time over links up to which growth counts as linear; timing on a busy machine."""


def bars(
    rows: Sequence[PolicyRow], forecast: Sequence[ForecastRow], scale: Sequence[ScaleRow]
) -> list[Bar]:
    """Every bar with its measured value."""
    return [*_policy_bars(rows), *_forecast_bars(forecast), *_scale_bars(scale)]


def _policy_bars(rows: Sequence[PolicyRow]) -> list[Bar]:
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
        felt = min(row.qoe for row in paper)
        true = ", ".join(f"{row.saving_pct:.2f}" for row in paper)
        found += [
            Bar(
                f"{power}: at most {GAP_PP} points below perfect foresight, at QoE {QOE} or more",
                f"{gap:.2f} points, QoE {qoe:.4f}",
                gap <= GAP_PP and qoe >= QOE,
            ),
            Bar(
                f"{power}: saves no less than the threshold, at no lower QoE, in every city",
                f"{ahead:+.2f} points, QoE {served:+.4f}",
                ahead >= 0 and served >= 0,
            ),
            Bar(
                f"{power}: the paper's point, proxy {PAPER_ETA:.1%} at QoE over {PAPER_QOE:.2f}",
                f"proxy {min(eta):.3f}-{max(eta):.3f}, QoE {felt:.3f}; true saving {true} %",
                max(abs(one - PAPER_ETA) for one in eta) <= CLOSE and felt > PAPER_QOE,
            ),
        ]
    return found


def _forecast_bars(rows: Sequence[ForecastRow]) -> list[Bar]:
    table = {(row.city, row.model): row.crps for row in rows}
    found = []
    for baseline in ("seasonal-naive", "hour-of-week"):
        ratio = [
            table[city, FORECASTER] / table[city, baseline]
            for city in dict.fromkeys(row.city for row in rows)
        ]
        found.append(
            Bar(
                f"CRPS of the forecast below {baseline}",
                f"ratio {min(ratio):.3f} to {max(ratio):.3f}",
                max(ratio) < 1,
            )
        )
    return found


def _scale_bars(rows: Sequence[ScaleRow]) -> list[Bar]:
    if not rows:
        return []
    week = next(row for row in rows if row.hours == WEEK)
    days = sorted((row for row in rows if row.hours == DAY), key=lambda row: row.links)
    most = days[-1]
    slope = np.polyfit(
        np.log([row.links for row in days]), np.log([row.seconds for row in days]), 1
    )[0]
    return [
        Bar(
            f"{DISTRICT} stations x {WEEK} h in at most {WEEK_S:g} s",
            f"{week.seconds:.1f} s",
            week.stations >= DISTRICT and week.seconds <= WEEK_S,
        ),
        Bar(
            f"{DAY_STATIONS:,} stations x {DAY} h in at most {DAY_S:g} s",
            f"{most.stations:,} stations in {most.seconds:.1f} s",
            most.stations >= DAY_STATIONS and most.seconds <= DAY_S,
        ),
        Bar(
            "time grows no faster than stations times neighbours",
            f"exponent {slope:.2f}",
            bool(slope <= GROWTH),
        ),
    ]
