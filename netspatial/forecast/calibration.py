"""Intervals that cover what they promise: each is widened until it does on validation windows.

After training, for every network alike. The median stays where it is.
"""

import numpy as np
import torch
from torch import Tensor

from netspatial.forecast.forecaster import LEVELS, MEDIAN

NARROWEST, WIDEST = 0.2, 3.0
"""What validation windows may do to an interval; they are few, and of the past."""
MOST = 200_000
"""Values a task that are enough to measure a coverage by."""


def interval_factors(quantiles: Tensor, y: Tensor, interval_shrinkage: float = 1.0) -> Tensor:
    """Factors (K, Q) by which distances from the median are to grow.

    quantiles : (N, H, K, Q), y : (N, H, K), NaN where not measured
    interval_shrinkage  : power to which factors are taken; less than 1 where these windows are of few days,
                whose errors go together, and intervals had been learnt elsewhere
    The pair of levels a and 1 - a gets the factor with which it covers 1 - 2 a of the truth.
    """
    K = y.shape[2]
    factors = torch.ones(K, len(LEVELS))
    for task in range(K):
        known = ~y[:, :, task].isnan()
        truth, forecast = y[:, :, task][known], quantiles[:, :, task][known]
        every = max(1, len(truth) // MOST)
        truth, forecast = truth[::every], forecast[::every]
        if not len(truth):
            continue
        off = truth - forecast[:, MEDIAN]
        for low in range(MEDIAN):
            high = len(LEVELS) - 1 - low
            below = (forecast[:, MEDIAN] - forecast[:, low]).clamp(min=1e-6)
            above = (forecast[:, high] - forecast[:, MEDIAN]).clamp(min=1e-6)
            needed = torch.where(off < 0, -off / below, off / above)
            factor = float(np.quantile(needed.numpy(), LEVELS[high] - LEVELS[low]))
            factors[task, [low, high]] = min(max(factor, NARROWEST), WIDEST)
    return factors**interval_shrinkage


def scale_intervals(quantiles: Tensor, factors: Tensor) -> Tensor:
    """Quantiles (N, H, K, Q) with distances from the median grown, in rising order."""
    median = quantiles[..., MEDIAN : MEDIAN + 1]
    return (median + factors * (quantiles - median)).sort(dim=-1).values
