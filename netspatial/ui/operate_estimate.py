"""How long a schedule will take: told from what earlier ones on this machine took.

Until there are any, from what a machine of two cores takes. Always a rough figure, said as one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from netspatial.runs.run import Run
from netspatial.ui.estimate import OVERHEAD_S, in_words

LATEST = 6
"""Runs that are looked at."""


@dataclass(frozen=True)
class Pace:
    """Seconds for each station and hour, and whether they were measured here."""

    hour_s: float
    measured: bool


TWO_CORES = Pace(hour_s=0.012, measured=False)
"""Measured with the shipped model, 8 draws, the greedy policy."""


def pace_of(runs: Sequence[Run]) -> Pace:
    """Return the median pace of the latest finished schedules, or that of two cores."""
    seen = []
    for run in runs[:LATEST]:
        manifest = run.manifest
        size = len(manifest.request["stations"]) * manifest.request["hours"]
        seen.append(sum(stage.seconds for stage in manifest.stages.values()) / size)
    return Pace(median(seen), measured=True) if seen else TWO_CORES


def expected(pace: Pace, station_hours: int) -> str:
    """Say how long so many stations times hours will take, and on what that rests."""
    basis = "from earlier runs here" if pace.measured else "a guess for two cores"
    return f"{in_words(OVERHEAD_S + pace.hour_s * station_hours)} ({basis})"
