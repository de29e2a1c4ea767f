"""The town's main roads and its railway: motorway, arterials (radial, ring, grid), rail.

Drawn before the land uses, which depend on them. Metres from the town's south-west corner.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely

from netspatial.arrays import Floats, Floats32
from netspatial.randomness import stream
from netspatial.simulate.noise import line_noise, salt

RoadKind = Literal["motorway", "arterial", "rail"]
WIDTH_M: dict[RoadKind, float] = {"motorway": 30.0, "arterial": 18.0, "rail": 14.0}
VERTEX_M = 60.0
SOUNDING_M = 20.0
BRIDGE_M = 520.0
"""The longest stretch of water that a road crosses, metres."""
STOP_SPACING_M = 2200.0


@dataclass(frozen=True)
class Road:
    """One main road or railway line."""

    kind: RoadKind
    name: str
    line: shapely.LineString


def make_roads(
    seed: int,
    size_m: float,
    centres: Floats,
    land: dict[str, float],
    shore: Floats32,
) -> list[Road]:
    """Draw the main roads around the centres (x, y, weight, decay); none ends in the sea.

    shore : (rows, columns) metres to the water's edge, negative in the water
    """
    roads = [*_motorways(seed, size_m, centres, land), _railway(seed, size_m, centres)]
    roads += _radials(seed, size_m, centres, land)
    roads += _rings(seed, centres, land)
    roads += _grid(seed, size_m, centres, land)
    frame = shapely.box(0, 0, size_m, size_m)
    clipped = []
    for road in roads:
        inside = shapely.get_parts(shapely.intersection(road.line, frame))
        pieces = [dry for piece in inside for dry in _bridged(piece, shore, size_m)]
        clipped += [
            Road(road.kind, road.name, piece)
            for piece in pieces
            if isinstance(piece, shapely.LineString) and piece.length > 2 * VERTEX_M
        ]
    return clipped


def rail_stops(seed: int, roads: list[Road], centres: Floats, size_m: float) -> Floats:
    """Return the railway's stops, (n, 2): the central one and others at even distances."""
    lines = [road.line for road in roads if road.kind == "rail"]
    if not lines:
        return np.empty((0, 2))
    line = max(lines, key=lambda piece: piece.length)
    middle = line.project(shapely.Point(centres[0, :2]))
    jitter = stream(seed, "roads", "stops")
    found = []
    for k in range(-int(size_m / STOP_SPACING_M) - 1, int(size_m / STOP_SPACING_M) + 2):
        at = middle + k * STOP_SPACING_M * (1.0 if k == 0 else jitter.uniform(0.85, 1.15))
        if 200.0 < at < line.length - 200.0:
            point = line.interpolate(at)
            found.append((point.x, point.y))
    return np.array(found).reshape(-1, 2)


def _bridged(line: shapely.Geometry, shore: Floats32, size_m: float) -> list[shapely.LineString]:
    """Cut a line where it crosses more water than a bridge spans."""
    if not isinstance(line, shapely.LineString):
        return []
    place = shapely.get_coordinates(line.segmentize(SOUNDING_M))
    rows, columns = shore.shape
    column = np.clip((place[:, 0] / size_m * columns).astype(int), 0, columns - 1)
    row = np.clip(((1 - place[:, 1] / size_m) * rows).astype(int), 0, rows - 1)
    wet = np.concatenate([[False], shore[row, column] < 0, [False]]).astype(np.int8)
    enters, leaves = np.flatnonzero(np.diff(wet) > 0), np.flatnonzero(np.diff(wet) < 0)
    kept, start = [], 0
    for enter, leave in zip(enters.tolist(), leaves.tolist(), strict=True):
        at_an_end = enter == 0 or leave == len(place)
        if (leave - enter) * SOUNDING_M > BRIDGE_M or at_an_end:
            kept.append(place[start:enter])
            start = leave
    kept.append(place[start:])
    return [shapely.LineString(part) for part in kept if len(part) > 1]


def _curve(
    seed: int, name: str, start: Floats, direction: float, length: float, sway: float
) -> shapely.LineString:
    """A line from `start` in `direction` (radians) with deviations of about `sway` metres."""
    s = np.arange(0.0, length, VERTEX_M)
    settle = np.minimum(1.0, s / 900.0)
    aside = (
        settle
        * sway
        * (
            line_noise(salt(seed, "road", name, 1), s, 2600.0)
            + 0.3 * line_noise(salt(seed, "road", name, 2), s, 800.0)
        )
    )
    cosine, sine = np.cos(direction), np.sin(direction)
    x = start[0] + s * cosine - aside * sine
    y = start[1] + s * sine + aside * cosine
    return shapely.LineString(np.column_stack([x, y]))


