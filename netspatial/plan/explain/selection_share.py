"""Robustness of a selection: the same method applied to each sample of the ensemble."""

from dataclasses import replace

import numpy as np

from netspatial.arrays import Floats, Indices
from netspatial.plan.siting import Method, Problem


def summarised(values: Floats, risk: str | float) -> Floats:
    """Return one value per cell: the mean over the samples, or their quantile `risk`.

    Parameters
    ----------
    values : array (n, samples)
        Higher is better, so that a low quantile is risk-averse.
    risk : "mean" or float
        "mean", or a quantile level between 0 and 1.

    Returns
    -------
    array (n,)

    Examples
    --------
    >>> values = np.array([[1.0, 2.0, 6.0]])
    >>> summarised(values, "mean").tolist(), summarised(values, 0.5).tolist()
    ([3.0], [2.0])
    """
    if isinstance(risk, str):
        return np.asarray(values.mean(axis=1))
    return np.asarray(np.quantile(values, risk, axis=1))


def selection_counts(
    problem: Problem, score: Floats, coverage_weight: Floats, method: Method
) -> Indices:
    """Return in how many samples each cell is selected.

    Parameters
    ----------
    problem : Problem
        Candidates and required cells, the same in each sample.
    score : array (n, samples)
        Utility, higher is better.
    coverage_weight : array (n, samples)
        Weight of serving each cell.
    method : Method
        The selection method; its `in_sample` is applied to each sample.

    Returns
    -------
    array (n,) of int
    """
    counts = np.zeros(len(score), dtype=np.int64)
    for sample in range(score.shape[1]):
        of_sample = replace(
            problem, score=score[:, sample], coverage_weight=coverage_weight[:, sample]
        )
        counts[method.in_sample(of_sample).sites] += 1
    return counts
