"""Count the self-crossings of polygons, and repair them.

A repair costs time and memory by the square of the crossings, so they are counted first.
"""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from netspatial.arrays import Floats, Indices, Mask

MAX_CROSSINGS = 500
"""Maximum crossings of one polygon that is repaired; twice as many take four times as long."""
MAX_PAIRS = 20_000_000
"""Maximum pairs of nearby edges that are tested; a simple outline has few."""
STEP = 64
"""Edges tested together, so that pairs need little memory."""


def crossings(polygon: BaseGeometry, most: int = MAX_CROSSINGS) -> int:
    """Return the number of crossings between non-adjacent edges of a polygon's rings.

    Counted up to a little more than `most`; an outline too dense to be tested counts as `most` + 1.
    """
    starts, ends, ring = _edges(polygon)
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    boxes = np.asarray(shapely.box(*low.T, *high.T), dtype=object)
    tree = shapely.STRtree(boxes)
    size = np.bincount(ring)[ring]
    found, looked_at = 0, 0
    for first in range(0, len(boxes), STEP):
        one, other = tree.query(boxes[first : first + STEP])
        one = one + first
        apart = other - one
        follows = (apart == 1) | (apart == size[one] - 1)
        wanted = (apart > 0) & ~(follows & (ring[one] == ring[other]))
        one, other = one[wanted], other[wanted]
        looked_at += len(one)
        found += int(_meet(starts[one], ends[one], starts[other], ends[other]).sum())
        if found > most:
            return found
        if looked_at > MAX_PAIRS:
            return most + 1
    return found


def first_tangled(polygons: NDArray[np.object_], most_in_all: int = MAX_CROSSINGS) -> int | None:
    """Return the index of the first polygon that crosses itself too often to be repaired.

    most_in_all : crossings of all of them together; one alone has `MAX_CROSSINGS` at most

    None where all of them are valid or can be repaired.
    """
    left = most_in_all
    for at in np.flatnonzero(~shapely.is_valid(polygons)):
        most = min(MAX_CROSSINGS, left)
        found = crossings(polygons[at], most)
        if found > most:
            return int(at)
        left -= found
    return None


def repair(polygon: BaseGeometry) -> BaseGeometry:
    """Return the valid surface of a polygon; lines and points that are left over are dropped."""
    parts = shapely.get_parts(shapely.make_valid(polygon))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def _edges(polygon: BaseGeometry) -> tuple[Floats, Floats, Indices]:
    """Return begin and end of all edges of positive length, (n, 2) each, and their ring."""
    parts = shapely.get_parts(shapely.get_parts(shapely.force_2d(polygon)))
    rings = shapely.get_rings(parts)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    kept = (ring[:-1] == ring[1:]) & (points[:-1] != points[1:]).any(axis=1)
    return points[:-1][kept], points[1:][kept], np.asarray(ring[:-1][kept], dtype=np.int64)


def _meet(a: Floats, b: Floats, c: Floats, d: Floats) -> Mask:
    """Return which edges a-b and c-d, (n, 2) each, of overlapping boxes meet."""
    around_ab = _side(a, b, c) * _side(a, b, d) <= 0
    return np.asarray(around_ab & (_side(c, d, a) * _side(c, d, b) <= 0))


def _side(a: Floats, b: Floats, c: Floats) -> Floats:
    """Return the side of the line a-b on which a point c lies: -1, 0 or 1."""
    cross = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    return np.asarray(np.sign(cross))
