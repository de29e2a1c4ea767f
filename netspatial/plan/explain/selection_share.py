"""How sure a choice is: the same rule, played in every future of the ensemble by itself."""

from dataclasses import replace

import numpy as np

from netspatial.arrays import Floats, Indices
from netspatial.plan.siting import Problem, Rule


def summarised(values: Floats, risk: str | float) -> Floats:
    """Return one number a cell, (n,): the mean over samples, or their quantile `risk`.

    values : (n, samples), higher is better, so a low quantile is averse to risk
    """
    if isinstance(risk, str):
        return np.asarray(values.mean(axis=1))
    return np.asarray(np.quantile(values, risk, axis=1))


def times_chosen(problem: Problem, score: Floats, coverage_weight: Floats, rule: Rule) -> Indices:
    """Count in how many futures each cell is chosen, (n,).

    score, coverage_weight : (n, samples); candidates and must-haves are the same in each future
    """
    counts = np.zeros(len(score), dtype=np.int64)
    for sample in range(score.shape[1]):
        future = replace(
            problem, score=score[:, sample], coverage_weight=coverage_weight[:, sample]
        )
        counts[rule.in_future(future).sites] += 1
    return counts
