"""What such an hour was like before: a seasonal template that a network corrects.

For each hour of the horizon: the same hour of the days of the input, of all earlier weeks, and of
all earlier days of the same kind, mixed by how like the days are. The mixture is a softmax of a few
learnt weights that begin at sensible values; what history has never shown keeps those.
"""

import torch
from torch import Tensor, nn

from netspatial.forecast.windows import Batch

FIRST = {
    "day": 0.0,
    "kind": 1.5,
    "weekday": 0.0,
    "ago": -0.3,
    "week": 0.5,
    "kind_mean": 1.0,
    "count": 1.0,
    "shift": -0.5,
}
"""First weight of what is known of a candidate: a day of the input; of the same kind of day as the
target, of the same weekday, days ago; mean of the target's weekday, of its kind of day; log of how
many values it is of; shifted by how the input lies to its own mean."""
WEEK, KIND = 0, 1
"""Places of the means of the past in the memory of a batch."""
FALL_BACK = -2.0
"""Weight of the mean of the input, which is always there."""


class SeasonalBaseline(nn.Module):
    """Mixes earlier values of the same hour into a first forecast, each task in its own way."""

    def __init__(self, tasks: int, steps_per_day: int) -> None:
        super().__init__()
        self.steps_per_day = steps_per_day
        first = torch.tensor(list(FIRST.values()))
        self.weight = nn.Parameter(first.repeat(tasks, 1))

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The first forecast (B, H, K) and its candidates with a flag each, (B, H, K, 2 J)."""
        values, known, metadata = self.candidates(batch)
        score = (metadata * self.weight[:, None]).sum(dim=-1).masked_fill(~known, -1e4)
        weights = nn.functional.pad(score, (0, 1), value=FALL_BACK).softmax(dim=-1)[..., :-1]
        return (weights * values).sum(dim=-1), torch.cat([values, known.float()], dim=-1)

    def candidates(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Values (B, H, K, J), whether they are known, and what FIRST weighs of each."""
        L, H = batch.own.shape[1], batch.y.shape[1]
        step = torch.arange(H, device=batch.x.device)
        coming = batch.hour[:, L:] // 24
        parts = []
        for ago in range(1, L // self.steps_per_day + 1):
            back = ago * self.steps_per_day
            day = batch.hour.gather(1, batch.ago(back, self.steps_per_day)[0]) // 24
            own, seen = batch.own_ago(back, self.steps_per_day)
            metadata = _told(
                own,
                day=1.0,
                kind=((coming >= 5) == (day >= 5)).float()[..., None],
                weekday=(coming == day).float()[..., None],
                ago=(ago + step // self.steps_per_day).float()[:, None],
            )
            parts.append((own, seen, metadata))
        for number, name in ((WEEK, "week"), (KIND, "kind_mean")):
            mean, count = batch.memory[:, L:, :, number], batch.recalled[:, L:, :, number]
            for shift in (0.0, 1.0):
                facts: dict[str, Tensor | float] = {name: 1.0, "shift": shift}
                facts["count"] = torch.log1p(count)
                moved = mean + shift * _drift(batch, number)
                parts.append((moved, count > 0, _told(count, **facts)))
        values, known, metadata = (torch.stack(part, dim=3) for part in zip(*parts, strict=True))
        return values, known, metadata


def candidates(context_length: int, steps_per_day: int) -> int:
    """How many candidates J a template of this input mixes."""
    return context_length // steps_per_day + 4


def _told(like: Tensor, **facts: Tensor | float) -> Tensor:
    """What FIRST weighs, (..., len(FIRST)) for a shape like this; what is not told is 0."""
    shape = like.shape
    columns = [
        torch.as_tensor(facts.get(name, 0.0), device=like.device).expand(shape) for name in FIRST
    ]
    return torch.stack(columns, dim=-1)


def _drift(batch: Batch, number: int) -> Tensor:
    """By how much the input lies above what memory had for it, (B, 1, K)."""
    L = batch.own.shape[1]
    both = batch.own_seen & (batch.recalled[:, :L, :, number] > 0)
    off = torch.where(both, batch.own - batch.memory[:, :L, :, number], 0.0)
    return off.sum(dim=1, keepdim=True) / both.sum(dim=1, keepdim=True).clamp(min=1)
