"""The whole attack: good files made, then every part of the report, in a temporary folder."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path

from netspatial.errors import BadInput
from netspatial.evaluate.robustness.attempt import CallLimits, call, server
from netspatial.evaluate.robustness.bad_inputs import Attack, try_all
from netspatial.evaluate.robustness.cases import BadInputCase, cases
from netspatial.evaluate.robustness.full_disk import full_disk_cases
from netspatial.evaluate.robustness.kills import Killer, kill_all
from netspatial.evaluate.robustness.material import NotGood, write_material
from netspatial.evaluate.robustness.named import named_cases
from netspatial.evaluate.robustness.report import RobustnessReport
from netspatial.evaluate.robustness.soak import soak
from netspatial.evaluate.robustness.uploads import Uploader, try_uploads
from netspatial.progress import Progress, silent
from netspatial.randomness import stream

SHARES = {
    "making good files": 0.04,
    "bad inputs": 0.7,
    "kills": 0.12,
    "uploads": 0.06,
    "soak": 0.08,
}
"""What the bench does, in order, and about which share of its time each takes."""


@dataclass(frozen=True)
class Budget:
    """How much is tried.

    each    : ways to spoil every file of every command; options : bad values of every option
    disks   : sizes of a full disk for every command that writes
    at_most : bad inputs in all, taken by the seed
    kills   : of each of six commands; uploads and generations : in all
    """

    each: int
    options: int
    disks: int
    at_most: int
    kills: int
    uploads: int
    generations: int


FULL = Budget(each=7, options=2, disks=5, at_most=2_000, kills=10, uploads=60, generations=200)
QUICK = Budget(each=1, options=1, disks=1, at_most=60, kills=1, uploads=12, generations=5)


def bench_robustness(
    budget: Budget = FULL,
    seed: int = 0,
    keep: Path | None = None,
    progress: Progress = silent,
) -> RobustnessReport:
    """Attack the command line, the reading of uploads and the memory of generations.

    seed : another seed makes other bad inputs and kills at other moments
    keep : folder for the cases that fail, with their command and what it printed
    """
    if keep is not None:
        if keep.exists() and any(keep.iterdir()):
            raise BadInput(f"'{keep}' is not empty; give a new folder for the failing cases.")
        keep.mkdir(parents=True, exist_ok=True)
    at_once = max(1, min(8, os.cpu_count() or 1))
    report = RobustnessReport()
    with tempfile.TemporaryDirectory(prefix="netspatial-robustness-") as folder:
        room = Path(folder)
        context = server(_environment(room))
        material, work = room / "material", room / "work"
        for made in (material, work):
            made.mkdir()
        progress("making good files", 0.0)
        write_material(material, _runner(context, room / "notes"))
        tried = chosen(budget, seed)
        attack = Attack(context, material, work, seed, keep)
        report.bad_inputs, report.failures = try_all(
            attack, tried, at_once, _part(progress, "bad inputs", len(tried))
        )
        killer = Killer(context, material, work, seed)
        report.kills, failures = kill_all(
            killer, budget.kills, at_once, _part(progress, "kills", 6 * budget.kills)
        )
        report.failures += failures
        uploader = Uploader(context, material, work, seed)
        report.uploads, failures = try_uploads(
            uploader, budget.uploads, at_once, _part(progress, "uploads", budget.uploads)
        )
        report.failures += failures
        progress("soak", 1 - SHARES["soak"])
        report.soak = soak(context, material, work, budget.generations)
    return report


def chosen(budget: Budget, seed: int) -> list[BadInputCase]:
    """Return the bad inputs, no more than the budget has, in an order that the seed decides."""
    every = [
        *named_cases(),
        *full_disk_cases(budget.disks),
        *cases(seed, budget.each, budget.options),
    ]
    order = stream(seed, "robustness", "order").permutation(len(every))
    return [every[int(at)] for at in order[: budget.at_most]]


def _environment(room: Path) -> dict[str, str]:
    """Return settings for every call: its caches and logs lie in the room, no hub is asked."""
    return {
        "NETSPATIAL_CACHE": str(room / "cache"),
        "NETSPATIAL_LOGS": str(room / "logs"),
        "NETSPATIAL_RUNS": "runs",
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
    }


def _runner(context: ForkServerContext, notes: Path) -> Callable[[list[str], Path], None]:
    def run(words: list[str], folder: Path) -> None:
        attempt = call(context, words, folder, notes, CallLimits(cpu_s=600))
        if attempt.code != 0:
            raise NotGood(
                f"'{' '.join(words[:2])}' does not end well: {attempt.err.strip()[-300:]}"
            )

    return run


def _part(progress: Progress, name: str, count: int) -> Callable[[int], None]:
    names = list(SHARES)
    begun = sum(SHARES[other] for other in names[: names.index(name)])

    def report(done: int) -> None:
        progress(f"{name}: {done} of {count}", begun + SHARES[name] * done / max(count, 1))

    return report
