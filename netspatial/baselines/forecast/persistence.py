"""Persistence: the last value that was measured stays."""

import torch
from torch import Tensor

from netspatial.forecast.windows import Batch


def persistence(batch: Batch, steps_per_day: int) -> Tensor:
    """The last known value of the input, (B, H, K); where none is known, the centre."""
    del steps_per_day
    L, H = batch.x.shape[1], batch.y.shape[1]
    step = torch.arange(L, device=batch.x.device)[:, None]
    last = torch.where(batch.own_seen, step, 0).amax(dim=1, keepdim=True)
    # an unknown step holds 0, which is the centre
    return batch.own.gather(1, last).expand(-1, H, -1)
