"""Water of a town: a meandering river, a coast, lakes.

Drawn before roads and quarters, which avoid water. Coordinates are metres from the town's
south-west corner; maps are (rows, columns) with row 0 at the north edge.
"""

import numpy as np

from netspatial.arrays import Floats, Floats32
from netspatial.randomness import stream
from netspatial.simulate.noise import Array, Fields, line_noise, salt

RIVER_FROM, COAST_FROM = 0.25, 0.62
"""Values of the parameters `river` and `coast` above which a town has one."""


def make_shore(
    seed: int,
    size_m: float,
    step_m: float,
    centres: Floats,
    land: dict[str, float],
) -> Floats32:
    """Draw river, sea and lakes: metres to the water's edge, negative in it, (rows, columns)."""
    field = Fields(seed, size_m, step_m)
    east = field.x[None, :] - centres[0, 0]
    north = field.y[:, None] - centres[0, 1]
    shore = _lakes(field, land)
    if land["river"] > RIVER_FROM:
        shore = np.minimum(shore, _river(seed, east, north, size_m, land))
    if land["coast"] > COAST_FROM:
        shore = np.minimum(shore, _coast(seed, east, north, field, land))
    return np.asarray(np.clip(shore, -4000, 4000), dtype=np.float32)


def _river(seed: int, east: Array, north: Array, size_m: float, land: dict[str, float]) -> Array:
    """A meandering river of varying width across the town, near its centre."""
    draw = stream(seed, "water", "river")
    direction = draw.uniform(0, np.pi)
    along = east * np.cos(direction) + north * np.sin(direction)
    aside = north * np.cos(direction) - east * np.sin(direction)
    s = np.arange(-1.5 * size_m, 1.5 * size_m, 20.0)
    bed = 520 * line_noise(salt(seed, "river", "bends"), s, 2900.0)
    bed += 130 * line_noise(salt(seed, "river", "wriggles"), s, 900.0)
    bed += draw.uniform(-0.3, 0.3) * land["spread_m"]
    half = land["river_m"] * (0.5 + 0.11 * line_noise(salt(seed, "river", "width"), s, 1500.0))
    slope = np.interp(along, s, np.gradient(bed, s))
    distance = np.abs(aside - np.interp(along, s, bed)) / np.sqrt(1 + slope**2)
    return np.asarray(distance - np.interp(along, s, half))


def _coast(seed: int, east: Array, north: Array, field: Fields, land: dict[str, float]) -> Array:
    """The sea on one side, with bays, coves and rocks."""
    draw = stream(seed, "water", "coast")
    turn = draw.uniform(0, 2 * np.pi)
    inland = east * np.cos(turn) + north * np.sin(turn)
    inland += draw.uniform(0.9, 1.45) * land["spread_m"]
    bays = 520 * field("coast", 1400.0) + 130 * field("coves", 380.0)
    return np.asarray(inland + bays + 16 * field("rocks", 90.0))


def _lakes(field: Fields, land: dict[str, float]) -> Array:
    """Lakes where a smooth field is highest, over the drawn share of the area."""
    level = field("lakes", 420.0) + 0.2 * field("lake shores", 110.0)
    return np.asarray((np.quantile(level, 1 - land["lake_share"]) - level) * 330.0)
