"""Painting the main roads and the railway: carriageways, verges, avenue trees, tracks and bridges.

Third layer of the picture. Works with the distance from the way's centre line, segment by segment.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from shapely import get_coordinates

from netspatial.arrays import Floats, Mask
from netspatial.simulate.canvas import Canvas, Pick
from netspatial.simulate.ground import Flora, paint_crowns, paint_lawn
from netspatial.simulate.noise import Array, salt, uniform
from netspatial.simulate.town import Town, Use

TARMAC = np.array([126, 123, 118], dtype=np.float32)
CONCRETE = np.array([160, 155, 146], dtype=np.float32)
BALLAST = np.array([121, 110, 99], dtype=np.float32)
STEEL = np.array([94, 87, 81], dtype=np.float32)
PLATFORM = np.array([170, 166, 158], dtype=np.float32)
TRAINS = np.array([[196, 194, 190], [150, 70, 62], [96, 104, 120]], dtype=np.float32)
BRIDGE_M = 7.0
YARD_M = 62.0
TRACK_M = 5.2
CAR_M = 24.0


@dataclass(frozen=True)
class Ways:
    """Segments of every kind, (n, 4): from x, y to x, y in metres from the south-west corner."""

    segments: dict[str, Floats]


@dataclass(frozen=True)
class _Strip:
    """Pixels along a way: index, metres from the centre line, metres along it, on dry land."""

    pick: Pick
    away: Array
    along: Array
    dry: Mask

    def where(self, inside: Mask) -> Pick:
        return np.asarray(self.pick[inside])


def make_ways(town: Town) -> Ways:
    """Cut the town's roads into segments."""
    corner = np.array([town.left, town.bottom])
    found = {}
    for kind in PAINTERS:
        lines = town.roads.geometry[town.roads["kind"] == kind]
        pieces = [get_coordinates(line) - corner for line in lines]
        joined = [np.hstack([piece[:-1], piece[1:]]) for piece in pieces]
        found[kind] = np.concatenate(joined) if joined else np.empty((0, 4))
    return Ways(found)


def paint_ways(canvas: Canvas, flora: Flora, ways: Ways, dry: Mask) -> None:
    """Paint rail, arterials and motorways, the lower before the higher; bridges over water."""
    for kind, (reach, painter) in PAINTERS.items():
        strip = _strip(canvas, ways.segments[kind], reach, dry)
        if strip.pick.size:
            painter(canvas, flora, strip)


def _strip(canvas: Canvas, segments: Floats, reach: float, dry: Mask) -> _Strip:
    """Find the pixels within reach (metres) of the segments, and where along them they lie."""
    x_0, y_0, x_1, y_1 = segments.T
    near = (
        (np.maximum(x_0, x_1) > canvas.x[0] - reach)
        & (np.minimum(x_0, x_1) < canvas.x[-1] + reach)
        & (np.maximum(y_0, y_1) > canvas.y[-1] - reach)
        & (np.minimum(y_0, y_1) < canvas.y[0] + reach)
    )
    away = np.full(canvas.shape, np.inf, dtype=np.float32)
    along = np.zeros(canvas.shape, dtype=np.float32)
    passed = np.concatenate([[0.0], np.cumsum(np.hypot(x_1 - x_0, y_1 - y_0))])
    for number in np.flatnonzero(near):
        a_x, a_y, b_x, b_y = segments[number]
        left = np.searchsorted(canvas.x, min(a_x, b_x) - reach)
        right = np.searchsorted(canvas.x, max(a_x, b_x) + reach)
        top = np.searchsorted(-canvas.y, -max(a_y, b_y) - reach)
        foot = np.searchsorted(-canvas.y, -min(a_y, b_y) + reach)
        if left >= right or top >= foot:
            continue
        box = np.s_[top:foot, left:right]
        east = (canvas.x[left:right] - a_x).astype(np.float32)[None, :]
        north = (canvas.y[top:foot] - a_y).astype(np.float32)[:, None]
        span_x, span_y = np.float32(b_x - a_x), np.float32(b_y - a_y)
        squared = span_x**2 + span_y**2
        part = np.clip((east * span_x + north * span_y) / squared, 0, 1)
        found = (east - part * span_x) ** 2 + (north - part * span_y) ** 2
        closer = found < away[box]
        np.copyto(along[box], np.float32(passed[number]) + part * np.sqrt(squared), where=closer)
        np.minimum(away[box], found, out=away[box])
    pick = np.flatnonzero(away < reach**2)
    return _Strip(pick, np.sqrt(np.take(away, pick)), np.take(along, pick), dry[pick])


