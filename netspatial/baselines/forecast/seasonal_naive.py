"""Seasonal naive: what was measured a season ago comes again.

A season is a week where the input holds a whole one, else a day.
"""

import torch
from torch import Tensor

from netspatial.baselines.forecast.persistence import persistence
from netspatial.forecast.windows import Batch


def seasonal_naive(batch: Batch, steps_per_day: int) -> Tensor:
    """The value one season before, (B, H, K); where it is unknown, the last known value."""
    L = batch.x.shape[1]
    season = 7 * steps_per_day if 7 * steps_per_day <= L else min(steps_per_day, L)
    own, known = batch.own_ago(season, season)
    return torch.where(known, own, persistence(batch, steps_per_day))
