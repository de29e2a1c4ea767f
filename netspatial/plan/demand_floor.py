"""Minimum demand of candidate cells, so that a stability index does not select empty cells.

The deviation of traffic grows with its mean, so Eq. 6 alone ranks cells with the least traffic
first.
"""

from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Floats, Mask
from netspatial.errors import BadInput


@dataclass(frozen=True)
class DemandFloor:
    """The candidates that reach the minimum demand.

    Attributes
    ----------
    floor : float
        Minimum mean traffic, in `unit`.
    unit : str
        Unit of the traffic.
    why : str
        Source of the floor.
    passes : array (n,) of bool
        Candidates that reach the floor.
    kept : int
        Number of candidates that reach the floor.
    removed : int
        Number of candidates that do not.
    excluded : int
        How many of the best K by utility alone the floor removes.
    """

    floor: float
    unit: str
    why: str
    passes: Mask
    kept: int
    removed: int
    excluded: int

    @property
    def sentence(self) -> str:
        """The effect of the minimum demand, as a sentence."""
        if self.floor == 0:
            return "No minimum demand: every feasible cell is a candidate."
        return (
            f"Minimum demand: mean of at least {self.floor:.3g} {self.unit} ({self.why}). "
            f"{self.kept} of {self.kept + self.removed} feasible cells pass; {self.excluded} of "
            "the others would be among the best by utility alone."
        )


def demand_floor(
    demand: Floats,
    score: Floats,
    candidates: Mask,
    floor: float | None,
    k: int,
    *,
    guarded: bool,
    unit: str,
) -> DemandFloor:
    """Return the candidates that reach the given floor, or by default that of the utility.

    Parameters
    ----------
    demand : array (n,)
        Mean traffic of each cell over all samples, in `unit`.
    score : array (n,)
        Utility of each cell, higher is better.
    candidates : array (n,) of bool
        Cells that may be selected.
    floor : float or None
        Minimum mean traffic, in `unit`; None for the default of the utility.
    k : int
        Number of sites.
    guarded : bool
        Whether the default is the median of the candidates instead of 0, as for utilities that
        reward small traffic.
    unit : str
        Unit of the traffic.

    Returns
    -------
    DemandFloor

    Raises
    ------
    BadInput
        If no candidate reaches the floor.

    Notes
    -----
    The standard deviation of traffic grows with its mean, so the Load Stability Index (Eq. 6)
    without a floor ranks the cells with the least traffic first.

    Examples
    --------
    >>> demand = np.array([1.0, 4.0, 9.0])
    >>> found = demand_floor(
    ...     demand, 1 / demand, np.ones(3, bool), None, 1, guarded=True, unit="GB/h"
    ... )
    >>> found.floor, found.passes.tolist(), found.excluded
    (4.0, [False, True, True], 1)
    """
    why = "set by the user"
    if floor is None:
        floor = float(np.median(demand[candidates])) if guarded and candidates.any() else 0.0
        why = "median of the feasible cells"
    passes = candidates & (demand >= floor)
    if candidates.any() and not passes.any():
        raise BadInput(
            f"No feasible cell reaches the minimum demand of {floor:g} {unit}; the largest mean is "
            f"{demand[candidates].max():.3g} {unit}. Set a lower minimum."
        )
    among = np.flatnonzero(candidates)
    best = among[np.argsort(-score[among], kind="stable")][:k]
    return DemandFloor(
        floor=floor,
        unit=unit,
        why=why,
        passes=passes,
        kept=int(passes.sum()),
        removed=int((candidates & ~passes).sum()),
        excluded=int((~passes[best]).sum()),
    )
