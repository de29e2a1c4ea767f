"""Rows of the report's table of what changes at existing stations."""

from collections.abc import Mapping
from typing import Any

from netspatial.plan.explain.rationale_text import metres, number
from netspatial.runs.kinds.plan_result import PlanRun

MAX_ROWS = 60
"""Pairs of site and station with the most traffic taken over; the exported table has all."""


def change_rows(run: PlanRun) -> list[list[str]]:
    """Return the columns of each pair of site and station that it relieves."""
    rank = dict(zip(run.sites["cell_id"].astype(str), run.sites["rank"].astype(int), strict=True))
    rows = run.site_change.stations.drop(columns="geometry").head(MAX_ROWS).to_dict("records")
    return [
        [
            str(rank[str(row["site"])]),
            str(row["site"]),
            str(row["station"]),
            metres(float(row["distance_m"])),
            _spread(row, "taken_share", 100.0),
            _spread(row, "taken", 1.0),
            number(100 * float(row["load_before_mean"])),
            _spread(row, "load_after", 100.0),
            number(float(row["overload_before_mean"])),
            _spread(row, "overload_after", 1.0),
        ]
        for row in rows
    ]


def _spread(row: Mapping[Any, Any], name: str, factor: float) -> str:
    mean, low, high = (
        number(factor * float(row[f"{name}_{end}"])) for end in ("mean", "p10", "p90")
    )
    return f"{mean} ({low}–{high})"
