"""Stations that are busy together: a forecast's samples put in the order of past days.

Each station's samples are drawn on their own, so that their sums spread too little. Whom a policy
puts to sleep depends on such sums: what a neighbour must carry when it, too, is busy.
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from netspatial.operate.forecasting_history import measured
from netspatial.operate.forecasting_seasonal import weekly_mean
from netspatial.randomness import stream

Floats = NDArray[np.float64]

DAY = 24


def in_common_order(ensemble: xr.DataArray, history: xr.DataArray, seed: int) -> xr.DataArray:
    """Order samples by the ranks of past stretches, the same stretch for all stations.

    The Schaake shuffle (Clark et al., J. Hydrometeorology 5, 2004): what was above the mean of the
    weeks at once, over stations and over hours, is so in one sample again. In every hour each
    station keeps its very samples, only in another order.

    ensemble : (station, sample, time), going on from `history` (station, time)
    """
    hours, samples = ensemble.sizes["time"], ensemble.sizes["sample"]
    past = measured(history, hours, samples)
    _, residual = weekly_mean(past)
    length = residual.shape[1]
    # stretches of the same hours of day that lie whole in the past, the latest first
    backs = np.arange(-(-len(past.ahead) // DAY) * DAY, length + 1, DAY)
    if len(backs) == 0:
        return ensemble
    random = stream(seed, "common order", past.times[-1].isoformat())
    turns = -(-samples // len(backs))
    chosen = np.concatenate([random.permutation(backs) for _ in range(turns)])[:samples]
    template = residual[:, length - chosen[:, None] + past.asked]
    rank = template.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    drawn = np.sort(ensemble.transpose("station", "sample", "time").to_numpy(), axis=1)
    ordered: xr.DataArray = ensemble.transpose("station", "sample", "time").copy(
        data=np.take_along_axis(drawn, rank, axis=1)
    )
    return ordered
