"""Panels laid flat for training: any batch of windows of any panels is a few look-ups.

Under `windows`. Everything here looks backwards only: what a step knows of the past is known at
the latest when the window that asks begins to forecast.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netspatial.errors import BadInput
from netspatial.forecast.panel import Panel

CALENDAR = 12
"""Features of a step: sine and cosine of the day and of half the day, weekend, each weekday."""
MEMORIES = 2
"""Means of the past that a step has: of the same hour of the week, and of the same kind of day."""
SATURDAY = 5 * 24
"""First hour of the week that is of a weekend."""
HOLE_ROW = 0
"""This row of the flat values is unknown; holes and steps outside the history point to it."""


@dataclass(frozen=True, eq=False)
class Ground:
    """Panels of the same tasks, step and square, laid one behind another.

    values  : (1 + sum n T, K) float32, NaN where not measured
    weekly, daily : means of the past
    level   : (sum (T + 1), K) sum over places and steps so far; `measured` how many that is of
    hours   : (sum (T + beyond),) float32 hour of the local week, 0 to 168
    square  : (sum n, s * s) places within their panel
    """

    panels: tuple[Panel, ...]
    beyond: int
    values: Tensor
    weekly: "Past"
    daily: "Past"
    level: Tensor
    measured: Tensor
    hours: Tensor
    square: Tensor
    steps: Tensor
    places: Tensor


@dataclass(frozen=True, eq=False)
class Past:
    """Means over earlier periods at the same step of the period, for each of some kinds of day.

    period : steps of a day or a week
    mean   : (1 + sum n (T + period), K, kinds), 0 if none
    count  : like mean, how many values it is of
    """

    period: int
    mean: Tensor
    count: Tensor


def lay(panels: Sequence[Panel], horizon: int) -> Ground:
    """Lay panels flat, with a calendar that reaches `horizon` steps beyond their end."""
    _check_alike(panels)
    week = 7 * panels[0].steps_per_day
    beyond = max(week, horizon)
    unknown = np.full((1, len(panels[0].tasks)), np.nan, dtype=np.float32)
    hours = [_hours_of_week(panel, beyond) for panel in panels]
    sums = [_running(panel.values) for panel in panels]
    return Ground(
        panels=tuple(panels),
        beyond=beyond,
        values=_flat([unknown, *(_rows(panel.values) for panel in panels)]),
        weekly=_past(panels, week, [np.zeros_like(known, dtype=np.int64) for known in hours]),
        daily=_past(panels, week // 7, [weekend(known).astype(np.int64) for known in hours]),
        level=_flat([level for level, _ in sums]),
        measured=_flat([count for _, count in sums]),
        hours=_flat(hours),
        square=_flat([panel.around.reshape(len(panel.ids), -1) for panel in panels]),
        steps=torch.tensor([len(panel.times) for panel in panels]),
        places=torch.tensor([len(panel.ids) for panel in panels]),
    )


def starts(sizes: Tensor, first: int = 0) -> Tensor:
    """Where each of several parts of these sizes begins."""
    return first + torch.cumsum(sizes, 0) - sizes


def calendar_features(hours: Tensor) -> Tensor:
    """Features (..., CALENDAR) of hours of the local week, 0 to 168."""
    day = 2 * torch.pi * hours / 24
    waves = [wave(angle) for angle in (day, 2 * day) for wave in (torch.sin, torch.cos)]
    weekdays = nn.functional.one_hot((hours // 24).long(), 7).float()
    told = torch.stack([*waves, (hours >= SATURDAY).float()], dim=-1)
    return torch.cat([told, weekdays], dim=-1)


def weekend(hours: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether these hours of the local week are of a Saturday or Sunday."""
    return hours >= SATURDAY


def _past(panels: Sequence[Panel], period: int, kinds: Sequence[NDArray[np.int64]]) -> Past:
    """Means of the past at each step of each panel; kinds : of the days, from 0 on."""
    count = 1 + max(int(kind.max()) for kind in kinds)
    parts = [
        _means(panel.values, period, kind, count) for panel, kind in zip(panels, kinds, strict=True)
    ]
    none = np.zeros((1, len(panels[0].tasks), count), dtype=np.float32)
    return Past(
        period,
        _flat([none, *(mean for mean, _ in parts)]),
        _flat([none, *(number for _, number in parts)]),
    )


def _means(
    values: NDArray[np.float32], period: int, kind: NDArray[np.int64], kinds: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and number of the measured values one, two, ... periods before each step.

    (n, T, K) -> (n (T + period), K, kinds) each: the coming period remembers, too. Periods are
    counted in UTC, so that for a while after clocks change it is another hour.
    """
    n, T, K = values.shape
    whole = -(-T // period)
    padded = np.full((n, whole * period, K), np.nan, dtype=np.float32)
    padded[:, :T] = values
    known = ~np.isnan(padded)
    padded[~known] = 0
    means, counts = [], []
    for number in range(kinds):
        here = np.zeros(whole * period, dtype=bool)
        here[:T] = kind[:T] == number
        counted = known & here[:, None]
        total = np.zeros((n, whole + 1, period, K))
        count = np.zeros((n, whole + 1, period, K), dtype=np.float32)
        by_period = (n, whole, period, K)
        np.cumsum((padded * counted).reshape(by_period), axis=1, out=total[:, 1:])
        np.cumsum(counted.reshape(by_period), axis=1, out=count[:, 1:])
        steps = (n, (whole + 1) * period, K)
        means.append((total / np.maximum(count, 1)).reshape(steps)[:, : T + period])
        counts.append(count.reshape(steps)[:, : T + period])
    rows = (n * (T + period), K, kinds)
    return (
        np.stack(means, axis=-1).reshape(rows).astype(np.float32),
        np.stack(counts, axis=-1).reshape(rows),
    )


def _running(values: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum over places and steps before each step, and how many values it is of; (T + 1, K)."""
    known = ~np.isnan(values)
    sums = np.where(known, values, 0).sum(axis=0, dtype=np.float64).cumsum(axis=0)
    counts = known.sum(axis=0, dtype=np.float64).cumsum(axis=0)
    none = np.zeros((1, values.shape[2]))
    return np.concatenate([none, sums]), np.concatenate([none, counts])


def _hours_of_week(panel: Panel, beyond: int) -> NDArray[np.float32]:
    times = pd.date_range(panel.times[0], periods=len(panel.times) + beyond, freq=panel.step)
    local = times.tz_localize("UTC").tz_convert(panel.timezone)
    hours = local.day_of_week * 24 + local.hour + local.minute / 60
    return np.asarray(hours, dtype=np.float32)


def _check_alike(panels: Sequence[Panel]) -> None:
    if not panels:
        raise BadInput("Windows need at least one history to be cut from.")
    first = panels[0]
    for panel in panels[1:]:
        for what in ("tasks", "step", "side"):
            one, other = getattr(first, what), getattr(panel, what)
            if one != other:
                raise BadInput(
                    f"Histories can only be used together with the same {what}: one has {one}, "
                    f"another {other}."
                )


def _rows(array: NDArray[np.float32]) -> NDArray[np.float32]:
    return array.reshape(-1, array.shape[2])


def _flat(parts: Sequence[NDArray[np.generic]]) -> Tensor:
    return torch.from_numpy(np.concatenate(parts))
