"""Calibration of prediction intervals on validation windows, after training.

Each interval is scaled about the median to its nominal coverage; the median does not change.
"""

import numpy as np
import torch
from torch import Tensor

from netspatial.forecast.forecaster import LEVELS, MEDIAN

NARROWEST, WIDEST = 0.2, 3.0
"""Limits of the factors; validation windows are few, and from the past."""
MOST = 200_000
"""Maximum number of values per task used for the coverage."""


def interval_factors(quantiles: Tensor, y: Tensor, interval_shrinkage: float = 1.0) -> Tensor:
    """Factors of the distances from the median that give each interval its nominal coverage.

    Parameters
    ----------
    quantiles : Tensor (N, H, K, Q)
        Forecast quantiles at `LEVELS`.
    y : Tensor (N, H, K)
        Measured values, NaN where not measured.
    interval_shrinkage : float
        Exponent of the factors; below 1 where these windows span few days with correlated errors
        and the intervals were trained elsewhere.

    Returns
    -------
    Tensor (K, Q)
        The levels a and 1 - a get the factor with which they cover 1 - 2 a of the values, limited
        to `NARROWEST` and `WIDEST`.
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
    """Quantiles with scaled distances from the median, in rising order.

    Parameters
    ----------
    quantiles : Tensor (N, H, K, Q)
        Forecast quantiles at `LEVELS`.
    factors : Tensor (K, Q)
        Of `interval_factors`.

    Returns
    -------
    Tensor (N, H, K, Q)

    Examples
    --------
    >>> quantiles = torch.tensor(LEVELS).reshape(1, 1, 1, -1)
    >>> wider = scale_intervals(quantiles, torch.full((1, len(LEVELS)), 2.0))
    >>> [round(float(wider[..., at]), 2) for at in (0, MEDIAN, -1)]
    [-0.4, 0.5, 1.4]
    """
    median = quantiles[..., MEDIAN : MEDIAN + 1]
    return (median + factors * (quantiles - median)).sort(dim=-1).values
