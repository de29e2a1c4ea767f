"""The part of `bench forecast` that goes from simulation to reality, method by method.

An `unseen` city is taken as reality and little of it is known; the simulations come from the
`train` family, and in half of their configurations a fault is planted, which weights should find.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from netspatial.arrays import Floats32, Mask
from netspatial.evaluate.forecast_data import (
    DAY,
    EVERY,
    HISTORY_ENDS,
    LEAST,
    SERVICES,
    SHAPE,
    TEST_DAYS,
)
from netspatial.evaluate.generate_data import simulated_city
from netspatial.forecast.configurations import (
    Configuration,
    draw_configurations,
    parameters_of,
)
from netspatial.forecast.corruptions import FAULTS
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.network_spec import Option
from netspatial.forecast.panel import Panel, from_city
from netspatial.forecast.sim_mstnet import build_sim_mstnet
from netspatial.forecast.simulated import simulated_windows
from netspatial.forecast.training import TrainConfig
from netspatial.forecast.transfer import (
    ADAPTING,
    EARLY,
    METHODS,
    Real,
    Simulated,
    TransferConfig,
    set_meta_apart,
    train,
)
from netspatial.forecast.windows import Windows
from netspatial.randomness import stream

Report = Callable[[str, float], None]

DAYS = (1, 3, 7, 14)
NETWORKS: Mapping[str, Mapping[str, Option]] = {
    "whole": {},
    "without template": {"template": False},
}
"""Networks that are trained, by name. A template of earlier days, which the paper has not, is
knowledge from before any history, too; without it one sees what simulations teach where nothing
else was known."""
FAULTY = 0.5
STOP_PART = 0.25
"""Part of the places whose windows say when to stop, where one day alone was measured."""


@dataclass(frozen=True)
class TransferSize:
    """How much is measured, with which budgets and network; the same for all methods.

    options    : of every network
    only_whole : days for which no other of NETWORKS is measured
    """

    configurations: int
    windows: int
    budget: TrainConfig
    effort: TransferConfig
    days: tuple[int, ...] = DAYS
    most_judged: int | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    only_whole: tuple[int, ...] = ()


WHOLE_TRANSFER = TransferSize(
    configurations=40,
    windows=20_000,
    budget=TrainConfig(steps=200, batch=64, lr=3e-3, evaluate_every=50, patience=4),
    effort=replace(EARLY, adapting=replace(ADAPTING, steps=100)),
    only_whole=(1, 7, 14),
)
QUICK_TRANSFER = TransferSize(
    configurations=2,
    windows=100,
    budget=TrainConfig(steps=2, batch=8, evaluate_every=1, most_validation=32),
    effort=TransferConfig(
        TrainConfig(steps=2, batch=8, evaluate_every=1, most_validation=32),
        meta=replace(EARLY.meta, steps=2, batch=8),
        planes=replace(EARLY.planes, steps=3, batch=8),
        weighing=EARLY.weighing,
    ),
    days=(3,),
    most_judged=50,
)


def sim2real(
    work: Path,
    size: TransferSize = WHOLE_TRANSFER,
    *,
    city: int = 1,
    seed: int = 0,
    methods: Sequence[str] = tuple(METHODS),
    done: Container[tuple[str, str, int]] = (),
    report: Report = lambda *_: None,
) -> Iterator[dict[str, Any]]:
    """One row for each network, method and number of days, as it comes, with `mae` and `auc`.

    done : network, method and days of rows that are not needed any more

    mae : mean over tasks of the mean absolute error as a share of the task's mean traffic
    auc : probability that a window of a sound simulation weighs more than one of a planted fault;
          None for methods that weigh all alike
    """
    asked = [
        (network, method, days)
        for days in size.days
        for network in NETWORKS
        if network == "whole" or days not in size.only_whole
        for method in methods
    ]
    asked = [row for row in asked if row not in done]
    if not asked:
        return
    panel = from_city(simulated_city(work, "unseen", city), SERVICES)
    configurations = draw_configurations(seed, size.configurations, tuple(FAULTS), FAULTY)
    simulated = _simulated(configurations, size.windows, report)
    sound = np.array([not one.fault for one in configurations])[simulated.windows.config]
    for number, (network, method, days) in enumerate(asked):
        report(f"{days} days of history, {network}, {method}", number / len(asked))
        real, judged = little_history(panel, days, seed)
        judged = judged.take(np.arange(len(judged))[: size.most_judged])
        options = {**size.options, **NETWORKS[network]}
        forecaster = NetworkForecaster(
            "sim-mstnet", build_sim_mstnet, SHAPE, SERVICES, size.budget, options
        )
        learnt = train(method, forecaster, simulated, real, seed, size.effort)
        yield {
            "network": network,
            "method": method,
            "days": days,
            "mae": relative_mae(learnt.forecaster, judged),
            "auc": auc(learnt.weights, sound),
            "seed": seed,
        }


def little_history(panel: Panel, days: int, seed: int) -> tuple[Real, Windows]:
    """Real windows in three parts, and those of the week after the history, which are judged.

    The last day says when to stop; where there is but one, some of the places do, and what lies
    beyond the day is not known to any window that learns.
    """
    end = HISTORY_ENDS * DAY
    held = panel.span(end - days * DAY)
    history = days * DAY
    learnt = held.span(0, history)
    judged = Windows.cut(
        [held.span(0, history + TEST_DAYS * DAY)], SHAPE, first=history, every=EVERY, least=LEAST
    )
    if days > 1:
        stop_from = history - max(DAY, history // 7)
        learnt_from = Windows.cut([learnt], SHAPE, last=stop_from, least=LEAST)
        stop = Windows.cut([learnt], SHAPE, first=stop_from, every=DAY // 4)
    else:
        windows = Windows.cut([_beyond(learnt, SHAPE.horizon)], SHAPE, least=LEAST)
        order = stream(seed, "stop", "places").permutation(len(panel.ids))
        stops = np.isin(windows.place, order[: round(STOP_PART * len(order))])
        learnt_from = windows.take(np.flatnonzero(~stops))
        stop = windows.take(np.flatnonzero(stops))
    return set_meta_apart(learnt_from, stop, seed), judged


def relative_mae(forecaster: NetworkForecaster, judged: Windows) -> float:
    """Mean over tasks of the mean absolute error as a share of the task's mean."""
    truth = judged.truth()
    off = np.abs(forecaster.median_of(judged) - truth)
    return float((np.nanmean(off, axis=(0, 1)) / np.nanmean(truth, axis=(0, 1))).mean())


def auc(weights: Floats32 | None, sound: Mask) -> float | None:
    """Probability that a sound window weighs more than a faulty one, ties counting half."""
    if weights is None or np.ptp(weights) == 0 or sound.all() or not sound.any():
        return None
    rank = rankdata(weights)
    good, bad = int(sound.sum()), int((~sound).sum())
    return float((rank[sound].sum() - good * (good + 1) / 2) / (good * bad))


def _simulated(configurations: Sequence[Configuration], windows: int, report: Report) -> Simulated:
    found = simulated_windows(
        configurations, SHAPE, SERVICES, windows, least=LEAST, progress=report
    )
    return Simulated(found, parameters_of(configurations))


def _beyond(panel: Panel, steps: int) -> Panel:
    """The panel with `steps` more of which nothing is known."""
    known = panel.values
    n, T, K = known.shape
    longer = np.full((n, T + steps, K), np.nan, dtype=np.float32)
    longer[:, :T] = known
    return replace(
        panel,
        values=longer,
        times=pd.date_range(panel.times[0], periods=len(panel.times) + steps, freq=panel.step),
    )
