"""Commands killed at seeded moments and started again: they have to come to the same bytes."""

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.context import ForkServerContext
from pathlib import Path

from netspatial.evaluate.robustness.attempt import Attempt, CallLimits, call
from netspatial.evaluate.robustness.cases import copy_needs
from netspatial.evaluate.robustness.commands import Command
from netspatial.evaluate.robustness.material import NotGood
from netspatial.evaluate.robustness.report import Failure, Kills
from netspatial.evaluate.robustness.verdict import DRAFT, Found, look
from netspatial.randomness import stream

KILLED: dict[str, Command] = {
    "simulate": Command(
        (
            "simulate",
            "--out",
            "made",
            "--size-km",
            "2",
            "--stations",
            "20",
            "--pois",
            "200",
            "--gsd-m",
            "10",
            "--weeks",
            "1",
            "--seed",
            "3",
        ),
        (),
    ),
    "city build": Command(
        (
            "city",
            "build",
            "Town",
            "--out",
            "made",
            "--file",
            "whole.geojson",
            "--pois",
            "pois.csv",
            "--stations",
            "stations.csv",
            "--traffic",
            "tidy:tidy.csv#unit=MB",
            "--landuse",
            "use.geojson",
            "--imagery",
            "image.tif",
        ),
        ("whole.geojson", "pois.csv", "stations.csv", "tidy.csv", "use.geojson", "image.tif"),
    ),
    "plan": Command(
        (
            "plan",
            "city",
            "--area",
            "area.geojson",
            "--cell-m",
            "200",
            "--samples",
            "4",
            "--weeks",
            "1",
            "--sites",
            "2",
            "--out",
            "made",
        ),
        ("city", "area.geojson"),
    ),
    "operate": Command(
        (
            "operate",
            "city",
            "--hours",
            "24",
            "--samples",
            "3",
            "--forecaster",
            "seasonal-naive",
            "--out",
            "made",
        ),
        ("city",),
    ),
    "finetune": Command(
        ("finetune", "--out", "made", "--data", "series.npz", "--model", "trained", "--steps", "3"),
        ("series.npz", "trained"),
    ),
    "forecast fit": Command(
        (
            "forecast",
            "fit",
            "table.csv",
            "--tasks",
            "call,data",
            "--input",
            "24",
            "--horizon",
            "12",
            "--init",
            "scratch",
            "--steps",
            "3",
            "--out",
            "made",
        ),
        ("table.csv",),
    ),
}
"""Six commands that write `made`, and what they read."""
OTHER = "not identical"
OF_THE_MOMENT = ("manifest.json", "progress.json", "worker.log", ".lock")
"""Files that say when something was done and where; a run is not the same run by them."""


@dataclass(frozen=True)
class Killer:
    """Where commands are killed: what starts processes, the good files, a folder for the work."""

    context: ForkServerContext
    material: Path
    work: Path
    seed: int

    def undisturbed(self, name: str) -> tuple[Found, float]:
        """Return what a command writes that is left alone, and how many seconds it takes."""
        folder = self._room(name, "undisturbed")
        attempt = self._call(name, folder)
        if attempt.code != 0:
            raise NotGood(f"'{name}' does not end well on good files: {attempt.err.strip()[-300:]}")
        made = _made(folder)
        shutil.rmtree(folder)
        return made, attempt.seconds

    def kill(self, name: str, number: int, wanted: Found, seconds: float) -> list[Failure]:
        """Kill a command once, start it again, and return what was wrong with what it made."""
        folder = self._room(name, str(number))
        moment = float(stream(self.seed, "robustness", "kill", name, number).uniform(0, seconds))
        self._call(name, folder, moment)
        again = self._call(name, folder)
        made, left = _made(folder), sorted(p for p in look(folder) if DRAFT.search(Path(p).name))
        shutil.rmtree(folder)
        found = {}
        other = sorted(path for path in {*made, *wanted} if made.get(path) != wanted.get(path))
        if again.code != 0:
            found[OTHER] = f"exit code {again.code}: {again.err.strip()[-300:]}"
        elif other:
            found[OTHER] = f"other bytes: {', '.join(other[:3])}"
        if left:
            found["left_behind"] = ", ".join(left[:3])
        what, words = f"killed after {moment:.2f} s", f"netspatial {' '.join(KILLED[name].argv)}"
        return [
            Failure(f"kill/{name}/{number}", what, fault, detail, words)
            for fault, detail in found.items()
        ]

    def _room(self, name: str, which: str) -> Path:
        folder = self.work / "kills" / name.replace(" ", "-") / which
        folder.mkdir(parents=True)
        copy_needs(KILLED[name], self.material, folder)
        return folder

    def _call(self, name: str, folder: Path, moment: float | None = None) -> Attempt:
        notes = folder.with_name(f"{folder.name}-notes")
        return call(self.context, KILLED[name].argv, folder, notes, CallLimits(), moment)


def _made(folder: Path) -> Found:
    """Return what was made, but for the moment when: a run's report says that, too."""
    report = folder / "made" / "report.html"
    if report.is_file():
        manifest = json.loads(report.with_name("manifest.json").read_bytes())
        created = f"{datetime.fromisoformat(manifest['created']):%Y-%m-%d %H:%M}"
        report.write_text(report.read_text().replace(created, ""))
    return {
        path: content
        for path, content in look(folder / "made").items()
        if Path(path).name not in OF_THE_MOMENT
    }


def kill_all(
    killer: Killer, each: int, at_once: int, on_done: Callable[[int], None]
) -> tuple[Kills, list[Failure]]:
    """Kill every command `each` times; call `on_done` with how many kills are done."""
    counts, failures = Kills(), []
    with ThreadPoolExecutor(at_once) as pool:
        whole = dict(zip(KILLED, pool.map(killer.undisturbed, KILLED), strict=True))
        orders = [(name, number, *whole[name]) for name in KILLED for number in range(each)]
        for found in pool.map(lambda order: killer.kill(*order), orders):
            faults = [failure.fault for failure in found]
            counts.tried += 1
            counts.identical += OTHER not in faults
            counts.left_behind += "left_behind" in faults
            failures += found
            on_done(counts.tried)
    return counts, failures
