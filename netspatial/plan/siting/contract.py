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

    Attributes
    ----------
    score : array (n,)
        Utility of a site at each cell, higher is better.
    coverage_weight : array (n,)
        Weight of serving each cell for coverage methods, zero or more.
    candidates : array (n,) of bool
        Cells that may be selected.
    must : array of int
        Positions of the required cells, which count towards `sites`.
    sites : int
        Number of sites K.
    spacing_m : float
        Minimum distance between two sites, m.
    catchment : Catchment
        Positions of the cells, and the service between them.
    time_limit_s : float
        Time limit of an exact method, s.
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
    """The selected sites.

    Attributes
    ----------
    sites : array (K,) of int
        Positions of the cells, in order of selection.
    gains : array (K,)
        Value that each site adds when it is selected.
    notes : tuple of str
        Notes for the planner, one sentence each.
    """

    sites: Indices
    gains: Floats
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunnerUp:
    """For each site the best cell to replace it, with all other sites kept.

    Attributes
    ----------
    cell : array (sites,) of int
        Position of the replacement, -1 where no cell may replace the site.
    own : array (sites,)
        Value that the site adds to the others.
    value : array (sites,)
        Value that the replacement would add, NaN where there is none.
    """

    cell: Indices
    own: Floats
    value: Floats


@dataclass(frozen=True)
class Method:
    """A selection method.

    Attributes
    ----------
    choose : function from Problem to Choice
        The method itself.
    in_sample : function from Problem to Choice
        The method for one sample; a fast approximation where the method is exact.
    runner_up : function from (Problem, sites) to RunnerUp
        The cell that would replace each site.
    meaning : str
        One line of explanation.
    covers : bool
        Whether it maximises weighted coverage instead of the sum of scores.
    exact : bool
        Whether it proves optimality.
    """

    choose: Callable[[Problem], Choice]
    in_sample: Callable[[Problem], Choice]
    runner_up: Callable[[Problem, Indices], RunnerUp]
    meaning: str
    covers: bool = False
    exact: bool = False


def ranked(score: Floats, among: Mask) -> Indices:
    """Return the positions in `among` from best to worst score, equal ones by position.

    Parameters
    ----------
    score : array (n,)
        Higher is better.
    among : array (n,) of bool
        Cells to rank.

    Returns
    -------
    array of int

    Examples
    --------
    >>> ranked(np.array([1.0, 3.0, 2.0, 3.0]), np.array([True, True, False, True])).tolist()
    [1, 3, 0]
    """
    positions = np.flatnonzero(among)
    return positions[np.argsort(-score[positions], kind="stable")]
