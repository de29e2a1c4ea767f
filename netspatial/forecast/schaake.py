"""Samples that are busy together: ranks of past stretches of steps, shared over stations.

The Schaake shuffle (Clark et al., J. Hydrometeorology 5, 2004). A network gives quantiles of each
station and step, the generator draws each station on its own; sums over stations or hours would
spread too little. Which stations can sleep depends on such sums.
"""

import numpy as np

from netspatial.arrays import Floats, Indices
from netspatial.forecast.history import History
from netspatial.forecast.seasonal import weekly_mean
from netspatial.randomness import stream


def sample_ranks(past: History, samples: int, seed: int) -> Indices | None:
    """Rank (R, samples, H), 0 to samples - 1, of each sample in each step; None without a past.

    Of `samples` past stretches of the same hours of day, the same for all rows, each step is ranked
    by how far it lay above the mean of its weeks. None where no such stretch lies in the past.
    """
    _, residual = weekly_mean(past)
    length, day = residual.shape[1], past.steps_per_day
    # stretches of the same hours of day that lie whole in the past, the latest first
    backs = np.arange(-(-len(past.ahead) // day) * day, length + 1, day)
    if len(backs) == 0:
        return None
    random = stream(seed, "common order", past.panel.times[-1].isoformat())
    turns = -(-samples // len(backs))
    chosen = np.concatenate([random.permutation(backs) for _ in range(turns)])[:samples]
    template = residual[:, length - chosen[:, None] + past.asked]
    ranks: Indices = template.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    return ranks


def schaake_shuffle(drawn: Floats, past: History, seed: int) -> Floats:
    """Put samples (R, S, H) that were drawn row by row in the order of past stretches.

    In every step each row keeps its very samples.
    """
    ranks = sample_ranks(past, drawn.shape[1], seed)
    if ranks is None:
        return drawn
    shuffled: Floats = np.take_along_axis(np.sort(drawn, axis=1), ranks, axis=1)
    return shuffled
