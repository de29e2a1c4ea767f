"""Input features and quantile head shared by all baselines.

All baselines read the same information as Sim-MSTNet: values and their mask, the calendar, the same
hour of earlier days and weeks, and for spatial methods the square of neighbours.
"""

from collections.abc import Callable
from dataclasses import replace
from statistics import NormalDist

import torch
from torch import Tensor, nn

from netspatial.forecast.forecaster import LEVELS
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.window_batch import WindowBatch
from netspatial.forecast.window_index import SEASONAL_MEANS

FIRST_SPREAD = 0.4
"""Standard deviation of the initial quantiles, normalised."""
WAVES, KINDS = 4, 3
"""Number of daily calendar features, and width of the trained weekday embedding."""
PATCHES = 12
"""Input steps of the spatial methods, each a patch of some hours: STGCN, DCRNN and STAEformer were
published for twelve input steps."""


def own_steps(batch: WindowBatch) -> Tensor:
    """Features (B, L, 2 K + C) of the target's input: values, mask, calendar."""
    L = batch.x.shape[1]
    return torch.cat([batch.own, batch.own_seen.float(), batch.calendar[:, :L]], dim=-1)


def ahead(batch: WindowBatch) -> Tensor:
    """Calendar (B, H, C) of the horizon."""
    return batch.calendar[:, batch.x.shape[1] :]


def patches_around(batch: WindowBatch, patches: int = PATCHES) -> Tensor:
    """Features (B, P, N, F) of the N places of the square in P patches of equal length.

    F = 2 K p + C: values and masks of all p steps of a patch, and its mean calendar. The input is
    padded in front with unknown steps.
    """
    B, L, s, _, K = batch.x.shape
    p = steps_a_patch(L, patches)
    empty = patches * p - L
    values = torch.cat([batch.x, batch.seen.to(batch.x.dtype)], dim=-1).reshape(B, L, s * s, 2 * K)
    values = torch.unflatten(_front(values, empty), 1, (patches, p))  # (B, P, p, N, 2 K)
    calendar = torch.unflatten(_front(batch.calendar[:, :L], empty), 1, (patches, p)).mean(dim=2)
    calendar = calendar[:, :, None].expand(-1, -1, s * s, -1)
    return torch.cat([values.permute(0, 1, 3, 2, 4).flatten(3), calendar], dim=-1)


def patches_ahead(batch: WindowBatch, patches: int = PATCHES) -> Tensor:
    """Calendar (B, P', C) of the horizon in patches as long as those of the input."""
    calendar = ahead(batch)
    p = steps_a_patch(batch.x.shape[1], patches)
    missing = -calendar.shape[1] % p
    if missing:
        last = calendar[:, -1:].expand(-1, missing, -1)
        calendar = torch.cat([calendar, last], dim=1)
    return torch.unflatten(calendar, 1, (-1, p)).mean(dim=2)


def steps_a_patch(context_length: int, patches: int = PATCHES) -> int:
    """Steps per patch."""
    return -(-context_length // patches)


def patch_features(spec: NetworkSpec, patches: int = PATCHES) -> int:
    """Features of a place per patch, F."""
    return 2 * spec.tasks * steps_a_patch(spec.context_length, patches) + spec.calendar


def present(batch: WindowBatch) -> Tensor:
    """Mask (B, N) of places of the square with measurements; the target is always included."""
    B, _, s, _, _ = batch.x.shape
    known = batch.seen.any(dim=-1).any(dim=1).reshape(B, s * s)
    known[:, s * s // 2] = True
    return known


def near(side: int) -> Tensor:
    """Gaussian adjacency (N, N) of positions in the square, 0 beyond two places and to itself."""
    row, col = (axis.flatten() for axis in torch.meshgrid(*[torch.arange(side)] * 2, indexing="ij"))
    squared = ((row[:, None] - row) ** 2 + (col[:, None] - col) ** 2).float()
    weights = torch.exp(-squared / 2)
    weights[(squared > 4) | (squared == 0)] = 0
    return weights


class Head(nn.Module):
    """From features (..., width) to quantiles of `outputs` numbers, (..., outputs, Q)."""

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.outputs = outputs
        self.out = nn.Linear(width, outputs * len(LEVELS))
        normal = [FIRST_SPREAD * NormalDist().inv_cdf(level) for level in LEVELS]
        with torch.no_grad():
            self.out.weight.mul_(0.1)
            self.out.bias.copy_(torch.tensor(normal).repeat(outputs))

    def forward(self, features: Tensor) -> Tensor:
        """Quantiles of each output."""
        return torch.unflatten(self.out(features), -1, (self.outputs, len(LEVELS)))


class BaselineNetwork(nn.Module):
    """A baseline network with weekday embedding and linear seasonal skip connection.

    Both start at zero, so that weekdays and weeks absent from a short history have no effect. The
    skip connection reads the same hour of earlier days and weeks; without it no method reaches the
    hour-of-day mean on a few days of history.
    """

    def __init__(self, make: Callable[[NetworkSpec], nn.Module], spec: NetworkSpec) -> None:
        super().__init__()
        self.weekday = nn.Linear(spec.calendar - WAVES, KINDS, bias=False)
        nn.init.zeros_(self.weekday.weight)
        self.method = make(replace(spec, calendar=WAVES + KINDS))
        self.steps_per_day = spec.steps_per_day
        self.days = spec.context_length // spec.steps_per_day
        self.line = nn.Parameter(torch.zeros(spec.tasks, self.days + SEASONAL_MEANS))

    def forward(self, batch: WindowBatch) -> Tensor:
        """Quantiles (B, H, K, Q) of the method plus the skip connection."""
        waves, days = batch.calendar[..., :WAVES], batch.calendar[..., WAVES:]
        calendar = torch.cat([waves, self.weekday(days)], dim=-1)
        quantiles: Tensor = self.method(replace(batch, calendar=calendar))
        return quantiles + (self.line * self.earlier(batch)).sum(dim=-1)[..., None]

    def earlier(self, batch: WindowBatch) -> Tensor:
        """Same hour of each input day, and seasonal means, (B, H, K, days + 2)."""
        L, per_day = batch.x.shape[1], self.steps_per_day
        ago = [batch.own_ago((day + 1) * per_day, per_day)[0] for day in range(self.days)]
        return torch.stack([*ago, *batch.seasonal_means[:, L:].unbind(dim=-1)], dim=-1)


def _front(x: Tensor, steps: int) -> Tensor:
    """Pad x (B, T, ...) with steps of zeros in front."""
    if steps == 0:
        return x
    return torch.cat([x.new_zeros(x.shape[0], steps, *x.shape[2:]), x], dim=1)
