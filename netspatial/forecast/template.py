"""What a day looked like before: a seasonal template that a network corrects.

For each hour of the horizon: the same hour of the days of the input, and the mean of the same hour
of earlier weeks, mixed by how like the days are. The network learns the mixture and what is
left over.
"""

import torch
from torch import Tensor, nn

from netspatial.forecast.windows import Batch

FEATURES = 6
"""Of a candidate: memory or a day, days ago, same kind of day, same weekday, weeks, shifted."""


class Template(nn.Module):
    """Mixes earlier values of the same hour into a first forecast."""

    def __init__(self, steps_per_day: int, hidden: int = 16) -> None:
        super().__init__()
        self.steps_per_day = steps_per_day
        self.score = nn.Sequential(nn.Linear(FEATURES, hidden), nn.GELU(), nn.Linear(hidden, 1))

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The first forecast (B, H, K) and its candidates with a flag each, (B, H, K, 2 J)."""
        values, known, told = self.candidates(batch)
        logits = self.score(told)[..., 0].masked_fill(~known, -1e4)
        # the mean of the input, which is 0, is always there to fall back on
        logits = nn.functional.pad(logits, (0, 1), value=-4.0)
        weights = logits.softmax(dim=-1)[..., :-1]
        return (weights * values).sum(dim=-1), torch.cat([values, known.float()], dim=-1)

    def candidates(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Values (B, H, K, J), whether they are known, and FEATURES of each."""
        own, seen = batch.own, batch.own_seen
        L, H = own.shape[1], batch.y.shape[1]
        per_day = self.steps_per_day
        step = torch.arange(H, device=own.device)
        values, known, told = [], [], []
        target = batch.hour[:, L:]
        for ago in range(1, L // per_day + 1):
            at = step % per_day + L - ago * per_day
            values.append(own[:, at])
            known.append(seen[:, at])
            day = batch.hour[:, at] // 24
            same_kind = ((target // 24 >= 5) == (day >= 5)).float()
            same_day = (target // 24 == day).float()
            distance = (step // per_day + ago).expand_as(same_kind) / 7
            zero = torch.zeros_like(same_kind)
            told.append(torch.stack([zero, distance, same_kind, same_day, zero, zero], dim=-1))
        told = [facts[:, :, None].expand(-1, -1, own.shape[2], -1) for facts in told]
        for shift in (False, True):
            values.append(batch.memory[:, L:] + (self._drift(batch) if shift else 0.0))
            weeks = batch.weeks[:, L:]
            known.append(weeks > 0)
            one = torch.ones_like(weeks)
            facts = [one, 0 * one, one, one, torch.log1p(weeks), one * float(shift)]
            told.append(torch.stack(facts, dim=-1))
        return torch.stack(values, -1), torch.stack(known, -1), torch.stack(told, -2)

    def _drift(self, batch: Batch) -> Tensor:
        """By how much the input lies above its own memory, (B, 1, K)."""
        L = batch.own.shape[1]
        both = batch.own_seen & (batch.weeks[:, :L] > 0)
        off = torch.where(both, batch.own - batch.memory[:, :L], 0.0).sum(dim=1, keepdim=True)
        return off / both.sum(dim=1, keepdim=True).clamp(min=1)
