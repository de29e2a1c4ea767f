"""Windows of input and horizon over measured history, as batches for networks.

Sim-MSTNet and the baselines read the same windows with the same normalisation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from netspatial.arrays import Floats32, Indices, Mask
from netspatial.errors import BadInput
from netspatial.forecast.panel import Panel
from netspatial.forecast.window_batch import WindowBatch
from netspatial.forecast.window_index import (
    HOLE_ROW,
    SATURDAY,
    FlatPanels,
    SeasonalMeans,
    calendar_features,
    flat_panels,
    starts,
)

REAL = -1
"""Configuration of measured windows."""
FLOOR = 0.05
"""Minimum scale of a window, as a part of its own mean and of the mean of all places."""


@dataclass(frozen=True)
class WindowSpec:
    """Length of a window, in steps."""

    context_length: int
    """Number of input steps."""
    horizon: int
    """Number of forecast steps."""

    def __post_init__(self) -> None:
        """Raise an error for empty windows."""
        if self.context_length < 1 or self.horizon < 1:
            raise BadInput("A window needs at least one step of input and one of horizon.")


@dataclass(frozen=True, eq=False)
class Windows:
    """N windows over panels.

    panel, place : (N,) index of the panel, and of the target place in it
    origin       : (N,) step of the panel where the horizon begins
    config       : (N,) index of the simulated configuration, -1 for real windows
    """

    shape: WindowSpec
    flat: FlatPanels
    panel: Indices
    place: Indices
    origin: Indices
    config: Indices

    @classmethod
    def cut(
        cls,
        panels: Sequence[Panel],
        shape: WindowSpec,
        *,
        every: int = 1,
        first: int = 0,
        last: int | None = None,
        least: int | None = None,
        places: Indices | None = None,
        config: Indices | Sequence[int] | None = None,
    ) -> "Windows":
        """All windows whose horizon lies in the steps from `first` up to but excluding `last`.

        Input may lie before `first`. Windows without a measurement of the place in the horizon or
        in the input are left out.

        every  : steps from one origin to the next
        least  : input steps that must lie within the history, default all; earlier ones are unknown
        places : target places, default all; all places are neighbours
        config : configuration of each simulated panel
        """
        flat = flat_panels(panels, shape.horizon)
        least = shape.context_length if least is None else least
        found: list[tuple[int, Indices, Indices]] = []
        for number, panel in enumerate(panels):
            end = min(len(panel.times), last if last is not None else len(panel.times))
            origins = np.arange(max(first, least), end - shape.horizon + 1, every)
            targets = np.arange(len(panel.ids)) if places is None else np.asarray(places)
            kept = _useful(panel, targets, origins, shape)
            rows, columns = np.nonzero(kept)
            found.append((number, targets[rows], origins[columns]))
        if not sum(len(place) for _, place, _ in found):
            raise BadInput(_too_short(panels, shape, first, last, least))
        marks = np.full(len(panels), REAL) if config is None else np.asarray(config)
        panel_of = np.concatenate([np.full(len(place), number) for number, place, _ in found])
        return cls(
            shape=shape,
            flat=flat,
            panel=panel_of,
            place=np.concatenate([place for _, place, _ in found]),
            origin=np.concatenate([origin for _, _, origin in found]),
            config=marks[panel_of].astype(np.int64),
        )

    @classmethod
    def latest(cls, panels: Sequence[Panel], shape: WindowSpec) -> "Windows":
        """Windows whose horizon begins at the end of the histories, one per place."""
        for panel in panels:
            if len(panel.times) < shape.context_length:
                raise BadInput(
                    _too_short([panel], shape, 0, None, shape.context_length, ahead=True)
                )
        counts = [len(panel.ids) for panel in panels]
        ends = [len(panel.times) for panel in panels]
        return cls(
            shape=shape,
            flat=flat_panels(panels, shape.horizon),
            panel=np.repeat(np.arange(len(panels)), counts),
            place=np.concatenate([np.arange(count) for count in counts]),
            origin=np.repeat(ends, counts),
            config=np.full(sum(counts), REAL),
        )

    @classmethod
    def join(cls, a: "Windows", b: "Windows") -> "Windows":
        """Windows of both, those of `a` first."""
        if a.shape != b.shape:
            raise BadInput(f"Windows of {a.shape} and {b.shape} cannot be joined.")
        shift = len(a.panels)
        return cls(
            shape=a.shape,
            flat=flat_panels([*a.panels, *b.panels], a.shape.horizon),
            panel=np.concatenate([a.panel, b.panel + shift]),
            place=np.concatenate([a.place, b.place]),
            origin=np.concatenate([a.origin, b.origin]),
            config=np.concatenate([a.config, b.config]),
        )

    def __len__(self) -> int:
        return len(self.origin)

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Histories of the windows."""
        return self.flat.panels

    @property
    def tasks(self) -> tuple[str, ...]:
        """Names of the K tasks."""
        return self.panels[0].tasks

    def take(self, rows: Indices) -> "Windows":
        """These windows only, in this order."""
        return replace(
            self,
            panel=self.panel[rows],
            place=self.place[rows],
            origin=self.origin[rows],
            config=self.config[rows],
        )

    def with_tasks(self, names: Sequence[str]) -> "Windows":
        """The same windows with these tasks only."""
        panels = [panel.with_tasks(names) for panel in self.panels]
        return replace(self, flat=flat_panels(panels, self.shape.horizon))

    def truth(self) -> Floats32:
        """Actual values of the horizon, (N, H, K) in real units, NaN where not measured."""
        rows = torch.arange(len(self))
        steps = torch.arange(self.shape.horizon)
        found: Floats32 = self.flat.values[self._own(rows, steps)].numpy()
        return found

    def past(self) -> Floats32:
        """Input values, (N, L, K) in real units, NaN where not measured."""
        rows = torch.arange(len(self))
        steps = torch.arange(-self.shape.context_length, 0)
        found: Floats32 = self.flat.values[self._own(rows, steps)].numpy()
        return found

    def batch(self, rows: Indices | Tensor) -> WindowBatch:
        """Batch of these windows."""
        row = torch.as_tensor(rows)
        L, H = self.shape.context_length, self.shape.horizon
        flat, side = self.flat, self.panels[0].side
        steps = torch.arange(-L, H)
        panel, _, origin = self._where(row)

        level = self._level(panel, origin)
        values = flat.values[self._around(row, steps[:L])]  # (B, s*s, L, K)
        seen = ~values.isnan()
        centre, scale = _normalisation(values.nan_to_num(), seen, level)
        x = torch.where(seen, (values - centre[:, :, None]) / scale[:, :, None], 0.0)
        middle = side * side // 2
        own_centre, own_scale = centre[:, middle], scale[:, middle]

        y = flat.values[self._own(row, steps[L:])]
        begin = starts(flat.steps + flat.beyond)[panel]
        at = begin[:, None] + (origin[:, None] + steps).clamp(min=0)
        hours, clock = flat.hours[at], flat.clock[at]
        means, counts = self._seasonal_means(row, steps, clock, hours >= SATURDAY)
        means = (means - own_centre[:, None, :, None]) / own_scale[:, None, :, None]
        return WindowBatch(
            x=x.transpose(1, 2).reshape(len(row), L, side, side, -1),
            seen=seen.transpose(1, 2).reshape(len(row), L, side, side, -1),
            calendar=calendar_features(hours),
            hour=hours.long(),
            clock=clock,
            seasonal_means=torch.where(counts > 0, means, 0.0),
            seasonal_counts=counts,
            y=(y - own_centre[:, None]) / own_scale[:, None],
            centre=own_centre,
            scale=own_scale,
            level=level,
            row=row,
        )

    def _where(self, row: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        index = row.numpy()
        return (
            torch.from_numpy(self.panel[index]),
            torch.from_numpy(self.place[index]),
            torch.from_numpy(self.origin[index]),
        )

    def _own(self, row: Tensor, steps: Tensor) -> Tensor:
        """Rows of the flat values of the target at steps from the origin, (B, len(steps))."""
        panel, place, origin = self._where(row)
        return self._values_at(panel[:, None], place[:, None], origin[:, None] + steps)

    def _around(self, row: Tensor, steps: Tensor) -> Tensor:
        """Rows of the flat values around the target, (B, s * s, len(steps))."""
        panel, place, origin = self._where(row)
        near = self.flat.square[starts(self.flat.places)[panel] + place][:, :, None]
        at = self._values_at(panel[:, None, None], near, origin[:, None, None] + steps)
        return torch.where(near >= 0, at, HOLE_ROW)

    def _values_at(self, panel: Tensor, place: Tensor, step: Tensor) -> Tensor:
        flat = self.flat
        length = flat.steps[panel]
        begin = starts(flat.places * flat.steps, first=1)[panel]
        inside = (step >= 0) & (step < length)
        return torch.where(inside, begin + place * length + step, HOLE_ROW)

    def _seasonal_means(
        self, row: Tensor, steps: Tensor, clock: Tensor, weekend: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Seasonal means (B, L + H, K, 2) in real units, and the number of values of each."""
        weekly, daily = self.flat.weekly, self.flat.daily
        at = self._past_at(weekly, row, steps, clock)
        week = weekly.mean[at][..., 0], weekly.count[at][..., 0]
        at = self._past_at(daily, row, steps, clock)
        kind = weekend.long()[..., None, None].expand(-1, -1, daily.mean.shape[1], 1)
        day = [part[at].gather(-1, kind)[..., 0] for part in (daily.mean, daily.count)]
        mean, count = (torch.stack(pair, dim=-1) for pair in zip(week, day, strict=True))
        return mean, count

    def _past_at(self, past: SeasonalMeans, row: Tensor, steps: Tensor, clock: Tensor) -> Tensor:
        """Rows of the flat seasonal means, (B, len(steps)), without values after the origin."""
        flat = self.flat
        panel, place, origin = self._where(row)
        complete = flat.complete[starts(flat.steps + flat.beyond)[panel] + origin]
        at = past.rows(panel[:, None], place[:, None], clock, complete[:, None])
        return torch.where(origin[:, None] + steps >= 0, at, HOLE_ROW)

    def _level(self, panel: Tensor, origin: Tensor) -> Tensor:
        """Mean over all places of a panel in the input steps, (B, K); 1 where all is zero."""
        flat = self.flat
        begin = starts(flat.steps + 1)[panel]
        first = (origin - self.shape.context_length).clamp(min=0)
        last = torch.minimum(origin, flat.steps[panel])
        total = flat.level[begin + last] - flat.level[begin + first]
        count = flat.measured[begin + last] - flat.measured[begin + first]
        mean = (total / count.clamp(min=1)).float()
        return torch.where(mean > 0, mean, 1.0)


def _normalisation(values: Tensor, seen: Tensor, level: Tensor) -> tuple[Tensor, Tensor]:
    """Centre and scale (B, places, K) of values (B, places, L, K), as `WindowBatch` states it."""
    count = seen.sum(dim=2)
    known = count > 0
    among = level[:, None].expand(known.shape)
    centre = torch.where(known, values.sum(dim=2) / count.clamp(min=1), among)
    off = torch.where(seen, (values - centre[:, :, None]).abs(), 0.0)
    spread = torch.where(known, off.sum(dim=2) / count.clamp(min=1), among)
    return centre, torch.maximum(spread, FLOOR * torch.maximum(centre, among))


def _useful(panel: Panel, places: Indices, origins: Indices, shape: WindowSpec) -> Mask:
    """Mask (place, origin) of windows with measurements before and after the origin."""
    known = ~np.isnan(panel.values[places]).all(axis=2)
    so_far = np.zeros((len(places), known.shape[1] + 1), dtype=np.int64)
    np.cumsum(known, axis=1, out=so_far[:, 1:])
    before = so_far[:, origins] - so_far[:, np.maximum(origins - shape.context_length, 0)]
    after = so_far[:, origins + shape.horizon] - so_far[:, origins]
    useful: Mask = (before > 0) & (after > 0)
    return useful


def _too_short(
    panels: Sequence[Panel],
    shape: WindowSpec,
    first: int,
    last: int | None,
    least: int,
    *,
    ahead: bool = False,
) -> str:
    longest = max(panels, key=lambda panel: len(panel.times))
    ends = min(len(longest.times), last if last is not None else len(longest.times))
    needed = least if ahead else max(first, least) + shape.horizon
    if ends >= needed:
        return "There is no measurement in the selected steps of the history."
    per_day = longest.steps_per_day
    rest = "" if ahead else f" and a horizon of {shape.horizon}"
    return (
        f"The history has {ends} steps ({ends / per_day:.1f} days); an input of {least} "
        f"steps{rest} needs {needed} ({needed / per_day:.1f} days)."
    )
