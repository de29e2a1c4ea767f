"""Hour-of-week mean: what was measured at this hour of all weeks so far, in the mean."""

import torch
from torch import Tensor

from netspatial.forecast.windows import Batch


def hour_of_week(batch: Batch, steps_per_day: int) -> Tensor:
    """Mean (B, H, K) of the same hour of earlier weeks.

    Where there are none: of earlier days that are of a weekend or not alike; else of the days of
    the input; else of the whole input.
    """
    L = batch.x.shape[1]
    total = torch.zeros_like(batch.y)
    count = torch.zeros_like(batch.y)
    for ago in range(1, L // steps_per_day + 1):
        own, known = batch.own_ago(ago * steps_per_day, steps_per_day)
        total += own
        count += known
    # unknown steps hold 0, which is the mean of the input
    best = total / count.clamp(min=1)
    memory, recalled = batch.memory[:, L:], batch.recalled[:, L:]
    for kind in (1, 0):
        best = torch.where(recalled[..., kind] > 0, memory[..., kind], best)
    return best
