"""Proper scores of an ensemble against measured values, for training and benchmarks."""

import numpy as np

from netspatial.arrays import AnyFloats


def crps(samples: AnyFloats, truth: AnyFloats) -> AnyFloats:
    """Return the fair continuous ranked probability score, in the unit of the data; less is better.

    Parameters
    ----------
    samples : ndarray of float, (n, S, T)
        Ensemble of S >= 2 samples.
    truth : ndarray of float, (n, T)
        Measured values.

    Returns
    -------
    ndarray of float, (n, T)
        Score of each value.

    Notes
    -----
    mean |x_s - y| - 1/(2 S (S-1)) ΣΣ |x_s - x_s'|, through the sorted samples in O(S log S).

    Examples
    --------
    >>> crps(np.array([[[0.0], [2.0]]]), np.array([[1.0]])).tolist()
    [[0.0]]
    >>> crps(np.array([[[0.0], [2.0]]]), np.array([[5.0]])).tolist()
    [[3.0]]
    """
    size = samples.shape[1]
    ordered = np.sort(samples, axis=1)
    rank = np.arange(1, size + 1).reshape(1, -1, 1)
    pairs = ((2 * rank - size - 1) * ordered).sum(1) / (size * (size - 1))
    score: AnyFloats = np.abs(samples - truth[:, None]).mean(1) - pairs
    return score


def coverage(samples: AnyFloats, truth: AnyFloats, level: float = 0.9) -> AnyFloats:
    """Return whether truth lies in the central interval between order statistics, 0 or 1, (n, T).

    Parameters
    ----------
    samples : ndarray of float, (n, S, T)
        Ensemble.
    truth : ndarray of float, (n, T)
        Measured values.
    level : float
        Nominal coverage; 0.9 needs 19, 39 or 99 samples.

    Returns
    -------
    ndarray of float, (n, T)
        1 where covered; bounds belong to the interval.

    Raises
    ------
    ValueError
        If the samples have no order statistics of this level.

    Notes
    -----
    A further sample of the same distribution lies between the k-th smallest and k-th largest of S
    samples with probability (S + 1 - 2k)/(S + 1); k is chosen so that this is `level`.

    Examples
    --------
    >>> samples = np.arange(19.0).reshape(1, 19, 1)
    >>> [coverage(samples, np.array([[y]])).item() for y in (18.0, 18.1)]
    [1.0, 0.0]
    """
    size = samples.shape[1]
    k = (1 - level) * (size + 1) / 2
    if abs(k - round(k)) > 1e-9 or round(k) < 1:
        raise ValueError(f"{size} samples have no order statistics that cover {level:.0%}")
    ordered = np.sort(samples, axis=1)
    low, high = ordered[:, round(k) - 1], ordered[:, size - round(k)]
    covered: AnyFloats = ((truth >= low) & (truth <= high)).astype(np.float64)
    return covered
