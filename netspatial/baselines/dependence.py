"""Baselines that make independent samples of places consistent: Schaake shuffle, Gaussian copula.

Both only reorder each place's own samples, so that its marginal distribution stays what it was.
"""

import numpy as np

from netspatial.arrays import AnyFloats, Floats, Indices
from netspatial.kriging.series import Parts
from netspatial.randomness import stream


def shuffle(drawn: AnyFloats, x: AnyFloats, hours: Indices, seed: int) -> AnyFloats:
    """Samples (n, S, T) in the order of the measured residuals of other days at the same hour.

    x : (n, T) measured series of the same places; a sample takes the ranks of the series moved
    around by a number of whole days of its own.
    """
    samples, length = drawn.shape[1:]
    residual = Parts.of(x, hours).residual
    days = np.arange(1, max(2, length // 24))
    random = stream(seed, "shuffle")
    turns = -(-samples // len(days))
    chosen = np.concatenate([random.permutation(days) for _ in range(turns)])[:samples]
    template = np.stack([np.roll(residual, 24 * day, axis=1) for day in chosen], axis=1)
    ranks = template.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    found: AnyFloats = np.take_along_axis(np.sort(drawn, axis=1), ranks, axis=1)
    return found


def copula(drawn: AnyFloats, correlation: Floats, seed: int) -> AnyFloats:
    """Samples (n, S, T) with whole series reordered so that their levels follow a Gaussian copula.

    correlation : (n, n) of the normal scores of the levels
    """
    n, samples, _ = drawn.shape
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    normal = root @ stream(seed, "copula").standard_normal((n, samples))
    ranks = normal.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    order = drawn.mean(axis=2).argsort(axis=1, kind="stable")
    chosen = np.take_along_axis(order, ranks, axis=1)
    found: AnyFloats = np.take_along_axis(drawn, chosen[..., None], axis=1)
    return found
