"""`netspatial bench forecast`: ours beside rivals on little history, simulated and measured.

Every network has the same windows, the same number of training steps and windows a step, and the
same early stop; seconds of CPU stand in each row. Rows are kept as they come.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from netspatial.errors import BadInput
from netspatial.evaluate.forecast_ablations import PretrainedAblations, Teachings
from netspatial.evaluate.forecast_data import CASES, DATA, Case
from netspatial.evaluate.forecast_models import NAMES, Entry, Simulations, entries
from netspatial.evaluate.forecast_rows import Ledger, Row, score
from netspatial.evaluate.forecast_telecom import telecom_cases
from netspatial.evaluate.forecast_transfer import (
    QUICK_TRANSFER,
    WHOLE_TRANSFER,
    TransferSize,
    sim2real,
)
from netspatial.evaluate.realdata import real_folder
from netspatial.forecast.training import TrainConfig

Report = Callable[[str, float], None]


@dataclass(frozen=True)
class Size:
    """How much is measured.

    budget, telecom : of every network, on little history and on the published sets
    transfer        : of the way from simulation to reality
    simulations     : how ours learns before it sees real days
    teachings       : how ours with other parts is taught
    cases           : data set and days of history
    most_judged     : windows of a case that are judged, where not all are
    """

    name: str
    budget: TrainConfig
    telecom: TrainConfig
    transfer: TransferSize
    simulations: Simulations = field(default_factory=Simulations)
    teachings: Teachings = field(default_factory=Teachings)
    cases: tuple[tuple[str, int], ...] = CASES
    most_judged: int | None = None


WHOLE = Size(
    "whole",
    TrainConfig(steps=400, batch=32, lr=4e-3, evaluate_every=50, patience=3),
    TrainConfig(steps=3000, batch=64, lr=2e-3, evaluate_every=200, patience=5),
    WHOLE_TRANSFER,
)
_FEW = TrainConfig(steps=8, batch=16, lr=4e-3, evaluate_every=8, most_validation=64)
QUICK = Size(
    "quick",
    _FEW,
    _FEW,
    QUICK_TRANSFER,
    Simulations(_FEW, _FEW, configurations=2),
    Teachings(_FEW, cities=2),
    cases=(CASES[0], CASES[2], CASES[4]),
    most_judged=100,
)
"""Every part of the bench is walked through; its numbers say nothing."""
TELECOM = "telecom-italia"
SIM2REAL = "sim2real"
SETS = (*DATA, TELECOM, SIM2REAL)


def bench_forecast(
    work: Path,
    *,
    size: Size = WHOLE,
    real: Path | None = None,
    telecom_italia: Path | None = None,
    seeds: int = 3,
    only: Sequence[str] = SETS,
    models: Sequence[str] = (),
    path: Path | None = None,
    report: Report = lambda *_: None,
) -> Ledger:
    """Measure what is not yet in the file at `path`, seed by seed.

    work   : where simulated cities are kept
    only   : which of `SETS` are measured
    models : these alone, by their names; all where none is named
    """
    _check(only, SETS, "data set")
    _check(models, NAMES, "model")
    ledger = Ledger(path, size.name)
    makers = list(_makers(work, real, telecom_italia, only, size, report))
    known = entries(size.simulations, PretrainedAblations(work, size.teachings, report))
    asked = [entry for entry in known if not models or entry.name in models]
    for seed in range(seeds):
        for number, (budget, make) in enumerate(makers):
            share = (seed + number / len(makers)) / seeds
            case = make(seed)
            for entry in asked:
                _measure(ledger, case, entry, budget, seed, size, partial(_at, report, share))
        if SIM2REAL in only:
            _transfer(ledger, work, size.transfer, seed, partial(_within, report, seed, seeds))
    return ledger


def label(name: str, days: int) -> str:
    """How data of a name with so many days of history are called in the tables."""
    return f"{name}, {days} days"


def _measure(
    ledger: Ledger,
    case: Case,
    entry: Entry,
    budget: TrainConfig,
    seed: int,
    size: Size,
    report: Callable[[str], None],
) -> None:
    """Train one model on one case and judge it, unless its rows are there."""
    tasks = case.train.tasks
    if not entry.suits(case.train):
        return
    names = {part: label(part, case.days) for part in case.tests}
    if all(ledger.has(entry.table, name, entry.name, seed) for name in names.values()):
        return
    report(f"{label(case.name, case.days)}: {entry.name}, seed {seed}")
    forecaster = entry.make(case.train.shape, tasks, budget)
    begun = time.process_time()
    forecaster.fit(case.train, case.stop, seed)
    scores = []
    for part, windows in case.tests.items():
        judged = windows.take(np.arange(len(windows))[: size.most_judged])
        quantiles, truth = forecaster.quantiles_of(judged), judged.truth()
        for number, task in enumerate(tasks):
            found = score(quantiles[:, :, number], truth[:, :, number])
            scores.append((names[part], task, found))
    seconds = time.process_time() - begun
    ledger.add(
        [
            Row(entry.table, name, entry.name, task, **asdict(found), seed=seed, seconds=seconds)
            for name, task, found in scores
        ]
    )


def _transfer(ledger: Ledger, work: Path, size: TransferSize, seed: int, report: Report) -> None:
    """Go from simulation to reality by the methods whose rows are not there."""
    done = {
        (row["network"], row["method"], row["days"])
        for row in ledger.sim2real
        if row["seed"] == seed
    }
    for row in sim2real(work, size, seed=seed, done=done, report=report):
        ledger.add_sim2real([row])


def _makers(
    work: Path,
    real: Path | None,
    telecom_italia: Path | None,
    only: Sequence[str],
    size: Size,
    report: Report,
) -> Iterator[tuple[TrainConfig, Callable[[int], Case]]]:
    """How each case is made of a seed, and with which budget; measured sets where they lie."""
    folder = real_folder(real)
    for name, days in size.cases:
        if name in only and (name == "unseen" or folder is not None):
            yield size.budget, partial(DATA[name], work, folder, days)
    if TELECOM in only and telecom_italia is not None:
        for case in telecom_cases(telecom_italia, report):
            yield size.telecom, partial(_itself, case)


def _itself(case: Case, _: int) -> Case:
    return case


def _at(report: Report, share: float, text: str) -> None:
    """Tell what is done at this share of the whole."""
    report(text, share)


def _within(report: Report, seed: int, seeds: int, text: str, share: float) -> None:
    """Tell the progress of one of several seeds as progress of all."""
    report(f"{text}, seed {seed}", (seed + share) / seeds)


def _check(asked: Sequence[str], known: Sequence[str], what: str) -> None:
    for name in asked:
        if name not in known:
            there = ", ".join(known)
            raise BadInput(f"There is no {what} '{name}'; there are {there}.")
