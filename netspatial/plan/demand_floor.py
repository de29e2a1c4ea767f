"""The floor on demand that keeps an index of steadiness from choosing dead cells.

Between utilities and siting. The deviation of traffic grows with its mean, so Eq. 6 taken
literally ranks by smallness; among cells that pass a floor, steady means steadily high.
"""

from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Floats, Mask
from netspatial.errors import BadInput


@dataclass(frozen=True)
class DemandFloor:
    """Which candidates the floor let pass.

    floor   : least mean traffic, in `unit`
    why     : where the floor comes from, in words
    passes  : (n,) bool
    kept    : candidates that passed
    removed : candidates that did not
    excluded  : how many of the best K by the utility alone the floor removed
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
        """What the floor did, for a planner."""
        if self.floor == 0:
            return "No floor on demand: every feasible cell competes."
        return (
            f"Only cells with a mean of at least {self.floor:.3g} {self.unit} compete "
            f"({self.why}): {self.kept} of {self.kept + self.removed} feasible cells pass, and of "
            f"those that do not, {self.excluded} would otherwise be among the best by this utility."
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
    """Apply the floor that was set, or else the utility's own.

    demand  : (n,) mean traffic of each cell over all futures
    score   : (n,) higher is better
    guarded : without a floor that was set, the median of the candidates is the floor
    """
    why = "the floor that was set"
    if floor is None:
        floor = float(np.median(demand[candidates])) if guarded and candidates.any() else 0.0
        why = "the median of the feasible cells"
    passes = candidates & (demand >= floor)
    if candidates.any() and not passes.any():
        raise BadInput(
            f"No feasible cell reaches the floor of {floor:g} {unit}; the largest mean is "
            f"{demand[candidates].max():.3g} {unit}, so set a lower floor."
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
