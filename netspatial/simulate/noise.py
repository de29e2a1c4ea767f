"""Randomness over the plane: smooth Gaussian fields for the land, hashed lattices for the picture.

Land draws whole fields with the FFT; the picture evaluates noise at world coordinates as a pure
function of place and seed, so that neighbouring tiles agree for any tiling.
"""

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from netspatial.arrays import Floats, Indices
from netspatial.randomness import key, stream

Array = NDArray[np.floating[Any]]
"""Numbers of either width; maps and pictures are computed in float32."""
Integers = Indices | NDArray[np.int32] | NDArray[np.uint32]

_MIX_1 = np.uint32(0x7FEB352D)
_MIX_2 = np.uint32(0x846CA68B)
_PRIME_1 = np.uint32(0x9E3779B1)
_PRIME_2 = np.uint32(0x85EBCA77)


def gaussian_field(
    seed: int,
    name: str,
    shape: tuple[int, int],
    correlation: tuple[float, float],
    angle: float = 0.0,
) -> Array:
    """Return a zero-mean, unit-variance smooth random field with a squared-exponential spectrum.

    correlation : lengths along and across `angle`, in squares of the field
    angle       : direction of the longer correlation, radians from the row axis
    """
    pad = int(3 * max(correlation))
    padded = tuple(fft.next_fast_len(n + min(pad, n), real=True) for n in shape)
    white = stream(seed, "field", name).standard_normal(padded, dtype=np.float32)
    ky = fft.fftfreq(padded[0]).astype(np.float32)[:, None]
    kx = fft.rfftfreq(padded[1]).astype(np.float32)[None, :]
    along = kx * np.cos(angle) + ky * np.sin(angle)
    across = -kx * np.sin(angle) + ky * np.cos(angle)
    squared = (along * correlation[0]) ** 2 + (across * correlation[1]) ** 2
    spectrum = fft.rfft2(white) * np.exp(-np.pi * squared)
    field = fft.irfft2(spectrum, s=padded)[: shape[0], : shape[1]]
    spread = float(field.std())
    return np.asarray((field - field.mean()) / max(spread, 1e-12), dtype=np.float32)


class Fields:
    """Unit random fields on a map, by name and correlation length in metres, stretched one way.

    x, y : the columns' and rows' middles, metres from the map's south-west corner; y falls
    """

    def __init__(self, seed: int, size_m: float, step_m: float) -> None:
        self.seed, self.step_m = seed, step_m
        self.x = (np.arange(round(size_m / step_m), dtype=np.float64) + 0.5) * step_m
        self.y = size_m - self.x
        draw = stream(seed, "land", "grain")
        self.grain, self.stretch = draw.uniform(0, np.pi), draw.uniform(1.1, 1.7)

    def __call__(self, name: str, length_m: float) -> Array:
        """Return the field of this name, (rows, columns)."""
        lengths = (2 * length_m * self.stretch / self.step_m, 2 * length_m / self.step_m)
        shape = (len(self.y), len(self.x))
        return gaussian_field(self.seed, name, shape, lengths, self.grain)


def salt(seed: int, *names: str | int) -> np.uint32:
    """Return the 32-bit salt of one hashed lattice."""
    return np.uint32(key(seed, *names) & 0xFFFFFFFF)


def hashed(salted: np.uint32, *indices: Integers) -> NDArray[np.uint32]:
    """Mix integer lattice indices, of shapes that broadcast, into 32 random bits each."""
    state = np.asarray(salted, dtype=np.uint32)
    for index in indices:
        with np.errstate(over="ignore"):
            state = (state + np.asarray(index).astype(np.uint32)) * _PRIME_1 + _PRIME_2
        state = _scrambled(state)
    return state


def uniform(salted: np.uint32, *indices: Integers) -> Array:
    """Return a float32 in [0, 1) for each lattice index."""
    return (hashed(salted, *indices) >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


def redrawn(salted: np.uint32, bits: NDArray[np.uint32]) -> Array:
    """Return another float32 in [0, 1) from the bits of `hashed`; much cheaper than a new hash."""
    with np.errstate(over="ignore"):
        product = bits * (salted | np.uint32(1))
    return (product >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


def _scrambled(state: NDArray[np.uint32]) -> NDArray[np.uint32]:
    with np.errstate(over="ignore"):
        state = (state ^ (state >> np.uint32(16))) * _MIX_1
        state = (state ^ (state >> np.uint32(15))) * _MIX_2
    return state ^ (state >> np.uint32(16))


def grid_noise(salted: np.uint32, x: Floats, y: Floats, wavelength: float) -> Array:
    """Return smooth noise of about unit variance on the grid of `y` (rows), `x` (columns), metres.

    Cubic B-splines over hashed lattice nodes: nearly isotropic, and separable, so that a
    large grid costs four gathers an axis.
    """
    column, weights_x = _spline(x / wavelength)
    row, weights_y = _spline(y / wavelength)
    left, bottom = int(column.min()), int(row.min())
    nodes_x = np.arange(left, int(column.max()) + 4)
    nodes_y = np.arange(bottom, int(row.max()) + 4)
    # A B-spline averages nodes of variance 1/12; in the mean 0.479 squared of it remains.
    spread = np.float32(np.sqrt(12.0) / 0.479)
    nodes = spread * (uniform(salted, nodes_y[:, None], nodes_x[None, :]) - np.float32(0.5))
    column, row = column - left, row - bottom
    across = weights_x[0] * nodes.take(column, axis=1)
    for k in range(1, 4):
        across += weights_x[k] * nodes.take(column + k, axis=1)
    field = np.empty((len(y), len(x)), dtype=np.float32)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(row)) + 1, [len(y)]])
    # One buffer for all products: fresh arrays of this size would cost more than the arithmetic.
    product = np.empty((int(np.diff(starts).max()), len(x)), dtype=np.float32)
    for start, stop in itertools.pairwise(starts.tolist()):
        first, rows, term = row[start], field[start:stop], product[: stop - start]
        np.multiply(weights_y[0][start:stop, None], across[first], out=rows)
        for k in range(1, 4):
            rows += np.multiply(weights_y[k][start:stop, None], across[first + k], out=term)
    return field


def line_noise(salted: np.uint32, s: Floats, wavelength: float) -> Floats:
    """Return smooth noise of about unit variance along a line, at positions `s` in metres."""
    node, weights = _spline(s / wavelength)
    value = sum(weights[k].astype(np.float64) * (uniform(salted, node + k) - 0.5) for k in range(4))
    return np.asarray(value * np.sqrt(12.0) / 0.692)


def _spline(position: Floats) -> tuple[Indices, list[Array]]:
    """Return the first of the four nodes around each position, and the four nodes' weights."""
    node = np.floor(position)
    t = (position - node).astype(np.float32)
    weights: list[Array] = [
        (1 - t) ** 3 / 6,
        (3 * t**3 - 6 * t**2 + 4) / 6,
        (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6,
        t**3 / 6,
    ]
    return node.astype(np.int64), weights
