"""Spread of embeddings in their space; low values indicate collapse.

Reported by training and by `netspatial bench context`.
"""

import numpy as np

from netspatial.arrays import AnyFloats


def effective_rank(z: AnyFloats) -> float:
    """Return the effective rank, exp(entropy of the covariance's spectrum), from 1 to d.

    Parameters
    ----------
    z : ndarray of float, (n, d)
        Embeddings.

    Returns
    -------
    float
        Effective rank; 0 where all rows are equal.

    Examples
    --------
    >>> round(effective_rank(np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])), 6)
    2.0
    """
    centred = np.asarray(z, np.float64) - np.mean(z, axis=0, dtype=np.float64)
    variance = np.linalg.svd(centred, compute_uv=False) ** 2
    if variance.sum() <= 1e-12 * max(1.0, float((np.asarray(z, np.float64) ** 2).sum())):
        return 0.0
    share = variance[variance > 0] / variance.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


def pairwise_cosine(z: AnyFloats) -> tuple[float, float]:
    """Return mean and standard deviation of the cosine between two rows of z (n, d), n > 1.

    Parameters
    ----------
    z : ndarray of float, (n, d)
        Embeddings.

    Returns
    -------
    tuple of float
        Mean and standard deviation over all pairs.

    Examples
    --------
    >>> pairwise_cosine(np.array([[1.0, 0], [0, 1]]))
    (0.0, 0.0)
    """
    unit = np.asarray(z, np.float64) / np.linalg.norm(z, axis=1, keepdims=True)
    cosine = (unit @ unit.T)[np.triu_indices(len(unit), k=1)]
    return float(cosine.mean()), float(cosine.std())
