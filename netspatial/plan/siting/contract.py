"""What a siting rule is given and what it answers.

Cells are positions in one fixed order (by cell id), so that equal scores fall to the lower id in
every rule and a plan does not depend on the order in which cells were given.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netspatial.plan.catchment import Catchment

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Problem:
    """K sites to pick among n cells.

    score      : (n,) what a site at each cell is good for, higher is better
    worth      : (n,) what a coverage rule wins by serving each cell, zero or more
    candidates : (n,) bool, cells that may be picked
    must       : positions that are picked in any case and count towards k
    """

    score: Floats
    worth: Floats
    candidates: NDArray[np.bool_]
    must: Positions
    k: int
    exclusion_m: float
    catchment: Catchment
    time_limit_s: float = 20.0


@dataclass(frozen=True)
class Choice:
    """The sites in the order of being picked, what each added then, and what there is to say."""

    sites: Positions
    gains: Floats
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Challenge:
    """For each site the best cell to replace it, all other sites kept.

    cell  : (k,) position, -1 where no other cell may take the place
    own   : (k,) what the site is worth beside the others
    rival : (k,) what the replacement would be worth, NaN where there is none
    """

    cell: Positions
    own: Floats
    rival: Floats


@dataclass(frozen=True)
class Rule:
    """How sites are picked.

    choose    : the rule itself
    in_future : the rule for one future; an exact rule is stood in for by a fast one
    challenge : who would replace each site
    covers    : it serves places by their worth, rather than adding up scores
    meaning   : one line in a planner's words
    """

    choose: Callable[[Problem], Choice]
    in_future: Callable[[Problem], Choice]
    challenge: Callable[[Problem, Positions], Challenge]
    meaning: str
    covers: bool = False
    exact: bool = False


def ranked(score: Floats, among: NDArray[np.bool_]) -> Positions:
    """Return the positions in `among` from best to worst score, equal ones by position."""
    positions = np.flatnonzero(among)
    return positions[np.argsort(-score[positions], kind="stable")]
