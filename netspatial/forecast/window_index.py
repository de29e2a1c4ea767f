"""Flat tensors of panels from which `windows` builds any batch by index look-ups.

Days and weeks are those of the local clock. All seasonal means are causal: they contain only values
from before the forecast origin of the window.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netspatial.arrays import AnyFloats, Floats, Floats32, Indices, Mask
from netspatial.errors import BadInput
from netspatial.forecast.panel import Panel
from netspatial.timeline import local_steps

CALENDAR = 12
"""Features of a step: sine and cosine of the day and of half the day, weekend, each weekday."""
SEASONAL_MEANS = 2
"""Seasonal means per step: same hour of the week, and same hour on the same kind of day."""
SATURDAY = 5 * 24
"""First weekend hour of the week."""
HOLE_ROW = 0
"""Row of the flat values that is NaN, for missing neighbours and steps outside the history."""


@dataclass(frozen=True, eq=False)
class FlatPanels:
    """Concatenated panels of the same tasks, step and square.

    values  : (1 + sum n T, K) float32, NaN where not measured
    weekly, daily : seasonal means
    level   : (sum (T + 1), K) cumulative sum over places and steps; measured : number of its values
    hours   : (sum (T + beyond),) float32 hour of the local week, 0 to 168
    clock   : (sum (T + beyond),) int64 local steps since Monday 00:00 of the first local week
    complete : like clock, the local step before which all steps precede this one
    square  : (sum n, s * s) places within their panel
    """

    panels: tuple[Panel, ...]
    beyond: int
    values: Tensor
    weekly: "SeasonalMeans"
    daily: "SeasonalMeans"
    level: Tensor
    measured: Tensor
    hours: Tensor
    clock: Tensor
    complete: Tensor
    square: Tensor
    steps: Tensor
    places: Tensor


@dataclass(frozen=True, eq=False)
class SeasonalMeans:
    """Means over earlier periods at the same step of the period, per kind of day.

    Periods are days or weeks of the local clock. Both values of a repeated clock step count; a
    skipped one has none in that period.

    period  : steps of a day or a week
    places  : (panels,) number of places of each panel
    first   : (panels,) number of the period in which a panel begins
    periods : (panels,) P, number of periods from the first to the last one with a past, plus one
    mean    : (1 + sum n P period, K, kinds) before each period, at each of its steps; 0 if none
    count   : like mean, number of its values
    """

    period: int
    places: Tensor
    first: Tensor
    periods: Tensor
    mean: Tensor
    count: Tensor

    def rows(self, panel: Tensor, place: Tensor, step: Tensor, complete: Tensor) -> Tensor:
        """Rows of mean and count for local steps `step`, with values before `complete` only."""
        of_period = step % self.period
        # periods in which this step lies before both `step` and `complete`
        known = (complete - of_period + self.period - 1) // self.period
        number = torch.minimum(step // self.period, known) - self.first[panel]
        begin = starts(self.places * self.periods * self.period, first=1)[panel]
        return begin + (place * self.periods[panel] + number) * self.period + of_period


def flat_panels(panels: Sequence[Panel], horizon: int) -> FlatPanels:
    """Flat panels with a calendar of `horizon` steps beyond their end."""
    _check_alike(panels)
    week = 7 * panels[0].steps_per_day
    unknown = np.full((1, len(panels[0].tasks)), np.nan, dtype=np.float32)
    hours = [_hours_of_week(panel, horizon) for panel in panels]
    clocks = [_clock(panel, horizon) for panel in panels]
    sums = [_running(panel.values) for panel in panels]
    return FlatPanels(
        panels=tuple(panels),
        beyond=horizon,
        values=_flat([unknown, *(_rows(panel.values) for panel in panels)]),
        weekly=_seasonal_means(panels, clocks, week, [np.zeros_like(clock) for clock in clocks]),
        daily=_seasonal_means(
            panels, clocks, week // 7, [weekend(known).astype(np.int64) for known in hours]
        ),
        level=_flat([level for level, _ in sums]),
        measured=_flat([count for _, count in sums]),
        hours=_flat(hours),
        clock=_flat(clocks),
        complete=_flat([np.minimum.accumulate(clock[::-1])[::-1] for clock in clocks]),
        square=_flat([panel.around.reshape(len(panel.ids), -1) for panel in panels]),
        steps=torch.tensor([len(panel.times) for panel in panels]),
        places=torch.tensor([len(panel.ids) for panel in panels]),
    )


def starts(sizes: Tensor, first: int = 0) -> Tensor:
    """First index of each of several consecutive parts of these sizes."""
    return first + torch.cumsum(sizes, 0) - sizes


def calendar_features(hours: Tensor) -> Tensor:
    """Features (..., CALENDAR) of hours of the local week, 0 to 168."""
    day = 2 * torch.pi * hours / 24
    waves = [wave(angle) for angle in (day, 2 * day) for wave in (torch.sin, torch.cos)]
    weekdays = nn.functional.one_hot((hours // 24).long(), 7).float()
    features = torch.stack([*waves, (hours >= SATURDAY).float()], dim=-1)
    return torch.cat([features, weekdays], dim=-1)


def weekend(hours: Floats32) -> Mask:
    """Whether these hours of the local week are on a Saturday or Sunday."""
    return hours >= SATURDAY


def _seasonal_means(
    panels: Sequence[Panel], clocks: Sequence[Indices], period: int, kinds: Sequence[Indices]
) -> SeasonalMeans:
    """Seasonal means of each panel; kinds : kind of day at each step, from 0."""
    count = 1 + max(int(kind.max()) for kind in kinds)
    none = np.zeros((1, len(panels[0].tasks), count), dtype=np.float32)
    means, counts, first, periods = [none], [none], [], []
    for panel, clock, kind in zip(panels, clocks, kinds, strict=True):
        T = len(panel.times)
        first.append(int(clock[0]) // period)
        last = max(int(clock[:T].max()), int(clock[T]) - 1) // period
        periods.append(last - first[-1] + 2)
        step = clock[:T] - first[-1] * period
        mean, number = _means(panel.values, step, period, periods[-1], kind[:T], count)
        means.append(mean)
        counts.append(number)
    return SeasonalMeans(
        period=period,
        places=torch.tensor([len(panel.ids) for panel in panels]),
        first=torch.tensor(first),
        periods=torch.tensor(periods),
        mean=_flat(means),
        count=_flat(counts),
    )


def _means(
    values: Floats32, step: Indices, period: int, periods: int, kind: Indices, kinds: int
) -> tuple[Floats32, Floats32]:
    """Mean and number of the measured values before each period, at each of its steps.

    (n, T, K) -> (n periods period, K, kinds) each

    step : (T,) local step from the start of the first period
    """
    n, _, K = values.shape
    known = ~np.isnan(values)
    filled = np.where(known, values, 0)
    rows = (n * periods * period, K)
    means = np.empty((*rows, kinds), dtype=np.float32)
    counts = np.empty((*rows, kinds), dtype=np.float32)
    for number in range(kinds):
        counted = known & (kind == number)[:, None]
        total = _before(filled * counted, step, period, periods, np.float64)
        count = _before(counted, step, period, periods, np.float32)
        means[..., number] = (total / np.maximum(count, 1)).reshape(rows)
        counts[..., number] = count.reshape(rows)
    return means, counts


def _before(
    values: NDArray[np.generic], step: Indices, period: int, periods: int, dtype: type[np.floating]
) -> AnyFloats:
    """Sum of values (n, T, K) over all periods before each one, (n, periods, period, K)."""
    n, _, K = values.shape
    laid = np.zeros((n, periods * period, K), dtype=dtype)
    _, once = np.unique(step, return_index=True)
    laid[:, period + step[once]] = values[:, once]
    for again in np.delete(np.arange(len(step)), once):
        laid[:, period + step[again]] += values[:, again]
    by_period = laid.reshape(n, periods, period, K)
    return np.cumsum(by_period, axis=1, out=by_period)


def _running(values: Floats32) -> tuple[Floats, Floats]:
    """Sum over places and steps before each step, and number of its values; (T + 1, K)."""
    known = ~np.isnan(values)
    sums = np.where(known, values, 0).sum(axis=0, dtype=np.float64).cumsum(axis=0)
    counts = known.sum(axis=0, dtype=np.float64).cumsum(axis=0)
    none = np.zeros((1, values.shape[2]))
    return np.concatenate([none, sums]), np.concatenate([none, counts])


def _hours_of_week(panel: Panel, beyond: int) -> Floats32:
    local = _times(panel, beyond).tz_localize("UTC").tz_convert(panel.timezone)
    hours = local.day_of_week * 24 + local.hour + local.minute / 60
    return np.asarray(hours, dtype=np.float32)


def _clock(panel: Panel, beyond: int) -> Indices:
    return local_steps(_times(panel, beyond), panel.timezone, panel.steps_per_day)


def _times(panel: Panel, beyond: int) -> pd.DatetimeIndex:
    return pd.date_range(panel.times[0], periods=len(panel.times) + beyond, freq=panel.step)


def _check_alike(panels: Sequence[Panel]) -> None:
    if not panels:
        raise BadInput("Windows need at least one history.")
    first = panels[0]
    for panel in panels[1:]:
        for what in ("tasks", "step", "side"):
            one, other = getattr(first, what), getattr(panel, what)
            if one != other:
                raise BadInput(
                    f"Histories must have the same {what}: one has {one}, another {other}."
                )


def _rows(array: Floats32) -> Floats32:
    return array.reshape(-1, array.shape[2])


def _flat(parts: Sequence[NDArray[np.generic]]) -> Tensor:
    return torch.from_numpy(np.concatenate(parts))
