"""Greedy coverage with distance decay: each next site adds the most to existing service.

f(S) = Σ over p of weight_p · max over j in S of gain_jp is monotone and submodular, so greedy
reaches at least 1 - 1/e (63 %) of the optimum.
"""

import numpy as np
from scipy.sparse import csr_array

from netspatial.arrays import Floats, Indices
from netspatial.plan.siting.contract import Choice, Method, Problem, RunnerUp


def greedy(problem: Problem) -> Choice:
    """Return the sites that serve unserved demand, with service decaying over distance.

    Parameters
    ----------
    problem : Problem
        The selection problem.

    Returns
    -------
    Choice
        Each gain is the weighted service that the site adds to the sites before it.

    Notes
    -----
    f(S) = Σ over p of weight_p · max over j in S of gain_jp is monotone and submodular, so greedy
    selection reaches at least 1 - 1/e (63 %) of the optimum.
    """
    return lazy_greedy(problem.catchment.service, problem)


def lazy_greedy(gain: csr_array, problem: Problem) -> Choice:
    """Return K sites selected greedily, evaluating again only those that may be the best.

    Parameters
    ----------
    gain : sparse array (sites, places)
        Gain of a site for each place, zero or more.
    problem : Problem
        For the weights, candidates, required cells and K.

    Returns
    -------
    Choice

    Notes
    -----
    The gain of a site never grows as others are selected, so an old evaluation is an upper bound,
    and the result equals that of plain greedy selection.
    """
    reached = np.zeros(gain.shape[1])
    taken: list[int] = []
    gains: list[float] = []

    def take(site: int) -> None:
        gains.append(_added(gain, problem.coverage_weight, reached, site))
        taken.append(site)
        places, given = _row(gain, site)
        reached[places] = np.maximum(reached[places], given)

    for site in problem.must.tolist():
        take(site)
    bound = np.where(problem.candidates, gain @ problem.coverage_weight, -np.inf)
    bound[problem.must] = -np.inf
    while len(taken) < problem.sites:
        best = int(bound.argmax())
        if bound[best] == -np.inf:
            break
        bound[best] = _added(gain, problem.coverage_weight, reached, best)
        if int(bound.argmax()) == best:
            take(best)
            bound[best] = -np.inf
    return Choice(np.array(taken, dtype=np.int64), np.array(gains))


def covered(gain: csr_array, coverage_weight: Floats, sites: Indices) -> float:
    """Return f(S), the weight that these sites serve beyond existing service.

    Parameters
    ----------
    gain : sparse array (sites, places)
        Gain of a site for each place, zero or more.
    coverage_weight : array (places,)
        Weight of serving each place.
    sites : array of int
        Positions of the selected cells.

    Returns
    -------
    float

    Examples
    --------
    >>> gain = csr_array(np.array([[1.0, 0.5], [0.0, 1.0]]))
    >>> covered(gain, np.array([2.0, 4.0]), np.array([0]))
    4.0
    >>> covered(gain, np.array([2.0, 4.0]), np.array([0, 1]))
    6.0
    """
    reached = np.zeros(gain.shape[1])
    for site in sites.tolist():
        places, given = _row(gain, site)
        reached[places] = np.maximum(reached[places], given)
    return float(coverage_weight @ reached)


def swap_challenge(gain: csr_array, problem: Problem, sites: Indices) -> RunnerUp:
    """Return for each site the candidate that would add the most in its place.

    Parameters
    ----------
    gain : sparse array (sites, places)
        Gain of a site for each place, zero or more.
    problem : Problem
        For the weights and candidates.
    sites : array (K,) of int
        Positions of the selected cells.

    Returns
    -------
    RunnerUp
        Values are the weighted gains that a cell adds to the other sites.
    """
    places = gain.indices
    rows = np.repeat(np.arange(gain.shape[0]), np.diff(gain.indptr))
    others = problem.candidates.copy()
    others[sites] = False
    own, value = np.empty(len(sites)), np.full(len(sites), np.nan)
    cells = np.full(len(sites), -1)
    for number, site in enumerate(sites.tolist()):
        reached = np.zeros(gain.shape[1])
        for other in np.delete(sites, number).tolist():
            met, given = _row(gain, other)
            reached[met] = np.maximum(reached[met], given)
        own[number] = _added(gain, problem.coverage_weight, reached, site)
        if others.any():
            extra = problem.coverage_weight[places] * np.maximum(gain.data - reached[places], 0)
            added = np.bincount(rows, weights=extra, minlength=gain.shape[0])
            cells[number] = int(np.where(others, added, -np.inf).argmax())
            value[number] = added[cells[number]]
    return RunnerUp(cells, own, value)


def _challenge(problem: Problem, sites: Indices) -> RunnerUp:
    return swap_challenge(problem.catchment.service, problem, sites)


def _row(gain: csr_array, site: int) -> tuple[Indices, Floats]:
    part = slice(gain.indptr[site], gain.indptr[site + 1])
    return gain.indices[part], gain.data[part]


def _added(gain: csr_array, coverage_weight: Floats, reached: Floats, site: int) -> float:
    places, given = _row(gain, site)
    return float(coverage_weight[places] @ np.maximum(given - reached[places], 0))


GREEDY = Method(
    greedy,
    greedy,
    _challenge,
    meaning="each next site serves the most unserved demand; at least 63 % of the optimum",
    covers=True,
)
