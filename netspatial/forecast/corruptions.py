"""Corruptions of simulated traffic that reweighting must detect.

Each keeps levels and noise and breaks the order of hours or days.
"""

from collections.abc import Callable

import numpy as np

from netspatial.arrays import Floats32
from netspatial.errors import BadInput
from netspatial.randomness import stream
from netspatial.timeline import HOURS_PER_WEEK

DAY = 24


def shifted_clock(values: Floats32, seed: int) -> Floats32:
    """Traffic delayed by 6 to 12 hours.

    Parameters
    ----------
    values : array (n, T, K)
        Hourly traffic of whole weeks.
    seed : int
        Of the delay.

    Returns
    -------
    array (n, T, K)
    """
    late = int(stream(seed, "fault", "clock").integers(6, 13))
    return np.roll(values, late, axis=1)


def shuffled_hours(values: Floats32, seed: int) -> Floats32:
    """Traffic with the hours of each day permuted.

    Parameters
    ----------
    values : array (n, T, K)
        Hourly traffic of whole weeks.
    seed : int
        Of the permutations.

    Returns
    -------
    array (n, T, K)
    """
    n, T, K = values.shape
    order = stream(seed, "fault", "days").permuted(
        np.tile(np.arange(DAY), (T // DAY, 1)), axis=1
    ) + DAY * np.arange(T // DAY).reshape(-1, 1)
    return values[:, order.ravel()].reshape(n, -1, K)


def wrong_week(values: Floats32, seed: int) -> Floats32:
    """Traffic with the days of each week permuted, weekends included.

    Parameters
    ----------
    values : array (n, T, K)
        Hourly traffic of whole weeks.
    seed : int
        Of the permutations.

    Returns
    -------
    array (n, T, K)
    """
    T = values.shape[1]
    weeks = -(-T // HOURS_PER_WEEK)
    random = stream(seed, "fault", "week")
    day = np.concatenate([7 * week + random.permutation(7) for week in range(weeks)])
    return values[:, (DAY * day[:, None] + np.arange(DAY)).ravel()[:T]]


def backwards(values: Floats32, seed: int) -> Floats32:
    """Traffic in reverse time order.

    Parameters
    ----------
    values : array (n, T, K)
        Hourly traffic.
    seed : int
        Not read.

    Returns
    -------
    array (n, T, K)

    Examples
    --------
    >>> backwards(np.array([[[1.0], [2.0]]], dtype=np.float32), 0).ravel().tolist()
    [2.0, 1.0]
    """
    del seed
    return values[:, ::-1].copy()


CORRUPTIONS: dict[str, Callable[[Floats32, int], Floats32]] = {
    "shifted clock": shifted_clock,
    "shuffled hours": shuffled_hours,
    "wrong week": wrong_week,
    "backwards": backwards,
}


def corrupt(fault: str, values: Floats32, seed: int) -> Floats32:
    """Hourly values of whole weeks with a fault of `CORRUPTIONS`.

    Parameters
    ----------
    fault : str
        A key of `CORRUPTIONS`; empty for unchanged values.
    values : array (n, T, K)
        Hourly traffic of whole weeks.
    seed : int
        Of the corruption.

    Returns
    -------
    array (n, T, K)

    Raises
    ------
    BadInput
        If there is no such fault.
    """
    if not fault:
        return values
    if fault not in CORRUPTIONS:
        raise BadInput(f"There is no fault '{fault}'; there are {', '.join(CORRUPTIONS)}.")
    return CORRUPTIONS[fault](values, seed)
