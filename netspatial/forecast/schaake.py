"""Schaake shuffle (Clark et al., J. Hydrometeorology 5, 2004): samples with past dependence.

Networks give quantiles per station and step, the generator samples stations independently; sums
over stations or hours, which decide on sleep, would have too little spread.
"""

import numpy as np

from netspatial.arrays import Floats, Indices
from netspatial.forecast.history import History
from netspatial.forecast.seasonal import weekly_mean
from netspatial.randomness import stream


def sample_ranks(past: History, samples: int, seed: int) -> Indices | None:
    """Rank of each sample in each step, from residuals of past periods at the same hours of day.

    Parameters
    ----------
    past : History
        R rows and the H steps after them.
    samples : int
        Number of samples S.
    seed : int
        Of the choice of past periods, which is the same for all rows.

    Returns
    -------
    array (R, S, H) of int, or None
        From 0 to S - 1. None where the history contains no such period.
    """
    _, residual = weekly_mean(past)
    length, day = residual.shape[1], past.steps_per_day
    # complete past periods at the same hours of day, the latest first
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
    """Independent samples reordered by the ranks of past periods.

    Parameters
    ----------
    drawn : array (R, S, H)
        Samples that are independent over rows.
    past : History
        R rows and the H steps after them.
    seed : int
        Of the choice of past periods.

    Returns
    -------
    array (R, S, H)
        The samples of each row and step stay the same; unchanged without a past period.

    Notes
    -----
    Clark et al., Journal of Hydrometeorology 5, 2004.
    """
    ranks = sample_ranks(past, drawn.shape[1], seed)
    if ranks is None:
        return drawn
    shuffled: Floats = np.take_along_axis(np.sort(drawn, axis=1), ranks, axis=1)
    return shuffled
