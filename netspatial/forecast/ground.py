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
from torch import Tensor

from netspatial.errors import BadInput
from netspatial.forecast.panel import Panel
from netspatial.timeline import HOURS_PER_WEEK

CALENDAR = 7
"""Features of a step: sine and cosine of the day, of half the day and of the week, weekend."""
HOLE_ROW = 0
"""This row of the flat values is unknown; holes and steps outside the history point to it."""


@dataclass(frozen=True, eq=False)
class Ground:
    """Panels of the same tasks, step and square, laid one behind another.

    values  : (1 + sum n T, K) float32, NaN where not measured
    memory  : (1 + sum n (T + week), K) mean of the same hour of all earlier weeks, NaN if none
    weeks   : like memory, how many weeks that mean is of
    level   : (sum (T + 1), K) sum over places and steps so far; `measured` how many that is of
    hours   : (sum (T + beyond),) float32 hour of the local week, 0 to 168
    square  : (sum n, s * s) places within their panel
    """

    panels: tuple[Panel, ...]
    beyond: int
    values: Tensor
    memory: Tensor
    weeks: Tensor
    level: Tensor
    measured: Tensor
    hours: Tensor
    square: Tensor
    steps: Tensor
    places: Tensor

    @property
    def week(self) -> int:
        """Steps of a week."""
        return 7 * self.panels[0].steps_per_day


def lay(panels: Sequence[Panel], horizon: int) -> Ground:
    """Lay panels flat, with a calendar that reaches `horizon` steps beyond their end."""
    _check_alike(panels)
    week = 7 * panels[0].steps_per_day
    beyond = max(week, horizon)
    unknown = np.full((1, len(panels[0].tasks)), np.nan, dtype=np.float32)
    remembered = [_memory(panel.values, week) for panel in panels]
    sums = [_running(panel.values) for panel in panels]
    return Ground(
        panels=tuple(panels),
        beyond=beyond,
        values=_flat([unknown, *(_rows(panel.values) for panel in panels)]),
        memory=_flat([unknown, *(_rows(mean) for mean, _ in remembered)]),
        weeks=_flat([np.zeros_like(unknown), *(_rows(count) for _, count in remembered)]),
        level=_flat([level for level, _ in sums]),
        measured=_flat([count for _, count in sums]),
        hours=_flat([_hours_of_week(panel, beyond) for panel in panels]),
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
    week = 2 * torch.pi * hours / HOURS_PER_WEEK
    waves = [wave(angle) for angle in (day, 2 * day, week) for wave in (torch.sin, torch.cos)]
    return torch.stack([*waves, (hours >= 5 * 24).float()], dim=-1)


def _memory(
    values: NDArray[np.float32], week: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and number of the measured values a week, two weeks, ... before each step.

    (n, T, K) -> (n, T + week, K): the coming week remembers, too.
    """
    n, T, K = values.shape
    whole = -(-T // week)
    padded = np.full((n, whole * week, K), np.nan, dtype=np.float32)
    padded[:, :T] = values
    by_week = padded.reshape(n, whole, week, K)
    known = ~np.isnan(by_week)
    total = np.zeros((n, whole + 1, week, K))
    count = np.zeros((n, whole + 1, week, K), dtype=np.float32)
    np.cumsum(np.where(known, by_week, 0), axis=1, out=total[:, 1:])
    np.cumsum(known, axis=1, out=count[:, 1:])
    mean = np.divide(total, count, where=count > 0, out=np.full_like(total, np.nan))
    shape = (n, (whole + 1) * week, K)
    return (
        mean.reshape(shape)[:, : T + week].astype(np.float32),
        count.reshape(shape)[:, : T + week],
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
