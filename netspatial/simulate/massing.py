"""Buildings of a town as boxes with heights, for ray tracing only.

One building represents a square of the town; its width and height grow with the intensity of the
square. The picture does not use them.
"""

import geopandas as gpd
import numpy as np
import shapely

from netspatial.randomness import stream
from netspatial.simulate.town import Town, Use

SIDE_M = 60.0
"""Side of the squares that get a building each."""
STOREY_M = 3.2
MAX_STOREYS = 10.0
COVERED = 0.6
"""Part of a square's side that a building takes at intensity 1; half of it at intensity 0."""
OPEN = (Use.WATER, Use.PARK, Use.FIELD)


def massing(
    town: Town,
    storey_m: float = STOREY_M,
    most_storeys: float = MAX_STOREYS,
    storeys_sd: float = 0.0,
) -> gpd.GeoDataFrame:
    """Buildings with `height_m` in the town's CRS; storeys and footprint grow with intensity.

    storeys_sd : log-sd of the storeys of buildings at equal intensity
    """
    step = round(SIDE_M / town.step_m)
    rows, columns = (size // step for size in town.use.shape)
    row, column = np.meshgrid(
        np.arange(rows) * step + step // 2, np.arange(columns) * step + step // 2, indexing="ij"
    )
    use, intensity = town.use[row, column], town.intensity[row, column].astype(np.float64)
    built = ~np.isin(use, OPEN)
    top = town.bottom + town.use.shape[0] * town.step_m
    x = town.left + (column[built] + 0.5) * town.step_m
    y = top - (row[built] + 0.5) * town.step_m
    busy = intensity[built]
    half = COVERED * SIDE_M * (1 + busy) / 4
    own = stream(town.seed, "massing").standard_normal(built.shape)[built]
    storeys = (1 + (most_storeys - 1) * busy) * np.exp(storeys_sd * own)
    return gpd.GeoDataFrame(
        {"height_m": storey_m * np.maximum(np.rint(storeys), 1)},
        geometry=shapely.box(x - half, y - half, x + half, y + half),
        crs=town.crs,
    )
