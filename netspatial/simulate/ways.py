"""Painting the main roads and the railway: carriageways, verges, avenue trees, tracks and bridges.

Third coat of the picture. Works with the distance from the way's centre line, segment by segment.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely import get_coordinates

from netspatial.simulate.canvas import Canvas, Mask
from netspatial.simulate.ground import Flora
from netspatial.simulate.noise import Array
from netspatial.simulate.town import Town

TARMAC = np.array([121, 119, 116], dtype=np.float32)
CONCRETE = np.array([158, 155, 148], dtype=np.float32)
BALLAST = np.array([122, 111, 102], dtype=np.float32)
STEEL = np.array([92, 86, 82], dtype=np.float32)
REACH_M: dict[str, float] = {"motorway": 32.0, "arterial": 17.0, "rail": 18.0}
PAINTED = ("rail", "arterial", "motorway")
"""From the lowest to the highest, as they cross."""


@dataclass(frozen=True)
class Ways:
    """Segments of every kind, (n, 4): from x, y to x, y in metres from the south-west corner."""

    segments: dict[str, NDArray[np.float64]]


def make_ways(town: Town) -> Ways:
    """Cut the town's roads into segments."""
    corner = np.array([town.left, town.bottom])
    found = {}
    for kind in PAINTED:
        lines = town.roads.geometry[town.roads["kind"] == kind]
        pieces = [get_coordinates(line) - corner for line in lines]
        found[kind] = (
            np.concatenate([np.hstack([piece[:-1], piece[1:]]) for piece in pieces])
            if pieces
            else np.empty((0, 4))
        )
    return Ways(found)


def paint_ways(canvas: Canvas, flora: Flora, ways: Ways, dry: Mask) -> None:
    """Paint rail, arterials and motorways over what is there; bridges over water."""
    painters = {"rail": _rail, "arterial": _arterial, "motorway": _motorway}
    for kind in PAINTED:
        away = _distance(canvas, ways.segments[kind], REACH_M[kind])
        if away is not None:
            painters[kind](canvas, flora, away, dry)


def _distance(canvas: Canvas, segments: NDArray[np.float64], reach: float) -> Array | None:
    """Metres to the nearest segment where within reach, else infinity; None where none is near."""
    x_0, y_0, x_1, y_1 = segments.T
    near = (
        (np.maximum(x_0, x_1) > canvas.x[0] - reach)
        & (np.minimum(x_0, x_1) < canvas.x[-1] + reach)
        & (np.maximum(y_0, y_1) > canvas.y[-1] - reach)
        & (np.minimum(y_0, y_1) < canvas.y[0] + reach)
    )
    if not near.any():
        return None
    away = np.full(canvas.shape, np.inf, dtype=np.float32)
    for a_x, a_y, b_x, b_y in segments[near]:
        left = np.searchsorted(canvas.x, min(a_x, b_x) - reach)
        right = np.searchsorted(canvas.x, max(a_x, b_x) + reach)
        top = np.searchsorted(-canvas.y, -max(a_y, b_y) - reach)
        foot = np.searchsorted(-canvas.y, -min(a_y, b_y) + reach)
        if left >= right or top >= foot:
            continue
        east = (canvas.x[left:right] - a_x).astype(np.float32)[None, :]
        north = (canvas.y[top:foot] - a_y).astype(np.float32)[:, None]
        span_x, span_y = np.float32(b_x - a_x), np.float32(b_y - a_y)
        part = (east * span_x + north * span_y) / (span_x**2 + span_y**2)
        part = np.clip(part, 0, 1)
        found = np.hypot(east - part * span_x, north - part * span_y)
        corner = away[top:foot, left:right]
        np.minimum(corner, found, out=corner)
    return away


def _worn(canvas: Canvas, where: Mask, strength: float) -> Array:
    tone = 1 + 0.06 * canvas.noise("swell", 380.0)[where] + 0.03 * canvas.noise("lawn", 70.0)[where]
    return np.asarray(tone + strength * (canvas.grain("way")[where] - 0.5))


def _verge(canvas: Canvas, flora: Flora, where: Mask) -> None:
    tone = (
        0.97 + 0.07 * canvas.noise("lawn", 70.0)[where] + 0.1 * (canvas.grain("lawn")[where] - 0.5)
    )
    canvas.paint(where, flora.lawn[:, None] * tone)
    canvas.height[where] = 0


def _deck(canvas: Canvas, where: Mask, colour: Array, dry: Mask, wear: float) -> None:
    canvas.paint(where, colour[:, None] * _worn(canvas, where, wear))
    canvas.height[where] = np.where(dry[where], 0.0, 7.0)


def _motorway(canvas: Canvas, flora: Flora, away: Array, dry: Mask) -> None:
    verge = (away < 26 + 4 * canvas.noise("hedge", 24.0)) & dry
    _verge(canvas, flora, verge & (away > 13))
    _deck(canvas, away < 13.5, TARMAC, dry, 0.09)
    canvas.paint((away < 1.6) & dry, 0.6 * flora.lawn + 0.4 * CONCRETE)
    canvas.paint((np.abs(away - 12.6) < 0.8), CONCRETE)
    belt = dry & (away > 18) & (away < 27) & (canvas.noise("grove", 95.0) > 0.4)
    belt &= canvas.noise("crown", 7.3) > -0.3
    _avenue_trees(canvas, flora, belt, 7.0)


def _arterial(canvas: Canvas, flora: Flora, away: Array, dry: Mask) -> None:
    busy = canvas.smooth(canvas.town.intensity)
    half = 5.0 + 5.5 * np.clip(busy * 2.5, 0, 1)
    clear = dry & (away < half + 3.5)
    canvas.height[clear] = 0
    side = clear & (away > half)
    canvas.paint(side, 0.5 * flora.lawn + 0.5 * CONCRETE)
    _deck(canvas, away < half, TARMAC, dry, 0.12)
    canvas.paint((away < 0.9) & (half > 8.5), 0.5 * flora.lawn + 0.5 * CONCRETE)
    trees = side & (canvas.noise("grove", 95.0) > 0.1) & (canvas.noise("crown", 7.3) > 0.1)
    _avenue_trees(canvas, flora, trees, 6.0)


def _rail(canvas: Canvas, flora: Flora, away: Array, dry: Mask) -> None:
    _verge(canvas, flora, dry & (away < 13 + 3 * canvas.noise("hedge", 24.0)))
    _deck(canvas, away < 6.4, BALLAST, dry, 0.10)
    canvas.paint(np.abs(away - 2.3) < 0.8, STEEL)
    bushes = dry & (away > 7.5) & (away < 14) & (canvas.noise("grove", 33.0) > 0.5)
    _avenue_trees(canvas, flora, bushes, 4.0)


def _avenue_trees(canvas: Canvas, flora: Flora, where: Mask, tall: float) -> None:
    tone = 0.98 + 0.14 * canvas.noise("crown", 7.3)[where]
    canvas.paint(where, flora.canopy[:, None] * tone)
    canvas.height[where] = tall
