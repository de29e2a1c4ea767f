"""The contract of a selection method: its input, its result and its runner-up.

Cells are positions in order of cell id, so that ties go to the lower id in every method and a plan
does not depend on the order of its cells.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Floats, Indices, Mask
from netspatial.plan.catchment import Catchment


@dataclass(frozen=True)
class Problem:
    """Select `sites` sites among n cells.

    score           : (n,) utility of a site at each cell, higher is better
    coverage_weight : (n,) weight of serving each cell for coverage methods, zero or more
    candidates      : (n,) bool, cells that may be selected
    must            : positions of the required cells, which count towards `sites`
    """

    score: Floats
    coverage_weight: Floats
    candidates: Mask
    must: Indices
    sites: int
    spacing_m: float
    catchment: Catchment
    time_limit_s: float = 20.0


@dataclass(frozen=True)
class Choice:
    """The sites in order of selection, the gain of each when selected, and notes."""

    sites: Indices
    gains: Floats
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunnerUp:
    """For each site the best cell to replace it, with all other sites kept.

    cell  : (sites,) position, -1 where no cell may replace it
    own   : (sites,) value that the site adds to the others
    value : (sites,) value that the replacement would add, NaN where there is none
    """

    cell: Indices
    own: Floats
    value: Floats


@dataclass(frozen=True)
class Method:
    """A selection method.

    choose    : the method itself
    in_sample : the method for one sample; a fast approximation where the method is exact
    runner_up : the cell that would replace each site
    covers    : maximises weighted coverage instead of the sum of scores
    meaning   : one line of explanation
    """

    choose: Callable[[Problem], Choice]
    in_sample: Callable[[Problem], Choice]
    runner_up: Callable[[Problem, Indices], RunnerUp]
    meaning: str
    covers: bool = False
    exact: bool = False


def ranked(score: Floats, among: Mask) -> Indices:
    """Return the positions in `among` from best to worst score, equal ones by position."""
    positions = np.flatnonzero(among)
    return positions[np.argsort(-score[positions], kind="stable")]
