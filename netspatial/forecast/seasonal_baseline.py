"""Seasonal baseline that a network corrects.

For each hour of the horizon: a weighted mean of the same hour on the input days, in all earlier
weeks and on all earlier days of the same kind. The weights are a softmax of a few trained
coefficients with sensible initial values, which remain for features absent from training.
"""

import torch
from torch import Tensor, nn

from netspatial.forecast.window_batch import WindowBatch

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
"""Initial coefficients of a candidate's features: a day of the input; same kind of day as the
target, same weekday, days ago; mean of the target's weekday, of its kind of day; log of the number
of values; shifted by the deviation of the input from its own mean."""
WEEK, KIND = 0, 1
"""Indices in the seasonal means of a batch."""
FALL_BACK = -2.0
"""Score of the mean of the input, which is always known."""


class SeasonalBaseline(nn.Module):
    """Weighted mean of earlier values at the same hour, with coefficients per task.

    Parameters
    ----------
    tasks : int
        Number of tasks K.
    steps_per_day : int
        24 for hours.
    """

    def __init__(self, tasks: int, steps_per_day: int) -> None:
        super().__init__()
        self.steps_per_day = steps_per_day
        first = torch.tensor(list(FIRST.values()))
        self.weight = nn.Parameter(first.repeat(tasks, 1))

    def forward(self, batch: WindowBatch) -> tuple[Tensor, Tensor]:
        """Baseline, and its candidates with a mask each.

        Parameters
        ----------
        batch : WindowBatch
            B windows.

        Returns
        -------
        baseline : Tensor (B, H, K)
            Normalised.
        candidates : Tensor (B, H, K, 2 J)
            J values, and whether each is known.
        """
        values, known, features = self.candidates(batch)
        score = (features * self.weight[:, None]).sum(dim=-1).masked_fill(~known, -1e4)
        weights = nn.functional.pad(score, (0, 1), value=FALL_BACK).softmax(dim=-1)[..., :-1]
        return (weights * values).sum(dim=-1), torch.cat([values, known.float()], dim=-1)

    def candidates(self, batch: WindowBatch) -> tuple[Tensor, Tensor, Tensor]:
        """Candidates of the baseline with their features.

        Parameters
        ----------
        batch : WindowBatch
            B windows.

        Returns
        -------
        values : Tensor (B, H, K, J)
            Normalised.
        known : Tensor (B, H, K, J) of bool
            Whether each is known.
        features : Tensor (B, H, K, J, F)
            As in `FIRST`.
        """
        L, H = batch.own.shape[1], batch.y.shape[1]
        step = torch.arange(H, device=batch.x.device)
        coming = batch.hour[:, L:] // 24
        parts = []
        for ago in range(1, L // self.steps_per_day + 1):
            back = ago * self.steps_per_day
            day = batch.hour.gather(1, batch.ago(back, self.steps_per_day)[0]) // 24
            own, seen = batch.own_ago(back, self.steps_per_day)
            features = _features(
                own,
                day=1.0,
                kind=((coming >= 5) == (day >= 5)).float()[..., None],
                weekday=(coming == day).float()[..., None],
                ago=(ago + step // self.steps_per_day).float()[:, None],
            )
            parts.append((own, seen, features))
        for number, name in ((WEEK, "week"), (KIND, "kind_mean")):
            mean = batch.seasonal_means[:, L:, :, number]
            count = batch.seasonal_counts[:, L:, :, number]
            for shift in (0.0, 1.0):
                present: dict[str, Tensor | float] = {name: 1.0, "shift": shift}
                present["count"] = torch.log1p(count)
                moved = mean + shift * _drift(batch, number)
                parts.append((moved, count > 0, _features(count, **present)))
        values, known, features = (torch.stack(part, dim=3) for part in zip(*parts, strict=True))
        return values, known, features


def candidates(context_length: int, steps_per_day: int) -> int:
    """Number of candidates J for this input.

    Parameters
    ----------
    context_length : int
        Number of input steps.
    steps_per_day : int
        24 for hours.

    Returns
    -------
    int

    Examples
    --------
    >>> candidates(context_length=168, steps_per_day=24)
    11
    """
    return context_length // steps_per_day + 4


def _features(like: Tensor, **present: Tensor | float) -> Tensor:
    """Features as in FIRST, (..., len(FIRST)) for the shape of `like`; absent ones are 0."""
    shape = like.shape
    columns = [
        torch.as_tensor(present.get(name, 0.0), device=like.device).expand(shape) for name in FIRST
    ]
    return torch.stack(columns, dim=-1)


def _drift(batch: WindowBatch, number: int) -> Tensor:
    """Mean deviation of the input from its seasonal means, (B, 1, K)."""
    L = batch.own.shape[1]
    both = batch.own_seen & (batch.seasonal_counts[:, :L, :, number] > 0)
    off = torch.where(both, batch.own - batch.seasonal_means[:, :L, :, number], 0.0)
    return off.sum(dim=1, keepdim=True) / both.sum(dim=1, keepdim=True).clamp(min=1)
