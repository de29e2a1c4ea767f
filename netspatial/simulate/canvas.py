"""One tile of the picture while it is painted: its coordinates, its colours, its heights.

The painters (`ground`, `buildings`, `ways`) work on a canvas about 2.5 m fine; `image` averages it
down to the asked resolution. Every value is a function of world coordinates and the town's seed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from netspatial.simulate.noise import Array, grid_noise, salt, uniform
from netspatial.simulate.town import Town

Mask = NDArray[np.bool_]


@dataclass
class Canvas:
    """A tile under the brush.

    x, y   : (columns,) and (rows,), metres from the town's south-west corner; y falls
    cell_m : side of a pixel, metres
    rgb    : (3, rows, columns) float32, reflected light on the scale of the picture, 0 to 255
    height : (rows, columns) float32, metres above the ground, for the shadows
    """

    town: Town
    look: dict[str, float]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    cell_m: float
    rgb: Array = field(init=False)
    height: Array = field(init=False)
    _kept: dict[tuple[str, float], Array] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.rgb = np.zeros((3, *self.shape), dtype=np.float32)
        self.height = np.zeros(self.shape, dtype=np.float32)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.y), len(self.x)

    def noise(self, name: str, wavelength: float) -> Array:
        """Return smooth noise of unit variance, remembered for the other painters."""
        kept = self._kept.get((name, wavelength))
        if kept is None:
            salted = salt(self.town.seed, "picture", name, round(wavelength * 1000))
            kept = grid_noise(salted, self.x, self.y, wavelength)
            self._kept[name, wavelength] = kept
        return kept

    def grain(self, name: str) -> Array:
        """Return an independent number in [0, 1) for every pixel."""
        column = np.round(self.x / self.cell_m - 0.5).astype(np.int64)
        row = np.round(self.y / self.cell_m - 0.5).astype(np.int64)
        return uniform(salt(self.town.seed, "grain", name), row[:, None], column[None, :])

    def smooth(self, raster: Array) -> Array:
        """Interpolate one of the town's maps linearly onto the canvas."""
        step = self.town.step_m
        rows = np.clip((self.town.size_m - self.y) / step - 0.5, 0, raster.shape[0] - 1.001)
        columns = np.clip(self.x / step - 0.5, 0, raster.shape[1] - 1.001)
        top, left = rows.astype(np.int64), columns.astype(np.int64)
        part_y = (rows - top).astype(np.float32)[:, None]
        part_x = (columns - left).astype(np.float32)[None, :]
        across = raster[top] * (1 - part_y) + raster[top + 1] * part_y
        return np.asarray(across[:, left] * (1 - part_x) + across[:, left + 1] * part_x)

    def square(self, x: Array, y: Array) -> NDArray[np.int32]:
        """Return the flat index of the town's square at places in metres; clamped at the edges."""
        rows, columns = self.town.use.shape
        column = np.clip((x / np.float32(self.town.step_m)).astype(np.int32), 0, columns - 1)
        north = np.clip((y / np.float32(self.town.step_m)).astype(np.int32), 0, rows - 1)
        return np.asarray((rows - 1 - north) * columns + column, dtype=np.int32)

    def paint(self, where: Mask, colour: Array) -> None:
        """Cover the pixels of a mask with `colour`, (3,) or (3, pixels)."""
        colour = np.asarray(colour, dtype=np.float32)
        for band in range(3):
            self.rgb[band][where] = colour[band]

    def blend(self, share: Array, colour: Array) -> None:
        """Mix in one colour (3,) by a share in [0, 1] for each pixel."""
        for band in range(3):
            self.rgb[band] += share * (colour[band] - self.rgb[band])


def spread(field_of: Callable[[], Array], where: Mask) -> Array:
    """Return a field's values at the pixels of a mask."""
    return np.asarray(field_of()[where])


def soften(values: Array, sigma: float) -> Array:
    """Blur by a Gaussian of `sigma` pixels, cut at three."""
    return np.asarray(ndimage.gaussian_filter(values, sigma, mode="nearest", truncate=3.0))
