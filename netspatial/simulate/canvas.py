"""One tile of the picture while it is painted: coordinates, colours and heights.

The painters (`ground`, `buildings`, `landmarks`, `ways`) work on a canvas about 2.5 m fine; `image`
averages it down. Every value is a function of world coordinates and the town's seed.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Floats
from netspatial.simulate.noise import Array, grid_noise, salt, uniform
from netspatial.simulate.town import Town

Pick = NDArray[np.intp]
"""Flat indices of the pixels that a painter works on."""


@dataclass
class Canvas:
    """A tile of the picture.

    x, y   : (columns,) and (rows,), metres from the town's south-west corner; y falls
    cell_m : side of a pixel, metres
    rgb    : (3, pixels) float32, reflected light on the scale of the picture, 0 to 255
    height : (pixels,) float32, metres above the ground, for the shadows
    """

    town: Town
    look: dict[str, float]
    x: Floats
    y: Floats
    cell_m: float
    rgb: Array = field(init=False)
    height: Array = field(init=False)
    _fields: dict[tuple[str, float], Array] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        rows, columns = self.shape
        self.rgb = np.zeros((3, rows * columns), dtype=np.float32)
        self.height = np.zeros(rows * columns, dtype=np.float32)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.y), len(self.x)

    def noise(self, name: str, wavelength: float, pick: Pick | None = None) -> Array:
        """Return smooth noise of unit variance, (pixels,); computed once for all painters."""
        kept = self._fields.get((name, wavelength))
        if kept is None:
            salted = salt(self.town.seed, "picture", name, round(wavelength * 1000))
            kept = grid_noise(salted, self.x, self.y, wavelength).ravel()
            self._fields[name, wavelength] = kept
        return kept if pick is None else np.take(kept, pick)

    def grain(self, name: str, pick: Pick) -> Array:
        """Return an independent number in [-0.5, 0.5) for each picked pixel."""
        row, column = np.divmod(pick.astype(np.int32), np.int32(len(self.x)))
        row = np.int32(round(self.y[0] / self.cell_m - 0.5)) - row
        column = np.int32(round(self.x[0] / self.cell_m - 0.5)) + column
        return uniform(salt(self.town.seed, "grain", name), row, column) - np.float32(0.5)

    def smooth(self, raster: Array) -> Array:
        """Interpolate one of the town's maps linearly onto all pixels, (pixels,)."""
        step = self.town.step_m
        rows = np.clip((self.town.size_m - self.y) / step - 0.5, 0, raster.shape[0] - 1.001)
        columns = np.clip(self.x / step - 0.5, 0, raster.shape[1] - 1.001)
        top, left = rows.astype(np.int64), columns.astype(np.int64)
        part_y = (rows - top).astype(np.float32)[:, None]
        part_x = (columns - left).astype(np.float32)[None, :]
        first = int(top.min())
        near = raster[first : int(top.max()) + 2]
        across = near[:, left] * (1 - part_x) + near[:, left + 1] * part_x
        top = top - first
        return np.asarray(across[top] * (1 - part_y) + across[top + 1] * part_y).ravel()

    def square(self, x: Array, y: Array) -> NDArray[np.int32]:
        """Return the flat index of the town's square at places in metres; clamped at the edges."""
        rows, columns = self.town.use.shape
        step = np.float32(self.town.step_m)
        column = np.clip((x / step).astype(np.int32), 0, columns - 1)
        north = np.clip((y / step).astype(np.int32), 0, rows - 1)
        return np.asarray((rows - 1 - north) * columns + column, dtype=np.int32)

    def use_near(self, wander_m: float) -> NDArray[np.uint8]:
        """Return the land use of all pixels, (pixels,), its edges frayed by some `wander_m`."""
        east = np.tile(self.x.astype(np.float32), len(self.y))
        north = np.repeat(self.y.astype(np.float32), len(self.x))
        east += np.float32(wander_m) * self.noise("edge east", 34.0)
        north += np.float32(wander_m) * self.noise("edge north", 31.0)
        return np.take(self.town.use, self.square(east, north))

    def paint(self, pick: Pick, colour: Array, tone: Array | float = 1.0) -> None:
        """Cover the picked pixels with `colour`, (3,) or (3, pixels), times `tone`."""
        for band in range(3):
            self.rgb[band][pick] = colour[band] * tone

    def raise_to(self, pick: Pick, height: Array | float) -> None:
        """Set the height of the picked pixels, metres."""
        self.height[pick] = height
