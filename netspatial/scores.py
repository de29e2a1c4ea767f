"""Proper scores of an ensemble against measured values, for training and benchmarks."""

import numpy as np

from netspatial.arrays import AnyFloats, Indices


def crps(samples: AnyFloats, truth: AnyFloats) -> AnyFloats:
    """Fair continuous ranked probability score, in the unit of the data; smaller is better.

    Parameters
    ----------
    samples : array (n, S, T)
        Ensemble of S >= 2 samples.
    truth : array (n, T)
        Measured values.

    Returns
    -------
    array (n, T)
        In the unit of the data.

    Notes
    -----
    mean |x_s - y| - 1/(2 S (S-1)) ΣΣ |x_s - x_s'|, through the sorted samples in O(S log S).

    Examples
    --------
    >>> crps(np.array([[[1.0], [3.0]]]), np.array([[2.0]])).tolist()
    [[0.0]]
    >>> crps(np.array([[[1.0], [1.0]]]), np.array([[2.0]])).tolist()
    [[1.0]]
    """
    size = samples.shape[1]
    ordered = np.sort(samples, axis=1)
    rank = np.arange(1, size + 1).reshape(1, -1, 1)
    pairs = ((2 * rank - size - 1) * ordered).sum(1) / (size * (size - 1))
    score: AnyFloats = np.abs(samples - truth[:, None]).mean(1) - pairs
    return score


def coverage(samples: AnyFloats, truth: AnyFloats, level: float = 0.9) -> AnyFloats:
    """Whether truth lies in the central interval between order statistics, as 0 or 1.

    Parameters
    ----------
    samples : array (n, S, T)
        Ensemble; for a level of 0.9 of 19, 39 or 99 samples.
    truth : array (n, T)
        Measured values; bounds belong to the interval.
    level : float
        Probability that a further sample of the same distribution lies in the interval.

    Returns
    -------
    array (n, T)

    Raises
    ------
    ValueError
        If S samples have no order statistics that cover this level.

    Notes
    -----
    A further sample lies between the k-th smallest and k-th largest of S samples with probability
    (S + 1 - 2k)/(S + 1).

    Examples
    --------
    >>> samples = np.arange(19.0).reshape(1, 19, 1)
    >>> [coverage(samples, np.array([[truth]])).item() for truth in (0.0, -1.0)]
    [1.0, 0.0]
    """
    size = samples.shape[1]
    k = (1 - level) * (size + 1) / 2
    if abs(k - round(k)) > 1e-9 or round(k) < 1:
        raise ValueError(f"{size} samples have no order statistics that cover {level:.0%}")
    covered: AnyFloats = (depth(samples, truth) >= round(k)).astype(np.float64)
    return covered


def depth(samples: AnyFloats, truth: AnyFloats) -> Indices:
    """Return the number k of the narrowest interval of order statistics with truth in it, (n, T).

    Truth lies between the k-th smallest and the k-th largest sample and not between the next ones;
    0 is outside all samples.
    """
    below = (samples <= truth[:, None]).sum(axis=1)
    above = (samples >= truth[:, None]).sum(axis=1)
    found: Indices = np.minimum(below, above)
    return found