def _deck(canvas: Canvas, strip: _Strip, inside: Mask, colour: Array) -> None:
    pick = strip.where(inside)
    tone = 1 + 0.06 * canvas.noise("swell", 380.0, pick) + 0.03 * canvas.noise("lawn", 70.0, pick)
    canvas.paint(pick, colour, tone + 0.1 * canvas.grain("way", pick))
    canvas.raise_to(pick, np.where(strip.dry[inside], np.float32(0), np.float32(BRIDGE_M)))


def _verge(canvas: Canvas, flora: Flora, pick: Pick) -> None:
    paint_lawn(canvas, flora, pick)
    canvas.raise_to(pick, 0.0)


def _motorway(canvas: Canvas, flora: Flora, strip: _Strip) -> None:
    away = strip.away
    _verge(canvas, flora, strip.where(strip.dry & (away > 13)))
    _deck(canvas, strip, away < 13.5, TARMAC)
    canvas.paint(strip.where((away < 1.6) & strip.dry), 0.6 * flora.lawn + 0.4 * CONCRETE)
    canvas.paint(strip.where(np.abs(away - 12.6) < 0.8), CONCRETE)
    belt = strip.dry & (away > 18) & (canvas.noise("grove", 95.0, strip.pick) > 0.4)
    belt &= canvas.noise("crown", 7.3, strip.pick) > -0.3
    paint_crowns(canvas, flora, strip.where(belt), 7.0)


def _arterial(canvas: Canvas, flora: Flora, strip: _Strip) -> None:
    away = strip.away
    busy = np.take(canvas.smooth(canvas.town.intensity), strip.pick)
    half = 5.0 + 5.5 * np.clip(busy * 2.5, 0, 1)
    clear = strip.dry & (away < half + 3.5)
    canvas.raise_to(strip.where(clear), 0.0)
    side = clear & (away > half)
    canvas.paint(strip.where(side), 0.5 * flora.lawn + 0.5 * CONCRETE)
    _deck(canvas, strip, away < half, TARMAC)
    median = (away < 0.9) & (half > 8.5)
    canvas.paint(strip.where(median), 0.5 * flora.lawn + 0.5 * CONCRETE)
    lined = side & (canvas.noise("grove", 95.0, strip.pick) > 0.1)
    lined &= canvas.noise("crown", 7.3, strip.pick) > 0.1
    paint_crowns(canvas, flora, strip.where(lined), 6.0)


def _rail(canvas: Canvas, flora: Flora, strip: _Strip) -> None:
    away = strip.away
    _yard(canvas, strip)
    line = away < 18
    _verge(canvas, flora, strip.where(line & strip.dry & (away > 6.4) & (away < 13)))
    _deck(canvas, strip, away < 6.4, BALLAST)
    canvas.paint(strip.where(np.abs(away - 2.3) < 0.8), STEEL)
    bushes = line & strip.dry & (away > 7.5) & (away < 14)
    bushes &= canvas.noise("grove", 33.0, strip.pick) > 0.5
    paint_crowns(canvas, flora, strip.where(bushes), 4.0)


def _yard(canvas: Canvas, strip: _Strip) -> None:
    """Sidings, platforms and standing trains, where the land beside the line is the railway's."""
    seed = canvas.town.seed
    inside = (np.take(canvas.use_near(0.0), strip.pick) == Use.TRANSPORT) & strip.dry
    inside &= strip.away < YARD_M * (0.8 + 0.15 * canvas.noise("swell", 380.0, strip.pick))
    if not inside.any():
        return
    _deck(canvas, strip, inside, BALLAST)
    pick, away, along = strip.where(inside), strip.away[inside], strip.along[inside]
    siding = np.floor(away / TRACK_M).astype(np.int32)
    between = away - siding * np.float32(TRACK_M)
    canvas.paint(pick[between < 1.6], STEEL)
    platform = (siding % 4 == 2) & (
        uniform(salt(seed, "platform"), (along // 420).astype(np.int32)) < 0.6
    )
    canvas.paint(pick[platform], PLATFORM)
    coach = (along // CAR_M).astype(np.int32)
    train = uniform(salt(seed, "train"), siding, coach // np.int32(7))
    standing = ~platform & (train < 0.28) & (between < 3.2) & (along % CAR_M > 1.5)
    kind = (train[standing] * 1999 % 1 * len(TRAINS)).astype(np.int64)
    canvas.paint(pick[standing], TRAINS[kind].T)
    canvas.raise_to(pick[standing], 4.0)


PAINTERS: dict[str, tuple[float, Callable[[Canvas, Flora, _Strip], None]]] = {
    "rail": (1.2 * YARD_M, _rail),
    "arterial": (15.0, _arterial),
    "motorway": (28.0, _motorway),
}
"""Half width of each kind from its centre line, metres, and its painter, the lowest first."""