def _through(
    seed: int, name: str, point: Floats, direction: float, reach: float, sway: float
) -> shapely.LineString:
    """An irregular line that crosses the whole town near `point`."""
    start = point - reach * np.array([np.cos(direction), np.sin(direction)])
    return _curve(seed, name, start, direction, 2 * reach, sway)


def _motorways(seed: int, size_m: float, centres: Floats, land: dict[str, float]) -> list[Road]:
    draw = stream(seed, "roads", "motorway")
    found = []
    direction = draw.uniform(0, np.pi)
    for number in range(1 + (size_m > 9000) + (size_m > 25000)):
        bypass = land["spread_m"] * draw.uniform(0.9, 1.5) * draw.choice([-1.0, 1.0])
        aside = np.array([-np.sin(direction), np.cos(direction)]) * bypass
        name = f"A{draw.integers(2, 99)}"
        line = _through(seed, name, centres[0, :2] + aside, direction, 1.5 * size_m, 260.0)
        found.append(Road("motorway", name, line))
        direction += draw.uniform(0.9, 1.7)
        if number == 1:
            break
    return found


def _railway(seed: int, size_m: float, centres: Floats) -> Road:
    draw = stream(seed, "roads", "rail")
    direction = draw.uniform(0, np.pi)
    offset = draw.uniform(300, 700) * draw.choice([-1.0, 1.0])
    aside = np.array([-np.sin(direction), np.cos(direction)]) * offset
    line = _through(seed, "rail", centres[0, :2] + aside, direction, 1.5 * size_m, 180.0)
    return Road("rail", "Main line", line)


def _radials(seed: int, size_m: float, centres: Floats, land: dict[str, float]) -> list[Road]:
    found = []
    for c, (x, y, weight, decay) in enumerate(centres):
        draw = stream(seed, "roads", "radials", c)
        count = max(2, round(land["radials"] * weight))
        turn = draw.uniform(0, 2 * np.pi)
        for k in range(count):
            direction = turn + 2 * np.pi * (k + draw.uniform(-0.25, 0.25)) / count
            length = 1.5 * size_m if c == 0 else decay * draw.uniform(2.0, 4.0)
            line = _curve(seed, f"radial {c} {k}", np.array([x, y]), direction, length, 130.0)
            found.append(Road("arterial", f"radial {c} {k}", line))
    return found


def _rings(seed: int, centres: Floats, land: dict[str, float]) -> list[Road]:
    draw = stream(seed, "roads", "rings")
    found = []
    x, y = centres[0, :2]
    for k in range(round(land["rings"])):
        radius = land["spread_m"] * (0.38 + 0.55 * k) * draw.uniform(0.85, 1.15)
        angle = np.linspace(0, 2 * np.pi, max(24, int(2 * np.pi * radius / VERTEX_M)) + 1)
        sway = line_noise(salt(seed, "ring", k), np.cos(angle) * radius, 0.9 * radius)
        sway = sway + line_noise(salt(seed, "ring aside", k), np.sin(angle) * radius, 0.9 * radius)
        r = radius * (1 + 0.07 * sway)
        line = shapely.LineString(np.column_stack([x + r * np.cos(angle), y + r * np.sin(angle)]))
        found.append(Road("arterial", f"ring {k}", line))
    return found


def _grid(seed: int, size_m: float, centres: Floats, land: dict[str, float]) -> list[Road]:
    draw = stream(seed, "roads", "grid")
    found = []
    direction = draw.uniform(0, np.pi)
    spacing = land["district_m"] * 1.3
    half = round(land["grid_share"] * 2.4)
    for turn in (0.0, np.pi / 2):
        for k in range(-half, half + 1):
            offset = (k + draw.uniform(-0.2, 0.2)) * spacing
            normal = np.array([-np.sin(direction + turn), np.cos(direction + turn)])
            point = centres[0, :2] + normal * offset
            name = f"avenue {turn:.1f} {k}"
            reach = land["spread_m"] * draw.uniform(1.6, 2.6)
            line = _through(seed, name, point, direction + turn, min(reach, size_m), 40.0)
            found.append(Road("arterial", name, line))
    return found
