"""`netspatial bench forecast`: our forecasters and baselines on short histories.

On simulated and measured data. All networks have the same windows, training steps, batch size and
early stopping; each row has the CPU seconds. Rows are saved as soon as they are measured.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from netspatial.errors import BadInput
from netspatial.evaluate.forecast_ablations import PretrainedAblations, PretrainingSize
from netspatial.evaluate.forecast_data import CASES, DATA, ForecastCase
from netspatial.evaluate.forecast_models import NAMES, Entry, Simulations, entries
from netspatial.evaluate.forecast_rows import ForecasterRow, ResultsFile, score
from netspatial.evaluate.forecast_telecom import telecom_cases
from netspatial.evaluate.forecast_transfer import (
    QUICK_TRANSFER,
    WHOLE_TRANSFER,
    TransferSize,
    sim2real,
)
from netspatial.evaluate.realdata import real_folder
from netspatial.forecast.training import TrainConfig
from netspatial.progress import Progress, silent


@dataclass(frozen=True)
class ForecastBenchSize:
    """Size of the bench.

    train_config, telecom : training of every network, on short histories and on the published sets
    transfer              : size of the sim-to-real transfer
    simulations           : pretraining of our network on simulations
    pretraining           : pretraining of the ablations of our network
    cases                 : data set and days of history
    max_windows           : most test windows of a case; None for all
    """

    name: str
    train_config: TrainConfig
    telecom: TrainConfig
    transfer: TransferSize
    simulations: Simulations = field(default_factory=Simulations)
    pretraining: PretrainingSize = field(default_factory=PretrainingSize)
    cases: tuple[tuple[str, int], ...] = CASES
    max_windows: int | None = None


WHOLE = ForecastBenchSize(
    "whole",
    TrainConfig(steps=400, batch=32, lr=4e-3, evaluate_every=50, patience=3),
    TrainConfig(steps=3000, batch=64, lr=2e-3, evaluate_every=200, patience=5),
    WHOLE_TRANSFER,
)
_FEW = TrainConfig(steps=8, batch=16, lr=4e-3, evaluate_every=8, most_validation=64)
QUICK = ForecastBenchSize(
    "quick",
    _FEW,
    _FEW,
    QUICK_TRANSFER,
    Simulations(_FEW, _FEW, configurations=2),
    PretrainingSize(_FEW, cities=2),
    cases=(CASES[0], CASES[2], CASES[4]),
    max_windows=100,
)
"""Runs every part of the bench; its numbers are not meaningful."""
TELECOM = "telecom-italia"
SIM2REAL = "sim2real"
SETS = (*DATA, TELECOM, SIM2REAL)


def bench_forecast(
    work: Path,
    *,
    size: ForecastBenchSize = WHOLE,
    real: Path | None = None,
    telecom_italia: Path | None = None,
    seeds: int = 3,
    only: Sequence[str] = SETS,
    models: Sequence[str] = (),
    path: Path | None = None,
    report: Progress = silent,
) -> ResultsFile:
    """Measure the rows that are not yet in the file at `path`, seed by seed.

    work   : folder in which simulated cities are kept
    only   : the data sets of `SETS` that are measured
    models : names of the models that are measured; all if empty
    """
    _check(only, SETS, "data set")
    _check(models, NAMES, "model")
    results = ResultsFile(path, size.name)
    makers = list(_makers(work, real, telecom_italia, only, size, report))
    known = entries(size.simulations, PretrainedAblations(work, size.pretraining, report))
    chosen = [entry for entry in known if not models or entry.name in models]
    for seed in range(seeds):
        for number, (train_config, make) in enumerate(makers):
            share = (seed + number / len(makers)) / seeds
            case = make(seed)
            for entry in chosen:
                _measure(
                    results, case, entry, train_config, seed, size, partial(_at, report, share)
                )
        if SIM2REAL in only:
            _transfer(results, work, size.transfer, seed, partial(_within, report, seed, seeds))
    return results


def label(name: str, days: int) -> str:
    """Return the name of a data set with so many days of history in the tables."""
    return f"{name}, {days} days"


def _measure(
    results: ResultsFile,
    case: ForecastCase,
    entry: Entry,
    train_config: TrainConfig,
    seed: int,
    size: ForecastBenchSize,
    report: Callable[[str], None],
) -> None:
    """Train one model on one case and score it, unless its rows exist."""
    tasks = case.train.tasks
    if not entry.suits(case.train):
        return
    names = {part: label(part, case.days) for part in case.tests}
    if all(results.has(entry.table, name, entry.name, seed) for name in names.values()):
        return
    report(f"{label(case.name, case.days)}: {entry.name}, seed {seed}")
    forecaster = entry.make(case.train.shape, tasks, train_config)
    begun = time.process_time()
    forecaster.fit(case.train, case.stop, seed)
    scores = []
    for part, windows in case.tests.items():
        test = windows.take(np.arange(len(windows))[: size.max_windows])
        quantiles, truth = forecaster.quantiles_of(test), test.truth()
        for number, task in enumerate(tasks):
            found = score(quantiles[:, :, number], truth[:, :, number])
            scores.append((names[part], task, found))
    seconds = time.process_time() - begun
    results.add(
        [
            ForecasterRow(
                entry.table, name, entry.name, task, **asdict(found), seed=seed, seconds=seconds
            )
            for name, task, found in scores
        ]
    )


def _transfer(
    results: ResultsFile, work: Path, size: TransferSize, seed: int, report: Progress
) -> None:
    """Measure the sim-to-real transfer by the methods whose rows are missing."""
    done = {
        (row["network"], row["method"], row["days"])
        for row in results.sim2real
        if row["seed"] == seed
    }
    for row in sim2real(work, size, seed=seed, done=done, report=report):
        results.add_sim2real([row])


def _makers(
    work: Path,
    real: Path | None,
    telecom_italia: Path | None,
    only: Sequence[str],
    size: ForecastBenchSize,
    report: Progress,
) -> Iterator[tuple[TrainConfig, Callable[[int], ForecastCase]]]:
    """Yield the training budget and the function from a seed to the case, for each case."""
    folder = real_folder(real)
    for name, days in size.cases:
        if name in only and (name == "unseen" or folder is not None):
            yield size.train_config, partial(DATA[name], work, folder, days)
    if TELECOM in only and telecom_italia is not None:
        for case in telecom_cases(telecom_italia, report):
            yield size.telecom, partial(_itself, case)


def _itself(case: ForecastCase, _: int) -> ForecastCase:
    return case


def _at(report: Progress, share: float, text: str) -> None:
    """Report a text at this share of the whole."""
    report(text, share)


def _within(report: Progress, seed: int, seeds: int, text: str, share: float) -> None:
    """Report the progress of one of several seeds as progress of all."""
    report(f"{text}, seed {seed}", (seed + share) / seeds)


def _check(names: Sequence[str], known: Sequence[str], what: str) -> None:
    for name in names:
        if name not in known:
            raise BadInput(f"There is no {what} '{name}'; there are {', '.join(known)}.")
