"""A weighted blend of several utilities, made comparable by rank.

Utilities differ in units and tails (Eq. 6 reaches 10^6 in an empty cell), so each is converted to
the share of cells with a lower value before weighting.
"""

from collections.abc import Mapping

import numpy as np
from scipy.stats import rankdata

from netspatial.arrays import Floats
from netspatial.errors import BadInput
from netspatial.plan.utilities.contract import Utility, UtilityInputs


def blend(weights: Mapping[str, float], utilities: Mapping[str, Utility]) -> Utility:
    """Return the blend of utilities with these weights, which are normalised to sum to one.

    Parameters
    ----------
    weights : mapping from str to float
        Weight of each utility by name.
    utilities : mapping from str to Utility
        The utilities by name.

    Returns
    -------
    Utility
        Between 0 and 1, without unit.

    Raises
    ------
    BadInput
        If a name is unknown or no weight is above zero.

    Notes
    -----
    Σ over utilities of weight · (rank − 1) / (n − 1): utilities differ in units and tails, so each
    is converted to the share of cells with a lower value.
    """
    total = sum(weights.values())
    unknown = [name for name in weights if name not in utilities]
    if unknown:
        raise BadInput(
            f"There is no utility '{unknown[0]}' to blend; the utilities are "
            f"{', '.join(utilities)}."
        )
    if total <= 0:
        raise BadInput("A blend needs a weight above zero for at least one utility.")
    parts = {name: weight / total for name, weight in weights.items() if weight > 0}

    def score(inputs: UtilityInputs) -> Floats:
        blended = np.zeros(inputs.of("mean").shape)
        for name, weight in parts.items():
            blended += weight * _beaten(utilities[name], inputs)
        return blended

    mixture = " + ".join(f"{weight:.0%} {utilities[name].title}" for name, weight in parts.items())
    return Utility(
        score,
        lambda _unit: "",
        title="blend",
        meaning=f"share of the other cells with a lower value, in {mixture}",
        equation="Σ over utilities of weight · (rank − 1) / (n − 1)",
        guarded=any(utilities[name].guarded for name in parts),
        needs_network=any(utilities[name].needs_network for name in parts),
    )


def _beaten(utility: Utility, inputs: UtilityInputs) -> Floats:
    """Share of the other cells with a lower value, (cell, sample); a tie counts half."""
    score = utility.score(inputs)
    signed = score if utility.better == "higher" else -score
    ranks = rankdata(signed, axis=0)
    return np.asarray((ranks - 1) / max(len(score) - 1, 1))
