"""Sim-to-real transfer in `bench forecast`, by method.

An `unseen` city with a short history is treated as real; the simulations are of the `train` family,
and half of their configurations are corrupted, which the window weights should detect.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
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
from netspatial.forecast.corruptions import CORRUPTIONS
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
from netspatial.progress import Progress, silent
from netspatial.randomness import stream

DAYS = (1, 3, 7, 14)
NETWORKS: Mapping[str, Mapping[str, Option]] = {
    "whole": {},
    "without template": {"template": False},
}
"""Trained networks by name. The seasonal template, which the paper does not have, is prior
knowledge; the network without it shows the effect of simulations alone."""
FAULTY = 0.5
STOP_PART = 0.25
"""Share of the places whose windows are for validation if only one day was measured."""


@dataclass(frozen=True)
class TransferSize:
    """Size, training budgets and network options, equal for all methods.

    options    : of every network
    only_whole : days of history for which only the network 'whole' is measured
    """

    configurations: int
    windows: int
    train_config: TrainConfig
    effort: TransferConfig
    days: tuple[int, ...] = DAYS
    max_windows: int | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    only_whole: tuple[int, ...] = ()


WHOLE_TRANSFER = TransferSize(
    configurations=40,
    windows=20_000,
    train_config=TrainConfig(steps=200, batch=64, lr=3e-3, evaluate_every=50, patience=4),
    effort=replace(EARLY, adapting=replace(ADAPTING, steps=100)),
    only_whole=(1, 7, 14),
)
QUICK_TRANSFER = TransferSize(
    configurations=2,
    windows=100,
    train_config=TrainConfig(steps=2, batch=8, evaluate_every=1, most_validation=32),
    effort=TransferConfig(
        TrainConfig(steps=2, batch=8, evaluate_every=1, most_validation=32),
        meta=replace(EARLY.meta, steps=2, batch=8),
        planes=replace(EARLY.planes, steps=3, batch=8),
        weighing=EARLY.weighing,
    ),
    days=(3,),
    max_windows=50,
)


def sim2real(
    work: Path,
    size: TransferSize = WHOLE_TRANSFER,
    *,
    city: int = 1,
    seed: int = 0,
    methods: Sequence[str] = tuple(METHODS),
    done: Container[tuple[str, str, int]] = (),
    report: Progress = silent,
) -> Iterator[dict[str, Any]]:
    """Yield one row for each network, method and number of days, with `mae` and `auc`.

    done : network, method and days of rows that exist

    mae : mean over tasks of the mean absolute error as a share of the task's mean traffic
    auc : probability that a window of a sound simulation has a larger weight than one of a
          corrupted simulation; None for methods with equal weights
    """
    wanted = [
        (network, method, days)
        for days in size.days
        for network in NETWORKS
        if network == "whole" or days not in size.only_whole
        for method in methods
    ]
    wanted = [row for row in wanted if row not in done]
    if not wanted:
        return
    panel = from_city(simulated_city(work, "unseen", city), SERVICES)
    configurations = draw_configurations(seed, size.configurations, tuple(CORRUPTIONS), FAULTY)
    simulated = _simulated(configurations, size.windows, report)
    sound = np.array([not one.fault for one in configurations])[simulated.windows.config]
    for number, (network, method, days) in enumerate(wanted):
        report(f"{days} days of history, {network}, {method}", number / len(wanted))
        real, test = short_history(panel, days, seed)
        test = test.take(np.arange(len(test))[: size.max_windows])
        options = {**size.options, **NETWORKS[network]}
        forecaster = NetworkForecaster(
            "sim-mstnet", build_sim_mstnet, SHAPE, SERVICES, size.train_config, options
        )
        result = train(method, forecaster, simulated, real, seed, size.effort)
        yield {
            "network": network,
            "method": method,
            "days": days,
            "mae": relative_mae(result.forecaster, test),
            "auc": auc(result.weights, sound),
            "seed": seed,
        }


def short_history(panel: Panel, days: int, seed: int) -> tuple[Real, Windows]:
    """Return real windows in three parts, and the test windows of the week after the history.

    Validation windows are those of the last day; with one day of history, those of some places,
    and training windows do not contain hours after that day.
    """
    end = HISTORY_ENDS * DAY
    held = panel.span(end - days * DAY)
    history = days * DAY
    known = held.span(0, history)
    test = Windows.cut(
        [held.span(0, history + TEST_DAYS * DAY)], SHAPE, first=history, every=EVERY, least=LEAST
    )
    if days > 1:
        stop_from = history - max(DAY, history // 7)
        train_windows = Windows.cut([known], SHAPE, last=stop_from, least=LEAST)
        stop = Windows.cut([known], SHAPE, first=stop_from, every=DAY // 4)
    else:
        windows = Windows.cut([_extended(known, SHAPE.horizon)], SHAPE, least=LEAST)
        order = stream(seed, "stop", "places").permutation(len(panel.ids))
        stops = np.isin(windows.place, order[: round(STOP_PART * len(order))])
        train_windows = windows.take(np.flatnonzero(~stops))
        stop = windows.take(np.flatnonzero(stops))
    return set_meta_apart(train_windows, stop, seed), test


def relative_mae(forecaster: NetworkForecaster, test: Windows) -> float:
    """Return the mean over tasks of the MAE as a share of the task's mean."""
    truth = test.truth()
    error = np.abs(forecaster.median_of(test) - truth)
    return float((np.nanmean(error, axis=(0, 1)) / np.nanmean(truth, axis=(0, 1))).mean())


def auc(weights: Floats32 | None, sound: Mask) -> float | None:
    """Return the probability that a sound window has a larger weight than a corrupted one.

    Ties count half.
    """
    if weights is None or np.ptp(weights) == 0 or sound.all() or not sound.any():
        return None
    rank = rankdata(weights)
    good, bad = int(sound.sum()), int((~sound).sum())
    return float((rank[sound].sum() - good * (good + 1) / 2) / (good * bad))


def _simulated(
    configurations: Sequence[Configuration], windows: int, report: Progress
) -> Simulated:
    found = simulated_windows(
        configurations, SHAPE, SERVICES, windows, least=LEAST, progress=report
    )
    return Simulated(found, parameters_of(configurations))


def _extended(panel: Panel, steps: int) -> Panel:
    """Return the panel with `steps` more unknown steps at the end."""
    known = panel.values
    n, T, K = known.shape
    longer = np.full((n, T + steps, K), np.nan, dtype=np.float32)
    longer[:, :T] = known
    return replace(
        panel,
        values=longer,
        times=pd.date_range(panel.times[0], periods=len(panel.times) + steps, freq=panel.step),
    )
