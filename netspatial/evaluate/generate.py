"""`netspatial bench generate`: our generator and baselines, zero-shot and on measured traffic.

Every row has the distances between two sets of real data, the lower bound of pooled distances.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from netspatial.arrays import Floats32
from netspatial.baselines.generate import BASELINES, GeneratorBaseline
from netspatial.baselines.generate.contract import Draw
from netspatial.baselines.generate.hierarchy import drawing_from, trained
from netspatial.context.embed import ContextModel, load_context
from netspatial.errors import BadInput
from netspatial.evaluate import generate_data
from netspatial.evaluate.generate_data import GenerateCase
from netspatial.evaluate.generate_speed import Speed, measure_speed
from netspatial.evaluate.metrics import Scores, js_distance, score, shared_edges, shares
from netspatial.evaluate.realdata import real_folder
from netspatial.generate.data import TrainingSet, read_npz
from netspatial.generate.generator import Generator
from netspatial.generate.presets import Preset, preset_named
from netspatial.progress import Progress, silent
from netspatial.timeline import HOURS_PER_WEEK

SAMPLES = 19


@dataclass(frozen=True)
class GenerateRow:
    """One model on one data set: scores averaged over folds or cities, and real-vs-real distances.

    Errors are over the 99.9 % quantile of the training traffic.
    """

    data: str
    model: str
    scores: Scores
    floor_js: float
    floor_js_diff: float
    cases: int

    def record(self) -> dict[str, Any]:
        """Return the row flat, for JSON."""
        return {
            "data": self.data,
            "model": self.model,
            **asdict(self.scores),
            "floor_js": self.floor_js,
            "floor_js_diff": self.floor_js_diff,
            "cases": self.cases,
        }


@dataclass(frozen=True)
class GenerateReport:
    """All rows and the speed of the bundled model."""

    rows: list[GenerateRow]
    speed: Speed

    def record(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {"rows": [row.record() for row in self.rows], "speed": asdict(self.speed)}


@dataclass(frozen=True)
class GenerateScope:
    """Size of the bench: the whole one, or a quick run of every part.

    ablation_steps : training steps of the models that are trained on simulated cities; ours is
                     also trained with as many, for a fair comparison
    folds_steps, left_out_steps : of models trained on a fold, and on all but one station
    """

    train_cities: int
    unseen_cities: int
    folds: int
    left_out: int
    ablation_steps: int
    folds_steps: int
    left_out_steps: int
    ablations: bool


WHOLE = GenerateScope(64, 5, 5, 25, 1000, 1200, 100, ablations=True)
QUICK = GenerateScope(6, 1, 1, 2, 0, 300, 30, ablations=False)
SETS = ("beijing", "milan", "unseen")


def bench_generate(
    work: Path,
    *,
    real: Path | None = None,
    data: Path | None = None,
    quick: bool = False,
    model: Path | None = None,
    contexts: Sequence[Path] = (),
    only: Sequence[str] = SETS,
    report: Progress = silent,
) -> GenerateReport:
    """Measure on every available data set, or on one `.npz` file; cities are kept in `work`.

    contexts : folders of other trained contexts, with a row each on unseen cities; their generators
        are trained with as many steps as the ablations
    only : the data sets of `SETS` that are measured
    """
    unknown = [name for name in only if name not in SETS]
    if unknown:
        raise BadInput(f"There is no data set '{unknown[0]}'; there are {', '.join(SETS)}.")
    scope = QUICK if quick else WHOLE
    bundled = Generator.load(model)
    if data is not None:
        own = read_npz(data)
        rows = _folds("own", own, scope, report)
    else:
        rows = list(_measured(real_folder(real), scope, only, report))
        if "unseen" in only:
            rows += _unseen(work, scope, bundled, contexts, report)
    return GenerateReport(rows, measure_speed(bundled))


def score_baselines(
    data: str, cases: list[GenerateCase], baselines: dict[str, GeneratorBaseline], report: Progress
) -> list[GenerateRow]:
    """Train and sample every model in every case; return its mean scores."""
    rows = []
    found: dict[str, list[Scores]] = {}
    floors = [_floors(case) for case in cases]
    floor_js, floor_js_diff = (float(np.mean(column)) for column in zip(*floors, strict=True))
    for number, (name, baseline) in enumerate(baselines.items()):
        report(f"{data}: {name}", number / len(baselines))
        found[name] = list(_case_scores(cases, baseline))
    true_samples = [_scored(case, case.law) for case in cases if case.law is not None]
    if true_samples:
        found["the law itself"] = true_samples
    for name, scores in found.items():
        means = {f.name: _mean(scores, f.name) for f in fields(Scores)}
        rows.append(GenerateRow(data, name, Scores(**means), floor_js, floor_js_diff, len(cases)))
    return rows


def _measured(
    real: Path | None, scope: GenerateScope, only: Sequence[str], report: Progress
) -> Iterator[GenerateRow]:
    """Yield the rows of the measured data sets beside the project, if there are any."""
    if real is None:
        return
    if "beijing" in only and (real / "beijing-5g").is_dir():
        yield from _folds("beijing", generate_data.beijing(real), scope, report)
    if "milan" in only and (real / "milan").is_dir():
        cases = list(generate_data.each_left_out("milan", generate_data.milan(real)))
        few = replace(preset_named("few"), steps=scope.left_out_steps)
        field = _field(few, scope)
        # with two dozen stations the effect of an ablation is not visible
        field = {name: baseline for name, baseline in field.items() if not name.startswith("no-")}
        yield from score_baselines("milan", cases[: scope.left_out], field, report)


def _folds(
    name: str, data: TrainingSet, scope: GenerateScope, report: Progress
) -> list[GenerateRow]:
    cases = list(generate_data.fold_cases(name, data, scope.folds))
    few = replace(preset_named("few"), steps=scope.folds_steps)
    return score_baselines(name, cases, _field(few, scope), report)


def _unseen(
    work: Path, scope: GenerateScope, bundled: Generator, contexts: Sequence[Path], report: Progress
) -> list[GenerateRow]:
    context = load_context()
    rows = _unseen_rows(work, scope, context, _unseen_field(bundled, scope), report)
    short = replace(bundled.model.preset, steps=scope.ablation_steps or QUICK.folds_steps)
    for folder in contexts:
        baseline = {f"context {folder.name}": trained(short)}
        rows += _unseen_rows(work, scope, load_context(folder), baseline, report)
    return rows


def _unseen_rows(
    work: Path,
    scope: GenerateScope,
    context: ContextModel,
    baselines: dict[str, GeneratorBaseline],
    report: Progress,
) -> list[GenerateRow]:
    cases = generate_data.unseen_cases(
        work, context, scope.train_cities, scope.unseen_cities, report
    )
    return score_baselines("unseen", list(cases), baselines, report)


def _unseen_field(bundled: Generator, scope: GenerateScope) -> dict[str, GeneratorBaseline]:
    """Return the bundled model, the baselines, and ours and its ablations with few steps."""
    preset = bundled.model.preset

    def ours(data: TrainingSet) -> Draw:
        del data
        return drawing_from(bundled.model)

    field: dict[str, GeneratorBaseline] = {preset.name: ours, **BASELINES}
    if scope.ablations:
        short = replace(preset, steps=scope.ablation_steps)
        field |= {f"{preset.name}, short": trained(short), **_ablations(short, scope)}
        field["no-city"] = trained(replace(short, name="no-city", use_relative=False))
    return field


def _field(preset: Preset, scope: GenerateScope) -> dict[str, GeneratorBaseline]:
    return {preset.name: trained(preset), **_ablations(preset, scope), **BASELINES}


def _ablations(preset: Preset, scope: GenerateScope) -> dict[str, GeneratorBaseline]:
    """Return the published method at our network's size, and our ablations."""
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


