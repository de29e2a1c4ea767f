"""Traffic demand of each block of a town, by land use.

Stations are placed in proportion to it, and `association` shares it among them.
"""

from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Floats
from netspatial.simulate.town import Town, Use

BLOCK_M = 100.0
"""Side of a demand block: fine enough for a cell of 300 m, coarse enough for a city of 40 km."""

BUSYNESS: dict[Use, float] = {
    Use.WATER: 0.004,
    Use.PARK: 0.10,
    Use.FIELD: 0.02,
    Use.RESIDENTIAL: 1.0,
    Use.OFFICE: 2.6,
    Use.COMMERCIAL: 2.8,
    Use.ENTERTAINMENT: 2.2,
    Use.INDUSTRIAL: 0.45,
    Use.UNIVERSITY: 1.3,
    Use.TRANSPORT: 2.2,
}
"""Traffic per area at full intensity, relative to dense housing."""


@dataclass(frozen=True)
class Demand:
    """Demand of the town's blocks, relative units.

    x, y    : (blocks,) centres in metres of the town's CRS
    by_use  : (blocks, uses) demand of each land use in the block, in `Use` order
    side_m  : side of a block
    shape   : rows and columns of blocks, row 0 in the north
    """

    x: Floats
    y: Floats
    by_use: Floats
    side_m: float
    shape: tuple[int, int]

    @property
    def total(self) -> Floats:
        """Demand of each block over all uses, (blocks,)."""
        return np.asarray(self.by_use.sum(axis=1))


def demand(town: Town, intensity_power: float) -> Demand:
    """Mean demand of the squares of the town's map in blocks of `BLOCK_M`.

    A square of use k and intensity i has demand `BUSYNESS[k] * (0.1 + 0.9 i) ** intensity_power`.
    """
    per_side = max(1, round(BLOCK_M / town.step_m))
    rows, columns = (np.array(town.use.shape) // per_side).tolist()
    use = town.use[: rows * per_side, : columns * per_side]
    intensity = town.intensity[: rows * per_side, : columns * per_side].astype(np.float64)
    weight = (0.1 + 0.9 * intensity) ** intensity_power
    by_use = np.empty((rows * columns, len(Use)))
    for k in Use:
        of_use = np.where(use == k, BUSYNESS[k] * weight, 0.0)
        blocks = of_use.reshape(rows, per_side, columns, per_side).mean(axis=(1, 3))
        by_use[:, k] = blocks.ravel()
    side_m = per_side * town.step_m
    top = town.bottom + town.use.shape[0] * town.step_m
    x = town.left + (np.arange(columns) + 0.5) * side_m
    y = top - (np.arange(rows) + 0.5) * side_m
    grid_x, grid_y = np.meshgrid(x, y)
    return Demand(
        x=grid_x.ravel(), y=grid_y.ravel(), by_use=by_use, side_m=side_m, shape=(rows, columns)
    )
