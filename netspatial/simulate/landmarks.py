"""Painting landmarks that fill a whole block: sports grounds, stadiums, tank farms.

Painted after the buildings, on a few blocks chosen by their hash.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Floats32, Mask
from netspatial.simulate.canvas import Canvas, Pick
from netspatial.simulate.noise import Array, salt
from netspatial.simulate.streets import Blocks

TURF = np.array([88, 112, 70], dtype=np.float32)
CINDER = np.array([150, 98, 82], dtype=np.float32)
STAND = np.array([172, 170, 168], dtype=np.float32)
TANK = np.array([204, 202, 196], dtype=np.float32)
LINE = np.array([196, 200, 190], dtype=np.float32)
MOWN_M = 10.0
TANK_PITCH_M = 27.0

SPORTS_SHARE = np.array([0, 0.06, 0, 0.006, 0, 0, 0.06, 0, 0.09, 0], dtype=np.float32)
STADIUM_SHARE = np.array([0, 0, 0, 0, 0, 0, 0.035, 0, 0, 0], dtype=np.float32)
TANKS_SHARE = np.array([0, 0, 0, 0, 0, 0, 0, 0.07, 0, 0], dtype=np.float32)


def paint_landmarks(canvas: Canvas, blocks: Blocks, use: NDArray[np.uint8], dry: Mask) -> None:
    """Paint the landmarks of all blocks; `use`, (pixels,), is that of the block's middle."""
    for name, (share, painter) in LANDMARKS.items():
        chosen = blocks.draw(salt(canvas.town.seed, name)).ravel() < share[use]
        pick = np.flatnonzero(chosen & dry)
        if not pick.size:
            continue
        own = blocks.at(pick)
        long, wide = own.along - own.length / 2, own.across - own.depth / 2
        room_long, room_wide = own.length / 2 - 9, own.depth / 2 - 9
        inside = (room_long > 42) & (room_wide > 24) & (own.border > 8)
        inside &= (np.abs(long) < room_long) & (np.abs(wide) < room_wide)
        painter(
            canvas, pick[inside], long[inside], wide[inside], room_long[inside], room_wide[inside]
        )


def _sports_ground(
    canvas: Canvas, pick: Pick, long: Array, wide: Array, room_long: Array, room_wide: Array
) -> None:
    """A pitch mown in stripes inside a running track, as large as the block allows."""
    half_wide = np.minimum(room_wide, 44.0)
    straight = np.minimum(room_long, 88.0) - half_wide
    from_axis = np.hypot(np.maximum(np.abs(long) - straight, 0), wide)
    oval = from_axis < half_wide
    canvas.raise_to(pick[oval], 0.0)
    canvas.paint(pick[oval], CINDER, 1 + 0.08 * canvas.grain("turf", pick[oval]))
    infield = from_axis < half_wide - 8
    stripe = np.where(np.floor(long[infield] / MOWN_M) % 2 > 0, 1.04, 0.95).astype(np.float32)
    canvas.paint(pick[infield], TURF, stripe + 0.06 * canvas.grain("turf", pick[infield]))
    half = np.minimum(half_wide - 11, 33.0)
    touch = np.maximum(np.abs(long) - straight - 4, np.abs(wide) - half)
    canvas.paint(pick[infield & (np.abs(touch) < 0.6)], LINE)


def _stadium(
    canvas: Canvas, pick: Pick, long: Array, wide: Array, room_long: Array, room_wide: Array
) -> None:
    """Stands in a ring around a pitch."""
    radius = np.hypot(long / np.minimum(room_long, 95.0), wide / np.minimum(room_wide, 72.0))
    ring = (radius < 1) & (radius > 0.6)
    canvas.paint(
        pick[ring], STAND, 1.2 - 0.3 * radius[ring] + 0.08 * canvas.grain("turf", pick[ring])
    )
    canvas.raise_to(pick[ring], 8 + 26 * (radius[ring] - 0.6))
    pitch = radius <= 0.6
    stripe = np.where(np.floor(long[pitch] / MOWN_M) % 2 > 0, 1.05, 0.94).astype(np.float32)
    canvas.paint(pick[pitch], TURF, stripe)
    canvas.raise_to(pick[pitch], 0.0)


def _tanks(
    canvas: Canvas, pick: Pick, long: Array, wide: Array, room_long: Array, room_wide: Array
) -> None:
    """Round tanks in rows on a paved yard, as many as fit whole."""
    columns = np.floor(room_long / TANK_PITCH_M - 0.5)
    rows = np.floor(room_wide / TANK_PITCH_M - 0.5)
    nearest_long = np.clip(np.round(long / TANK_PITCH_M), -columns, columns)
    nearest_wide = np.clip(np.round(wide / TANK_PITCH_M), -rows, rows)
    away = np.hypot(long - nearest_long * TANK_PITCH_M, wide - nearest_wide * TANK_PITCH_M)
    yard = pick[away >= 10.5]
    canvas.paint(
        yard, np.array([140, 134, 124], dtype=np.float32), 1 + 0.1 * canvas.grain("turf", yard)
    )
    canvas.raise_to(yard, 0.0)
    tank = away < 10.5
    canvas.paint(pick[tank], TANK, 1.02 - 0.012 * away[tank])
    canvas.raise_to(pick[tank], 12.0)


LANDMARKS: dict[
    str, tuple[Floats32, Callable[[Canvas, Pick, Array, Array, Array, Array], None]]
] = {
    "sports": (SPORTS_SHARE, _sports_ground),
    "stadium": (STADIUM_SHARE, _stadium),
    "tanks": (TANKS_SHARE, _tanks),
}
"""Each landmark: the share of blocks that have it, by `Use`, and its painter."""