def _case_scores(cases: list[GenerateCase], baseline: GeneratorBaseline) -> Iterator[Scores]:
    """Yield the scores of a model in every case; cases with the same training data share it."""
    known, draw = None, None
    for case in cases:
        if case.known.x.shape[1] < HOURS_PER_WEEK:
            raise BadInput(f"The data of {case.name} are shorter than a week.")
        if draw is None or case.known is not known:
            known, draw = case.known, baseline(case.known)
        yield _scored(case, draw(case.test.context, case.test.hours, SAMPLES, seed=0))


def _scored(case: GenerateCase, samples: Floats32) -> Scores:
    unit = float(np.quantile(case.known.x, 0.999))
    return score(samples / unit, case.test.x / unit, case.test.hours, case.known.x / unit)


def _floors(case: GenerateCase) -> tuple[float, float]:
    """Return the JS distances of values and of hourly changes between two sets of real data."""
    edges = shared_edges(case.known.x)
    steps = shared_edges(np.diff(case.known.x))
    return (
        js_distance(shares(case.again, edges), shares(case.test.x, edges)),
        js_distance(shares(np.diff(case.again), steps), shares(np.diff(case.test.x), steps)),
    )


def _mean(scores: list[Scores], name: str) -> float:
    return float(np.mean([getattr(one, name) for one in scores]))
