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

    floor    : minimum mean traffic, in `unit`
    why      : the source of the floor, as text
    passes   : (n,) bool
    kept     : number of candidates that pass
    removed  : number of candidates that do not
    excluded : how many of the best K by utility alone the floor removes
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

    demand  : (n,) mean traffic of each cell over all samples
    score   : (n,) higher is better
    guarded : if no floor is given, use the median of the candidates, else 0
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
