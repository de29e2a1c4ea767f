"""Robustness of a selection: the same method applied to each sample of the ensemble."""

from dataclasses import replace

import numpy as np

from netspatial.arrays import Floats, Indices
from netspatial.plan.siting import Method, Problem


def summarised(values: Floats, risk: str | float) -> Floats:
    """Return one value per cell, (n,): the mean over the samples, or their quantile `risk`.

    values : (n, samples), higher is better, so that a low quantile is risk-averse
    """
    if isinstance(risk, str):
        return np.asarray(values.mean(axis=1))
    return np.asarray(np.quantile(values, risk, axis=1))


def selection_counts(
    problem: Problem, score: Floats, coverage_weight: Floats, method: Method
) -> Indices:
    """Return in how many samples each cell is selected, (n,).

    score, coverage_weight : (n, samples); candidates and required cells are the same in each
    """
    counts = np.zeros(len(score), dtype=np.int64)
    for sample in range(score.shape[1]):
        of_sample = replace(
            problem, score=score[:, sample], coverage_weight=coverage_weight[:, sample]
        )
        counts[method.in_sample(of_sample).sites] += 1
    return counts
