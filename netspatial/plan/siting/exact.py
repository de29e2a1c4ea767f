"""Exact site selection by integer programming (HiGHS): maximum coverage and p-median.

Both maximise Σ over p of weight_p · max over selected j of gain_jp, coverage with a gain in service
and p-median with a gain in metres. A search stopped by its time limit reports its optimality gap.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint
from scipy.sparse import coo_array, csr_array

from netspatial.arrays import Floats, Indices
from netspatial.errors import BadInput
from netspatial.highs import milp
from netspatial.plan.siting.contract import Choice, Method, Problem, RunnerUp
from netspatial.plan.siting.greedy import covered, lazy_greedy, swap_challenge

MAX_PAIRS = 2_000_000
"""Largest number of pairs of site and place; above it, building the program takes minutes."""

GAP = 1e-4
"""Relative optimality gap at which the search ends."""

SAME = 1e-9
"""Relative difference below which gains count as equal."""


def max_coverage(problem: Problem) -> Choice:
    """Return the sites that serve the most unserved demand, with service decaying over distance.

    Parameters
    ----------
    problem : Problem
        The selection problem, with its time limit.

    Returns
    -------
    Choice
        A note states that the sites are optimal, or the remaining gap.

    Raises
    ------
    BadInput
        If the program has more than `MAX_PAIRS` pairs of site and place.
    """
    return best_sites(problem.catchment.service, problem)


def p_median(problem: Problem) -> Choice:
    """Return the sites with the least mean distance to demand, counted up to two radii.

    Parameters
    ----------
    problem : Problem
        The selection problem, with its time limit.

    Returns
    -------
    Choice
        A note states that the sites are optimal, or the remaining gap.

    Raises
    ------
    BadInput
        If the program has more than `MAX_PAIRS` pairs of site and place.
    """
    return best_sites(problem.catchment.nearness, problem)


def best_sites(gain: csr_array, problem: Problem) -> Choice:
    """Return the exact solution, or that of greedy if the search finds no better one in time.

    Parameters
    ----------
    gain : sparse array (sites, places)
        Gain of a site for each place, zero or more.
    problem : Problem
        The selection problem, with its time limit.

    Returns
    -------
    Choice

    Raises
    ------
    BadInput
        If the program has more than `MAX_PAIRS` pairs of site and place.
    """
    greedy = lazy_greedy(gain, problem)
    found, bound = _solve(gain, problem)
    value = covered(gain, problem.coverage_weight, greedy.sites)
    sites = greedy.sites
    if found is not None:
        better = covered(gain, problem.coverage_weight, found)
        if better > value * (1 + SAME):
            sites, value = found, better
    left = max(0.0, bound / value - 1) if value > 0 else 0.0
    within = np.zeros(len(problem.score), dtype=bool)
    within[sites] = True
    # the same sites in the order of greedy selection, best first
    order = lazy_greedy(
        gain,
        Problem(
            problem.score,
            problem.coverage_weight,
            within,
            problem.must,
            len(sites),
            0,
            problem.catchment,
        ),
    )
    if left <= 2 * GAP:
        note = "The selected sites are proven to be optimal."
    else:
        note = (
            f"The search stopped at its limit of {problem.time_limit_s:g} s; the optimum serves at "
            f"most {100 * left:.1f} % more."
        )
    return Choice(order.sites, order.gains, (note,))


@dataclass(frozen=True)
class _Levels:
    """The distinct gains of each place, largest first, and the sites that achieve them.

    place, gain, step : (m,) of each level; step is the gain minus that of the place's next level
    first             : (m,) whether it is the largest of its place
    site, level       : (pairs,) the site achieves the gain of the level
    """

    place: Indices
    step: Floats
    first: np.ndarray[tuple[int], np.dtype[np.bool_]]
    site: Indices
    level: Indices


def _solve(gain: csr_array, problem: Problem) -> tuple[Indices | None, float]:
    """Return the best sites found, and the proven upper bound of the objective.

    Radius formulation: y_l is 1 if a selected site gives a place at least the gain of level l,
    y_l <= y_(l-1) + Σ of x_j over the sites with exactly that gain; only x is integer.
    """
    allowed = problem.candidates.copy()
    allowed[problem.must] = True
    sites = np.flatnonzero(allowed)
    if not len(sites):
        return None, 0.0
    levels = _levels(gain, problem.coverage_weight, sites)
    n, m = len(sites), len(levels.place)
    own = np.arange(m)
    below = own[~levels.first]
    rows = np.concatenate([own, below, levels.level, np.full(n, m)])
    columns = np.concatenate([n + own, n + below - 1, levels.site, np.arange(n)])
    values = np.concatenate(
        [np.ones(m), -np.ones(len(below)), -np.ones(len(levels.site)), np.ones(n)]
    )
    matrix = coo_array((values, (rows, columns)), shape=(m + 1, n + m)).tocsr()
    k = min(problem.sites, n)
    upper = np.append(np.zeros(m), k)
    lower = np.append(np.full(m, -np.inf), k)
    scale = max(
        float((problem.coverage_weight[levels.place] * levels.step).max(initial=0.0)), 1e-300
    )
    answer = milp(
        -np.append(np.zeros(n), problem.coverage_weight[levels.place] * levels.step) / scale,
        constraints=LinearConstraint(matrix, lower, upper),
        bounds=Bounds(np.append(np.isin(sites, problem.must).astype(float), np.zeros(m)), 1.0),
        whole=np.arange(n + m) < n,
        seconds=problem.time_limit_s,
        gap=GAP,
    )
    ceiling = float(problem.coverage_weight @ gain.max(axis=0).toarray().ravel())
    proven = min(ceiling, -answer.bound * scale)
    if answer.x is None:
        return None, proven
    return sites[answer.x[:n] > 0.5], proven


def _levels(gain: csr_array, coverage_weight: Floats, sites: Indices) -> _Levels:
    pairs = gain[sites].tocoo()
    site, place = pairs.coords
    counted = coverage_weight[place] > 0
    site, place, given = site[counted], place[counted], pairs.data[counted]
    if len(given) > MAX_PAIRS:
        raise BadInput(
            f"An exact method would need {len(given):,} pairs of site and place; at most "
            f"{MAX_PAIRS:,} are supported: use the method 'greedy', larger cells or a smaller "
            "radius."
        )
    order = np.lexsort((-given, place))
    site, place, given = site[order], place[order], given[order]
    new_place = np.diff(place, prepend=-1) != 0
    smaller = -np.diff(given, prepend=np.inf) > SAME * given.max(initial=0.0)
    opens = new_place | smaller
    starts = np.flatnonzero(opens)
    first = new_place[starts]
    following = np.append(given[starts][1:], 0.0)
    last = np.append(first[1:], True)
    return _Levels(
        place=place[starts],
        step=given[starts] - np.where(last, 0.0, following),
        first=first,
        site=site,
        level=np.cumsum(opens) - 1,
    )


def _greedy_coverage(problem: Problem) -> Choice:
    return lazy_greedy(problem.catchment.service, problem)


def _greedy_median(problem: Problem) -> Choice:
    return lazy_greedy(problem.catchment.nearness, problem)


def _challenge_coverage(problem: Problem, sites: Indices) -> RunnerUp:
    return swap_challenge(problem.catchment.service, problem, sites)


def _challenge_median(problem: Problem, sites: Indices) -> RunnerUp:
    return swap_challenge(problem.catchment.nearness, problem, sites)


MAX_COVERAGE = Method(
    max_coverage,
    _greedy_coverage,
    _challenge_coverage,
    meaning="the K sites that together serve the most unserved demand; optimal",
    covers=True,
    exact=True,
)
P_MEDIAN = Method(
    p_median,
    _greedy_median,
    _challenge_median,
    meaning="the K sites with the shortest mean distance from demand to a station; optimal",
    covers=True,
    exact=True,
)
