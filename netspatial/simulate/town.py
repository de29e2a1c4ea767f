"""The ground truth of a simulated city: what stands where. Image, POIs, stations, traffic read it.

One `Town` is drawn per seed; everything visible and everything carried follows from it, so that
surroundings and traffic agree.
"""

from dataclasses import dataclass
from enum import IntEnum

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from netspatial.simulate.parameters import Family


class Use(IntEnum):
    """Land use of a place; the number is what the town's map stores."""

    WATER = 0
    PARK = 1
    FIELD = 2
    RESIDENTIAL = 3
    OFFICE = 4
    COMMERCIAL = 5
    ENTERTAINMENT = 6
    INDUSTRIAL = 7
    UNIVERSITY = 8
    TRANSPORT = 9


@dataclass(frozen=True)
class Town:
    """Where everything is, in metres east (x) and north (y) in `crs`.

    use       : (rows, columns) uint8, a `Use` for each square of `step_m`; row 0 is the north edge
    intensity : (rows, columns) float32 in [0, 1], how densely built and busy the square is
    roads     : lines in `crs` with `kind` (motorway, arterial, rail), `name` and `width_m`
    """

    seed: int
    family: Family
    crs: CRS
    timezone: str
    left: float
    bottom: float
    size_m: float
    step_m: float
    use: NDArray[np.uint8]
    intensity: NDArray[np.float32]
    roads: gpd.GeoDataFrame
    parameters: dict[str, float]
