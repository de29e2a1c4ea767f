"""`netspatial bench generate`: our generator beside peers, zero-shot and on measured traffic.

Every row carries the floor that real data reach against real data, since a pooled distance of
zero is not to be had.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from netspatial.baselines.generate import RIVALS, Rival
from netspatial.baselines.generate.contract import Draw
from netspatial.baselines.generate.hierarchy import drawing_from, trained
from netspatial.context.embed import ContextModel, load_context
from netspatial.errors import BadInput
from netspatial.evaluate import generate_data
from netspatial.evaluate.generate_data import Case
from netspatial.evaluate.generate_speed import Speed, measure_speed
from netspatial.evaluate.metrics import Scores, js_distance, score, shared_edges, shares
from netspatial.evaluate.realdata import real_folder
from netspatial.generate.data import TrainingSet, read_npz
from netspatial.generate.generator import Generator
from netspatial.generate.presets import Preset, preset_named
from netspatial.timeline import HOURS_PER_WEEK

SAMPLES = 19
Report = Callable[[str, float], None]


@dataclass(frozen=True)
class Row:
    """One model on one data set: scores averaged over its folds or cities, and the floors.

    Errors are over the 99.9 % quantile of the traffic that was learnt from.
    """

    data: str
    model: str
    scores: Scores
    floor_js: float
    floor_js_diff: float
    cases: int

    def record(self) -> dict[str, Any]:
        """Return the row flat, for JSON."""
        told = {"data": self.data, "model": self.model, **asdict(self.scores)}
        return {
            **told,
            "floor_js": self.floor_js,
            "floor_js_diff": self.floor_js_diff,
            "cases": self.cases,
        }


@dataclass(frozen=True)
class GenerateReport:
    """All rows and the speed of the shipped model."""

    rows: list[Row]
    speed: Speed

    def record(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {"rows": [row.record() for row in self.rows], "speed": asdict(self.speed)}


@dataclass(frozen=True)
class Scope:
    """How much is measured: the whole bench, or a quick look at every part of it."""

    train_cities: int
    unseen_cities: int
    folds: int
    left_out: int
    small_steps: int
    ablations: bool


WHOLE = Scope(32, 5, 5, 25, 2500, ablations=True)
QUICK = Scope(6, 1, 1, 2, 300, ablations=False)


def bench_generate(
    work: Path,
    *,
    real: Path | None = None,
    data: Path | None = None,
    quick: bool = False,
    model: Path | None = None,
    clip_context: Path | None = None,
    report: Report = lambda *_: None,
) -> GenerateReport:
    """Measure on every data set that is there, or on one `.npz` file; cities are kept in `work`.

    clip_context : folder of a contrastively trained context, for its row on unseen cities
    """
    scope = QUICK if quick else WHOLE
    shipped = Generator.load(model)
    if data is not None:
        own = read_npz(data)
        rows = _folds("own", own, scope, report)
    else:
        rows = list(_measured(real_folder(real), scope, report))
        rows += _unseen(work, scope, shipped, clip_context, report)
    return GenerateReport(rows, measure_speed(shipped))


def judge(data: str, cases: list[Case], rivals: dict[str, Rival], report: Report) -> list[Row]:
    """Let every rival learn and draw in every case, and average its scores."""
    rows = []
    floors = [_floors(case) for case in cases]
    floor_js, floor_js_diff = (float(np.mean(column)) for column in zip(*floors, strict=True))
    for number, (name, rival) in enumerate(rivals.items()):
        report(f"{data}: {name}", number / len(rivals))
        found = [_judged(case, rival) for case in cases]
        means = {f.name: _mean(found, f.name) for f in fields(Scores)}
        rows.append(Row(data, name, Scores(**means), floor_js, floor_js_diff, len(cases)))
    return rows


def _measured(real: Path | None, scope: Scope, report: Report) -> Iterator[Row]:
    """The measured sets that lie beside the project; none where there is no such folder."""
    if real is None:
        return
    if (real / "beijing-5g").is_dir():
        yield from _folds("beijing", generate_data.beijing(real), scope, report)
    if (real / "milan").is_dir():
        cases = list(generate_data.each_left_out("milan", generate_data.milan(real)))
        few = replace(preset_named("few"), steps=max(1, scope.small_steps // 10))
        yield from judge("milan", cases[: scope.left_out], _field(few, scope), report)


def _folds(name: str, data: TrainingSet, scope: Scope, report: Report) -> list[Row]:
    cases = list(generate_data.fold_cases(name, data, scope.folds))
    few = replace(preset_named("few"), steps=scope.small_steps)
    return judge(name, cases, _field(few, scope), report)


def _unseen(
    work: Path, scope: Scope, shipped: Generator, clip_context: Path | None, report: Report
) -> list[Row]:
    context = load_context()
    rows = _unseen_rows(work, scope, context, _unseen_field(shipped, scope), report)
    if clip_context is not None:
        clip = {"clip-condition": trained(replace(shipped.model.preset, name="clip-condition"))}
        rows += _unseen_rows(work, scope, load_context(clip_context), clip, report)
    return rows


def _unseen_rows(
    work: Path, scope: Scope, context: ContextModel, rivals: dict[str, Rival], report: Report
) -> list[Row]:
    cases = generate_data.unseen_cases(
        work, context, scope.train_cities, scope.unseen_cities, report
    )
    return judge("unseen", list(cases), rivals, report)


def _unseen_field(shipped: Generator, scope: Scope) -> dict[str, Rival]:
    """The shipped model, its ablations trained alike, and the simple rivals."""
    preset = shipped.model.preset

    def ours(data: TrainingSet) -> Draw:
        del data
        return drawing_from(shipped.model)

    return {preset.name: ours, **_ablations(preset, scope), **RIVALS}


def _field(preset: Preset, scope: Scope) -> dict[str, Rival]:
    return {preset.name: trained(preset), **_ablations(preset, scope), **RIVALS}


def _ablations(preset: Preset, scope: Scope) -> dict[str, Rival]:
    """The published method at our network's size, and ours without one part."""
    if not scope.ablations:
        return {}
    sizes = {
        name: getattr(preset, name)
        for name in (
            "condition_width",
            "vector_width",
            "vector_depth",
            "series_width",
            "series_depth",
            "dropout",
            "weight_decay",
            "batch",
            "steps",
        )
    }
    return {
        "paper": trained(replace(preset_named("paper"), **sizes)),
        "no-position": trained(replace(preset, name="no-position", peak_hour=False)),
        "no-condition": trained(replace(preset, name="no-condition", use_condition=False)),
    }


def _judged(case: Case, rival: Rival) -> Scores:
    unit = float(np.quantile(case.known.x, 0.999))
    if case.known.x.shape[1] < HOURS_PER_WEEK:
        raise BadInput(f"The data of {case.name} are shorter than a week.")
    samples = rival(case.known)(case.asked.context, case.asked.hours, SAMPLES, seed=0)
    return score(samples / unit, case.asked.x / unit, case.asked.hours, case.known.x / unit)


def _floors(case: Case) -> tuple[float, float]:
    """JS distances, of values and of their steps, between two real draws."""
    edges = shared_edges(case.known.x)
    steps = shared_edges(np.diff(case.known.x))
    return (
        js_distance(shares(case.again, edges), shares(case.asked.x, edges)),
        js_distance(shares(np.diff(case.again), steps), shares(np.diff(case.asked.x), steps)),
    )


def _mean(scores: list[Scores], name: str) -> float:
    return float(np.mean([getattr(one, name) for one in scores]))
