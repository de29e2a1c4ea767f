"""Top-K selection (Eq. 7), without or with a minimum spacing between sites.

The utility of a set is the sum over its cells (Eq. 7), so the K best cells are optimal; a minimum
spacing avoids clusters.
"""

from dataclasses import replace

import numpy as np

from netspatial.arrays import Indices
from netspatial.plan.siting.contract import Choice, Method, Problem, RunnerUp, ranked


def top_k(problem: Problem) -> Choice:
    """Return the K candidates of highest score: the maximum of Eq. 7.

    Parameters
    ----------
    problem : Problem
        Its `spacing_m` is ignored.

    Returns
    -------
    Choice
        Gains are the scores.

    Notes
    -----
    Eq. 7: the utility of a set is the sum over its cells, so the K best cells are optimal.
    """
    return exclusion(replace(problem, spacing_m=0.0))


def exclusion(problem: Problem) -> Choice:
    """Return the best candidates at least `spacing_m` from all better ones, at most K.

    Parameters
    ----------
    problem : Problem
        Required cells come first, whatever their spacing, and keep others away.

    Returns
    -------
    Choice
        Gains are the scores; a note reports when fewer than K sites fit.
    """
    must = np.zeros(len(problem.score), dtype=bool)
    must[problem.must] = True
    taken = ranked(problem.score, must).tolist()
    order = ranked(problem.score, problem.candidates & ~must)
    xy = problem.catchment.xy
    free = np.ones(len(order), dtype=bool)
    for site in taken:
        free &= _apart(problem, order, site)
    while len(taken) < problem.sites and free.any():
        first = int(free.argmax())
        taken.append(int(order[first]))
        free[first] = False
        if problem.spacing_m > 0:
            free &= np.hypot(*(xy[order] - xy[order[first]]).T) >= problem.spacing_m
    notes: tuple[str, ...] = ()
    if len(taken) < problem.sites:
        note = (
            f"Only {len(taken)} of {problem.sites} sites fit with a minimum spacing of "
            f"{problem.spacing_m:g} m; reduce it to place more."
        )
        notes = (note,)
    sites = np.array(taken, dtype=np.int64)
    return Choice(sites, problem.score[sites], notes)


def runner_up(problem: Problem, sites: Indices) -> RunnerUp:
    """Return for each site the best candidate that keeps the spacing from all other sites.

    Parameters
    ----------
    problem : Problem
        The selection problem.
    sites : array (K,) of int
        Positions of the selected cells.

    Returns
    -------
    RunnerUp
        Values are scores.
    """
    others = problem.candidates.copy()
    others[sites] = False
    order = ranked(problem.score, others)
    near = np.array([~_apart(problem, order, int(site)) for site in sites])
    near = near.reshape(len(sites), len(order))
    blocked = near.sum(axis=0)
    cells = np.full(len(sites), -1)
    value = np.full(len(sites), np.nan)
    for number in range(len(sites)):
        allowed = blocked - near[number] == 0
        if allowed.any():
            cells[number] = order[int(allowed.argmax())]
            value[number] = problem.score[cells[number]]
    return RunnerUp(cells, problem.score[sites], value)


def challenge_anywhere(problem: Problem, sites: Indices) -> RunnerUp:
    """Return for each site the best candidate that is no site, regardless of spacing.

    Parameters
    ----------
    problem : Problem
        The selection problem.
    sites : array (K,) of int
        Positions of the selected cells.

    Returns
    -------
    RunnerUp
        Values are scores.
    """
    return runner_up(replace(problem, spacing_m=0.0), sites)


def _apart(
    problem: Problem, cells: Indices, site: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which cells keep the spacing from a site, (cells,) bool."""
    if problem.spacing_m <= 0:
        return np.ones(len(cells), dtype=bool)
    offset = problem.catchment.xy[cells] - problem.catchment.xy[site]
    return np.asarray(np.hypot(offset[:, 0], offset[:, 1]) >= problem.spacing_m)


TOP_K = Method(
    top_k,
    top_k,
    challenge_anywhere,
    meaning="the K best cells (Eq. 7), regardless of spacing",
)
EXCLUSION = Method(
    exclusion,
    exclusion,
    runner_up,
    meaning="the best cell, then the best that keeps the minimum spacing, and so on",
)
