"""Who can serve whom: the demand of each station spread over pixels, and the links that reach them.

What `operate` decides on. A link is fixed: its efficiency assumes that neighbours are on air.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netspatial.errors import BadInput

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Reach:
    """Who can serve whom: demand pixels, whose they are, and the links that can serve them.

    owner         : (P,) station whose measured traffic the pixel's demand is part of
    share         : (P,) part of the owner's traffic at this pixel; sums to 1 per station
    pixel, server : (E,) admissible links; the owner's own link is always among them
    efficiency    : (E,) spectral efficiency of the link, bit/s/Hz
    """

    owner: Indices
    share: Floats
    pixel: Indices
    server: Indices
    efficiency: Floats

    def __post_init__(self) -> None:
        if len(self.owner) != len(self.share):
            raise BadInput(
                f"A reach names {len(self.owner)} owners and {len(self.share)} shares of pixels; "
                "each pixel has one of both."
            )
        if not len(self.pixel) == len(self.server) == len(self.efficiency):
            raise BadInput(
                f"A reach has {len(self.pixel)} pixels, {len(self.server)} servers and "
                f"{len(self.efficiency)} efficiencies of links; each link has one of all three."
            )
        if len(self.owner) == 0 or min(self.owner.min(), self.server.min(), self.pixel.min()) < 0:
            raise BadInput("A reach needs pixels, and owners and links counted from zero.")
        if self.pixel.max() >= len(self.owner):
            raise BadInput(
                f"A link of this reach leads to pixel {self.pixel.max()}; "
                f"there are {len(self.owner)}."
            )
        if (self.share < 0).any() or not np.isfinite(self.efficiency).all():
            raise BadInput("Shares must not be negative, and efficiencies must be numbers.")
        if (self.efficiency <= 0).any():
            raise BadInput("The efficiency of every link must be above zero.")
        total = np.bincount(self.owner, self.share)
        own = np.bincount(self.pixel[self.server == self.owner[self.pixel]], minlength=self.pixels)
        wrong = np.flatnonzero((np.abs(total - 1) > 1e-6) & (np.bincount(self.owner) > 0))
        if len(wrong):
            raise BadInput(
                f"The shares of station {wrong[0]} sum to {total[wrong[0]]:.6g}; "
                "they must sum to 1."
            )
        if (own != 1).any():
            raise BadInput(
                f"Pixel {np.flatnonzero(own != 1)[0]} has {own[own != 1][0]} links from its own "
                "station; it needs exactly one."
            )

    @property
    def pixels(self) -> int:
        """How many demand pixels there are."""
        return len(self.owner)
