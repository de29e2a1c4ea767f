"""Picking the best cells one by one: top-K (Eq. 7), plain or with a distance between sites.

The total utility of a set is the sum over its cells (Eq. 7), so the K best cells are optimal; an
exclusion radius keeps them from standing in one cluster.
"""

from dataclasses import replace

import numpy as np

from netspatial.arrays import Indices
from netspatial.plan.siting.contract import Choice, Problem, Rule, RunnerUp, ranked


def top_k(problem: Problem) -> Choice:
    """Return the K candidates of highest score: the maximum of Eq. 7."""
    return exclusion(replace(problem, spacing_m=0.0))


def exclusion(problem: Problem) -> Choice:
    """Return the best candidates that keep `spacing_m` from all better ones, at most K.

    Must-haves come first and keep others away, whatever their own distance.
    """
    must = np.zeros(len(problem.score), dtype=bool)
    must[problem.must] = True
    taken = ranked(problem.score, must).tolist()
    order = ranked(problem.score, problem.candidates & ~must)
    xy = problem.catchment.xy
    free = np.ones(len(order), dtype=bool)
    for site in taken:
        free &= _apart(problem, order, site)
    while len(taken) < problem.k and free.any():
        first = int(free.argmax())
        taken.append(int(order[first]))
        free[first] = False
        if problem.spacing_m > 0:
            free &= np.hypot(*(xy[order] - xy[order[first]]).T) >= problem.spacing_m
    notes: tuple[str, ...] = ()
    if len(taken) < problem.k:
        metadata = (
            f"Only {len(taken)} of {problem.k} sites fit with {problem.spacing_m:g} m between "
            "them; shorten the distance to place more."
        )
        notes = (metadata,)
    sites = np.array(taken, dtype=np.int64)
    return Choice(sites, problem.score[sites], notes)


def runner_up(problem: Problem, sites: Indices) -> RunnerUp:
    """Find the best candidate that would keep its distance from all sites but the one replaced."""
    others = problem.candidates.copy()
    others[sites] = False
    order = ranked(problem.score, others)
    near = np.array([~_apart(problem, order, int(site)) for site in sites])
    near = near.reshape(len(sites), len(order))
    blocked = near.sum(axis=0)
    cells = np.full(len(sites), -1)
    rival = np.full(len(sites), np.nan)
    for number in range(len(sites)):
        allowed = blocked - near[number] == 0
        if allowed.any():
            cells[number] = order[int(allowed.argmax())]
            rival[number] = problem.score[cells[number]]
    return RunnerUp(cells, problem.score[sites], rival)


def challenge_anywhere(problem: Problem, sites: Indices) -> RunnerUp:
    """Find the best candidate beside the sites, wherever it stands."""
    return runner_up(replace(problem, spacing_m=0.0), sites)


def _apart(
    problem: Problem, cells: Indices, site: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell which cells keep the distance from a site, (cells,) bool."""
    if problem.spacing_m <= 0:
        return np.ones(len(cells), dtype=bool)
    offset = problem.catchment.xy[cells] - problem.catchment.xy[site]
    return np.asarray(np.hypot(offset[:, 0], offset[:, 1]) >= problem.spacing_m)


TOP_K = Rule(
    top_k,
    top_k,
    challenge_anywhere,
    meaning="the K best cells (Eq. 7), however close together",
)
EXCLUSION = Rule(
    exclusion,
    exclusion,
    runner_up,
    meaning="the best cell, then the best that keeps its distance, and so on",
)
