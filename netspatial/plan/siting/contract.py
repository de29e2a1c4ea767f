"""What a siting rule is given and what it answers.

Cells are positions in one fixed order (by cell id), so that equal scores fall to the lower id in
every rule and a plan does not depend on the order in which cells were given.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Floats, Indices, Mask
from netspatial.plan.catchment import Catchment


@dataclass(frozen=True)
class Problem:
    """K sites to pick among n cells.

    score      : (n,) what a site at each cell is good for, higher is better
    coverage_weight      : (n,) what a coverage rule wins by serving each cell, zero or more
    candidates : (n,) bool, cells that may be picked
    must       : positions that are picked in any case and count towards k
    """

    score: Floats
    coverage_weight: Floats
    candidates: Mask
    must: Indices
    k: int
    spacing_m: float
    catchment: Catchment
    time_limit_s: float = 20.0


@dataclass(frozen=True)
class Choice:
    """The sites in the order of being picked, what each added then, and what there is to say."""

    sites: Indices
    gains: Floats
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunnerUp:
    """For each site the best cell to replace it, all other sites kept.

    cell  : (k,) position, -1 where no other cell may take the place
    own   : (k,) what the site is worth beside the others
    rival : (k,) what the replacement would be worth, NaN where there is none
    """

    cell: Indices
    own: Floats
    rival: Floats


@dataclass(frozen=True)
class Rule:
    """How sites are picked.

    choose    : the rule itself
    in_future : the rule for one future; an exact rule is stood in for by a fast one
    runner_up : who would replace each site
    covers    : it serves places by their worth, rather than adding up scores
    meaning   : one line in a planner's words
    """

    choose: Callable[[Problem], Choice]
    in_future: Callable[[Problem], Choice]
    runner_up: Callable[[Problem, Indices], RunnerUp]
    meaning: str
    covers: bool = False
    exact: bool = False


def ranked(score: Floats, among: Mask) -> Indices:
    """Return the positions in `among` from best to worst score, equal ones by position."""
    positions = np.flatnonzero(among)
    return positions[np.argsort(-score[positions], kind="stable")]
