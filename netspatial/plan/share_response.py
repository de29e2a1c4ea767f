"""Response of a station's traffic to the part of its demand that new sites serve.

A new site brings capacity and better service: part of what it takes over is replaced by demand that
was held back before, so a station loses less traffic than places.
"""

from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Floats
from netspatial.randomness import stream

MAX_EXPONENT = 1.0


@dataclass(frozen=True)
class ShareResponse:
    """Exponent of a station's traffic over the share of its demand that it keeps.

    Attributes
    ----------
    exponent : float
        Mean of ε, above 0 and at most 1; 1 means that demand is fixed and moves with its places.
    log_sd : float
        Standard deviation of log ε over the samples.
    """

    exponent: float
    log_sd: float

    def draw(self, samples: int, seed: int) -> Floats:
        """Draw one exponent for each sample.

        Parameters
        ----------
        samples : int
            Number of samples.
        seed : int
            Of the draws.

        Returns
        -------
        array (samples,)
            Log-normal, at most 1.

        Examples
        --------
        >>> ShareResponse(1.0, 0.0).draw(2, seed=0).tolist()
        [1.0, 1.0]
        """
        noise = stream(seed, "share response").standard_normal(samples)
        drawn = self.exponent * np.exp(self.log_sd * noise - self.log_sd**2 / 2)
        return np.minimum(drawn, MAX_EXPONENT)


def traffic_lost(share: Floats, exponent: Floats | float) -> Floats:
    """Part of a station's traffic that it loses when sites take this share of its places.

    Parameters
    ----------
    share : array, any shape
        Part of the station's traffic at places that sites now serve, 0 to 1.
    exponent : float or array
        Exponent ε.

    Returns
    -------
    array, shape of `share`
        1 - (1 - share)^ε.

    Examples
    --------
    >>> traffic_lost(np.array([0.0, 0.75]), 0.5).tolist()
    [0.0, 0.5]
    """
    return np.asarray(1 - np.clip(1 - share, 0.0, 1.0) ** exponent)


FIXED_DEMAND = ShareResponse(1.0, 0.0)
"""All traffic of a place moves with it, and nothing was held back."""
SIMULATED = ShareResponse(0.23, 0.47)
"""As in simulated cities of the family `train`, where sites were added one by one.

Fitted by `bench plan --only exponent`; no measured network with stations added was at hand.
"""
