"""A batch of windows as the input of networks, normalised by its own input steps."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class WindowBatch:
    """B windows as network input; L input steps, H of horizon, K tasks, squares s x s.

    Each place and task is normalised by its own input: real = centre + scale * normalised. The
    centre is the mean of the measured values, the scale the mean absolute deviation, at least
    `windows.FLOOR` of the centre and of the mean of all places in these steps. Where a task has no
    measurement in the input, that mean of all places is centre and scale.

    x        : (B, L, s, s, K), 0 where unknown; the target in the middle
    seen     : (B, L, s, s, K) bool, whether measured
    calendar : (B, L + H, C) local day as waves, weekend, each weekday
    hour     : (B, L + H) long, hour of the local week
    clock    : (B, L + H) long, local steps since Monday 00:00 of a week; one day differs by the
               steps of a day, also across a change of the clock
    seasonal_means  : (B, L + H, K, 2) of the target's past, normalised, 0 if none: same hour of all
               earlier weeks, and of all earlier days of the same kind (weekend or not)
    seasonal_counts : (B, L + H, K, 2) number of values of each mean
    y        : (B, H, K), NaN where not measured
    centre, scale : (B, K) of the target, in real units
    level    : (B, K) mean of all places in the input steps, in real units, positive
    row      : (B,) position in the windows
    """

    x: Tensor
    seen: Tensor
    calendar: Tensor
    hour: Tensor
    clock: Tensor
    seasonal_means: Tensor
    seasonal_counts: Tensor
    y: Tensor
    centre: Tensor
    scale: Tensor
    level: Tensor
    row: Tensor

    def ago(self, steps: int, period: int) -> tuple[Tensor, Tensor]:
        """Input steps (B, H) some local steps before each step of the horizon; whether they exist.

        The first `period` steps of the horizon are shifted by `steps`, later periods repeat them.
        Where no such step lies in the input, the nearest one is returned with False. For repeated
        clock steps it is the later one, for skipped ones the next.
        """
        L = self.x.shape[1]
        step = torch.arange(self.y.shape[1], device=self.x.device)
        by_count = L - steps + step % period
        wanted = self.clock[:, L:] - steps - step // period * period
        at = by_count + wanted - self.clock[:, by_count]
        return at.clamp(0, L - 1), (at >= 0) & (at < L)

    def own_ago(self, steps: int, period: int) -> tuple[Tensor, Tensor]:
        """Input of the target at the steps of `ago`, (B, H, K), 0 where unknown; and a mask."""
        at, inside = self.ago(steps, period)
        index = at[..., None].expand(-1, -1, self.y.shape[2])
        known = self.own_seen.gather(1, index) & inside[..., None]
        return torch.where(known, self.own.gather(1, index), 0.0), known

    @property
    def own(self) -> Tensor:
        """Input of the target, (B, L, K)."""
        middle = self.x.shape[2] // 2
        return self.x[:, :, middle, middle]

    @property
    def own_seen(self) -> Tensor:
        """Mask of the measured input of the target, (B, L, K)."""
        middle = self.x.shape[2] // 2
        return self.seen[:, :, middle, middle]

    def real(self, normalised: Tensor) -> Tensor:
        """From normalised (B, H, K) or (B, H, K, Q) to real units."""
        centre, scale = self.centre[:, None], self.scale[:, None]
        if normalised.ndim == 4:
            centre, scale = centre[..., None], scale[..., None]
        return centre + scale * normalised

    def to(self, device: torch.device | str) -> "WindowBatch":
        """The same batch on another device."""
        return WindowBatch(*(getattr(self, name).to(device) for name in self.__dataclass_fields__))
