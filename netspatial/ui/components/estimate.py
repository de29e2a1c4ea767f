"""How long a run will take, from what earlier runs on this machine took.

Until there are any, from what a machine of two cores takes. Always a rough figure, shown as one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from netspatial.runs.jobs.run import Run

LATEST = 6
"""Runs that are looked at."""
OVERHEAD_S = 6.0
"""A worker that starts afresh loads its libraries and models."""


@dataclass(frozen=True)
class Pace:
    """Seconds once a run, seconds for one of each thing that is counted, and whether from here."""

    once_s: float
    each_s: Mapping[str, float]
    measured: bool

    def seconds(self, counts: Mapping[str, float]) -> float:
        """How long a run of so many things takes, seconds."""
        return self.once_s + sum(self.each_s[name] * count for name, count in counts.items())

    def in_words(self, counts: Mapping[str, float]) -> str:
        """How long a run of so many things takes, and on what that rests."""
        basis = "from earlier runs here" if self.measured else "a guess for two cores"
        return f"{in_words(self.seconds(counts))} ({basis})"


PLAN = Pace(OVERHEAD_S, {"cells": 0.006, "months": 0.0012}, measured=False)
"""On two cores, with the shipped models, cells of 100 m, 8 samples of four weeks."""
SCHEDULE = Pace(OVERHEAD_S, {"station_hours": 0.012}, measured=False)
"""On two cores, with the shipped model, 8 samples, the greedy policy."""


def plan_counts(cells: int, samples: int, weeks: int) -> dict[str, float]:
    """What a plan's time depends on: cells, and months (four weeks) of traffic over all of them."""
    return {"cells": cells, "months": cells * samples * weeks / 4}


def schedule_counts(stations: int, hours: int) -> dict[str, float]:
    """What a schedule's time depends on: hours over all stations."""
    return {"station_hours": stations * hours}


def plan_pace(runs: Sequence[Run]) -> Pace:
    """Return the median pace of the latest finished plans, or that of two cores."""
    seen = []
    for manifest in (run.manifest for run in runs):
        cells, stages, asked = manifest.facts.get("cells"), manifest.stages, manifest.request
        if manifest.kind != "plan" or not cells or "report" not in stages:
            continue
        took = {name: stage.seconds for name, stage in stages.items()}
        months = plan_counts(cells, asked["samples"], asked["weeks"])["months"]
        drawing = took["traffic"] + took["statistics"]
        seen.append((
            took["cells"] + took["plan"] + took["report"],
            took["context"] / cells,
            drawing / months,
        ))  # fmt: skip
        if len(seen) == LATEST:
            break
    if not seen:
        return PLAN
    once, cell, month = (median(column) for column in zip(*seen, strict=True))
    return Pace(once, {"cells": cell, "months": month}, measured=True)


def schedule_pace(runs: Sequence[Run]) -> Pace:
    """Return the median pace of the latest finished schedules, or that of two cores."""
    seen = []
    for manifest in (run.manifest for run in runs[:LATEST]):
        asked = manifest.request
        size = schedule_counts(len(asked["stations"]), asked["hours"])["station_hours"]
        seen.append(sum(stage.seconds for stage in manifest.stages.values()) / size)
    if not seen:
        return SCHEDULE
    return Pace(OVERHEAD_S, {"station_hours": median(seen)}, measured=True)


def in_words(expected_s: float) -> str:
    """Say a duration as roughly as it is known."""
    if expected_s < 10:
        return "less than 10 s"
    if expected_s < 90:
        return f"about {round(expected_s, -1):.0f} s"
    if expected_s < 5400:
        return f"about {expected_s / 60:.0f} minutes"
    return f"about {expected_s / 3600:.0f} hours"
