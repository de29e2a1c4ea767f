"""Estimated duration of a run, from earlier runs on this machine.

Without earlier runs, from measurements on two cores.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from netspatial.runs.jobs.run import Run

LATEST = 6
"""Number of runs that the estimate is based on."""
OVERHEAD_S = 6.0
"""Seconds in which a new worker loads its libraries and models."""


@dataclass(frozen=True)
class Pace:
    """Duration model of a run.

    once_s : seconds per run; each_s : seconds per unit of each count
    measured : whether it comes from runs on this machine
    """

    once_s: float
    each_s: Mapping[str, float]
    measured: bool

    def seconds(self, counts: Mapping[str, float]) -> float:
        """Return the expected duration of a run with these counts, seconds."""
        return self.once_s + sum(self.each_s[name] * count for name, count in counts.items())

    def in_words(self, counts: Mapping[str, float]) -> str:
        """Return the expected duration in words, with its basis."""
        basis = "from earlier runs here" if self.measured else "an estimate for two cores"
        return f"{in_words(self.seconds(counts))} ({basis})"


PLAN = Pace(OVERHEAD_S, {"cells": 0.006, "months": 0.0012}, measured=False)
"""On two cores, with the built-in models, cells of 100 m, 8 samples of four weeks."""
SCHEDULE = Pace(OVERHEAD_S, {"station_hours": 0.012}, measured=False)
"""On two cores, with the built-in model, 8 samples, the greedy policy."""


def plan_counts(cells: int, samples: int, weeks: int) -> dict[str, float]:
    """Return what a plan's duration depends on: cells, and cell-months (four weeks) of traffic."""
    return {"cells": cells, "months": cells * samples * weeks / 4}


def schedule_counts(stations: int, hours: int) -> dict[str, float]:
    """Return what a schedule's duration depends on: station-hours."""
    return {"station_hours": stations * hours}


def plan_pace(runs: Sequence[Run]) -> Pace:
    """Return the median pace of the latest finished plans, or the default of two cores."""
    seen = []
    for manifest in (run.manifest for run in runs):
        cells, stages, request = manifest.facts.get("cells"), manifest.stages, manifest.request
        if manifest.kind != "plan" or not cells or "report" not in stages:
            continue
        took = {name: stage.seconds for name, stage in stages.items()}
        months = plan_counts(cells, request["samples"], request["weeks"])["months"]
        drawing = took["traffic"] + took["statistics"]
        seen.append(
            (
                took["cells"] + took["plan"] + took["report"],
                took["context"] / cells,
                drawing / months,
            )
        )
        if len(seen) == LATEST:
            break
    if not seen:
        return PLAN
    once, cell, month = (median(column) for column in zip(*seen, strict=True))
    return Pace(once, {"cells": cell, "months": month}, measured=True)


def schedule_pace(runs: Sequence[Run]) -> Pace:
    """Return the median pace of the latest finished schedules, or the default of two cores."""
    seen = []
    for manifest in (run.manifest for run in runs[:LATEST]):
        request = manifest.request
        size = schedule_counts(len(request["stations"]), request["hours"])["station_hours"]
        seen.append(sum(stage.seconds for stage in manifest.stages.values()) / size)
    if not seen:
        return SCHEDULE
    return Pace(OVERHEAD_S, {"station_hours": median(seen)}, measured=True)


def in_words(expected_s: float) -> str:
    """Return a duration in words, rounded to what is known."""
    if expected_s < 10:
        return "less than 10 s"
    if expected_s < 90:
        return f"about {round(expected_s, -1):.0f} s"
    if expected_s < 5400:
        return f"about {expected_s / 60:.0f} minutes"
    return f"about {expected_s / 3600:.0f} hours"
