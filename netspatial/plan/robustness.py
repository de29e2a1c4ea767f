"""How sure a choice is: the same rule, played in every future of the ensemble by itself."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from netspatial.plan.siting import Problem, Rule

Floats = NDArray[np.float64]


def summarised(values: Floats, risk: str | float) -> Floats:
    """Return one number a cell, (n,): the mean over samples, or their quantile `risk`.

    values : (n, samples), higher is better, so a low quantile is averse to risk
    """
    if isinstance(risk, str):
        return np.asarray(values.mean(axis=1))
    return np.asarray(np.quantile(values, risk, axis=1))


def times_chosen(problem: Problem, score: Floats, worth: Floats, rule: Rule) -> NDArray[np.int64]:
    """Count in how many futures each cell is chosen, (n,).

    score, worth : (n, samples); candidates and must-haves are the same in each future
    """
    counts = np.zeros(len(score), dtype=np.int64)
    for sample in range(score.shape[1]):
        future = replace(problem, score=score[:, sample], worth=worth[:, sample])
        counts[rule.in_future(future).sites] += 1
    return counts
