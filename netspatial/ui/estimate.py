"""How long a plan will take: told from what earlier runs on this machine took.

Until there are any, from what a machine of two cores takes. Always a rough figure, said as one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from netspatial.runs.run import Run

LATEST = 6
"""Runs that are looked at."""
OVERHEAD_S = 6.0
"""A worker that starts afresh loads its libraries and models."""


@dataclass(frozen=True)
class Pace:
    """Seconds: once a run, for each cell, and for each cell and future; and whether from here."""

    once_s: float
    cell_s: float
    future_s: float
    measured: bool


TWO_CORES = Pace(once_s=OVERHEAD_S, cell_s=0.006, future_s=0.0012, measured=False)
"""Measured with the shipped models, cells of 100 m, 8 futures of four weeks."""


def pace_of(runs: Sequence[Run]) -> Pace:
    """Return the median pace of the latest finished plans, or that of two cores."""
    seen = []
    for run in runs:
        manifest = run.manifest
        cells, stages = manifest.facts.get("cells"), manifest.stages
        if manifest.kind != "plan" or not cells or "report" not in stages:
            continue
        futures = cells * manifest.request["samples"] * manifest.request["weeks"] / 4
        seen.append((
            stages["context"].seconds / cells,
            (stages["traffic"].seconds + stages["statistics"].seconds) / futures,
            sum(stages[name].seconds for name in ("cells", "plan", "report")),
        ))  # fmt: skip
        if len(seen) == LATEST:
            break
    if not seen:
        return TWO_CORES
    cell, future, rest = (median(column) for column in zip(*seen, strict=True))
    return Pace(rest, cell, future, measured=True)


def seconds(pace: Pace, cells: int, samples: int, weeks: int = 4) -> float:
    """Return how long a plan of so many cells and futures will take, seconds."""
    return pace.once_s + cells * (pace.cell_s + samples * weeks / 4 * pace.future_s)


def in_words(expected_s: float) -> str:
    """Say a duration as roughly as it is known."""
    if expected_s < 10:
        return "less than 10 s"
    if expected_s < 90:
        return f"about {round(expected_s, -1):.0f} s"
    if expected_s < 5400:
        return f"about {expected_s / 60:.0f} minutes"
    return f"about {expected_s / 3600:.0f} hours"
