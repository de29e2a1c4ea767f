"""Conservative estimates of the memory, disk and time of a run from its request.

The machine limits every run, the server's settings limit the jobs of the app.
"""

import math
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from netspatial.errors import BadInput

if TYPE_CHECKING:  # commands without jobs read no settings
    from netspatial.runs.jobs.server_settings import ServerSettings

FLOAT = 4
WEEK_H = 7 * 24
LIBRARIES_MB = 1500.0
"""Memory of a worker with its libraries and models."""
GROUP = 64
"""Cells per block; threads sample blocks in parallel, and network layers hold copies of each."""
COPIES = 24
MODELS, VALIDATION_SAMPLES = 12, 19
"""Ensembles held at once in a validation, and samples of each."""
KERNEL_MATRICES, MOST_KRIGED = 32, 3000
"""Matrices between stations held in kriging, and stations used at once."""
SMALLER = "use a smaller area, larger cells, fewer samples, weeks, stations or hours"


@dataclass(frozen=True)
class Needs:
    """Estimated memory and disk (MB), and minutes on two cores."""

    memory_mb: float = LIBRARIES_MB
    disk_mb: float = 0.0
    minutes: float = 0.0

    def check_machine(self, folder: Path) -> None:
        """Raise BadInput if memory, or the disk of `folder`, is too small."""
        held = psutil.virtual_memory().total / (1 << 20)
        there = next(path for path in (folder, *folder.parents) if path.is_dir())
        free = shutil.disk_usage(there).free / (1 << 20)
        _within("memory", self.memory_mb, held, "this machine has")
        _within("disk", self.disk_mb, free, "the disk has")

    def check_server(self, settings: "ServerSettings") -> None:
        """Raise BadInput if the run exceeds the server's limits for a job."""
        _within("memory", self.memory_mb, settings.job_memory_mb, "the limit per job is")
        _within("disk", self.disk_mb, settings.job_disk_mb, "the limit per job is")
        if self.minutes > settings.job_minutes:
            raise BadInput(
                f"This would take about {self.minutes:,.0f} minutes, and the limit per job is "
                f"{settings.job_minutes:,.0f}; {SMALLER}."
            )


def needs_of(kind: str, request: Mapping[str, Any]) -> Needs:
    """Return the needs of a run; the minimum if its request lacks a field."""
    try:
        return NEEDS[kind](request) if kind in NEEDS else Needs()
    except KeyError:
        return Needs()


def traffic_in_memory(cells: int, samples: int, weeks: int) -> Needs:
    """Return the needs of generating the traffic of cells in memory and writing one file."""
    values_mb = cells * samples * weeks * WEEK_H * FLOAT / 1e6
    return Needs(LIBRARIES_MB + 4 * values_mb, values_mb)


def _plan(asked: Mapping[str, Any]) -> Needs:
    from netspatial.area import Area  # noqa: PLC0415  geopandas takes seconds

    area = Area.from_geojson(asked["area"], limit_km2=math.inf)
    cells = area.area_km2 * 1e6 / asked["cell_m"] ** 2
    months = cells * asked["samples"] * asked["weeks"] / 4
    cell = asked["samples"] * asked["weeks"] * WEEK_H * FLOAT / 1e6
    return Needs(
        LIBRARIES_MB + COPIES * GROUP * cell + cells * 0.02,
        2 * cells * cell,
        (10 + 0.006 * cells + 0.0012 * months) / 60,
    )


def _operate(asked: Mapping[str, Any]) -> Needs:
    stations, hours = len(asked["stations"]), asked["hours"]
    forecasts = stations * asked["samples"] * hours * FLOAT / 1e6
    pairs = stations**2 * 2 * FLOAT / 1e6
    return Needs(
        LIBRARIES_MB + COPIES * forecasts + 8 * pairs,
        forecasts * max(hours / 24, 1),
        (10 + 0.012 * stations * hours) / 60,
    )


def _simulate(asked: Mapping[str, Any]) -> Needs:
    pixels = (asked["size_km"] * 1000 / asked["gsd_m"]) ** 2 / 1e6
    station_weeks = asked["stations"] * asked["weeks"]
    traffic = station_weeks * WEEK_H * FLOAT / 1e6
    return Needs(
        LIBRARIES_MB + 40 * traffic + asked["size_km"] ** 2 + asked["pois"] / 500,
        4 * pixels + 4 * traffic,
        (10 + 8 * pixels + 0.01 * station_weeks) / 60,
    )


def _finetune(asked: Mapping[str, Any]) -> Needs:
    return Needs(2 * LIBRARIES_MB, 500, asked["steps"] * 0.5 / 60)


def _validate(asked: Mapping[str, Any]) -> Needs:
    from netspatial.city.city import City  # noqa: PLC0415  geopandas takes seconds

    with City.open(asked["city"]).traffic as traffic:
        stations, hours = traffic.sizes["station"], traffic.sizes["time"]
    ensembles = MODELS * stations * VALIDATION_SAMPLES * hours * FLOAT / 1e6
    kernels = KERNEL_MATRICES * min(stations, MOST_KRIGED) ** 2 * 2 * FLOAT / 1e6
    parts = 2 * len(asked["support"]) * asked["folds"]
    return Needs(LIBRARIES_MB + ensembles + kernels, 50, (20 + 0.03 * stations * parts) / 60)


NEEDS: dict[str, Callable[[Mapping[str, Any]], Needs]] = {
    "plan": _plan,
    "operate": _operate,
    "simulate": _simulate,
    "finetune": _finetune,
    "validate": _validate,
}
"""The estimates by kind of run; other kinds are always small."""


def _within(what: str, needed_mb: float, max_mb: float, whose: str) -> None:
    if needed_mb > max_mb:
        raise BadInput(
            f"This would need about {_size(needed_mb)} of {what}, and {whose} {_size(max_mb)}; "
            f"{SMALLER}."
        )


def _size(mb: float) -> str:
    return f"{mb / 1000:,.1f} GB" if mb >= 1000 else f"{mb:,.0f} MB"
