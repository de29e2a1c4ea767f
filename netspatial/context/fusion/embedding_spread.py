"""How much of its space a set of embeddings uses: the signs by which collapse is seen.

Printed by training and by the bench, for the guarded and the published objective side by side.
"""

import numpy as np

from netspatial.arrays import AnyFloats


def effective_rank(z: AnyFloats) -> float:
    """Exponential of the entropy of the covariance's spectrum: 1 for a line, d for a ball.

    z : (n, d); 0 where all are equal
    """
    centred = np.asarray(z, np.float64) - np.mean(z, axis=0, dtype=np.float64)
    variance = np.linalg.svd(centred, compute_uv=False) ** 2
    if variance.sum() <= 1e-12 * max(1.0, float((np.asarray(z, np.float64) ** 2).sum())):
        return 0.0
    share = variance[variance > 0] / variance.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


def pairwise_cosine(z: AnyFloats) -> tuple[float, float]:
    """Mean and standard deviation of the cosine between two different rows of z (n, d), n > 1."""
    unit = np.asarray(z, np.float64) / np.linalg.norm(z, axis=1, keepdims=True)
    cosine = (unit @ unit.T)[np.triu_indices(len(unit), k=1)]
    return float(cosine.mean()), float(cosine.std())
