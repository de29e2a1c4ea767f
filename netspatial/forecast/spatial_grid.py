"""Which places stand around a place: on a grid its neighbours, among stations the nearest ones.

Networks look at the square around each place; a graph of stations is laid on such a square, each
station near the position that its direction and distance call for. A position without a place is
-1.
"""

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from netspatial.arrays import Floats, Indices
from netspatial.errors import BadInput

HOLE = -1
"""Stands where no place does."""
SIDE = 5
"""Places along one side of the square, where no other number is asked for."""


def alone(places: int, side: int = SIDE) -> Indices:
    """Squares (n, side, side) of places of which no positions are known: each stands alone."""
    around = np.full((places, check_side(side), side), HOLE, dtype=np.int64)
    around[:, side // 2, side // 2] = np.arange(places)
    return around


def on_grid(row: Indices, col: Indices, side: int = SIDE) -> Indices:
    """Squares (n, side, side) of places on a grid, which may have holes.

    row, col : (n,) of each place; rows grow along the first axis of the square
    """
    reach = check_side(side) // 2
    low_row, low_col = row.min(initial=0), col.min(initial=0)
    number = np.full(
        (row.max(initial=0) - low_row + side, col.max(initial=0) - low_col + side), HOLE
    )
    at_row, at_col = row - low_row + reach, col - low_col + reach
    number[at_row, at_col] = np.arange(len(row))
    if (number >= 0).sum() < len(row):
        where = np.column_stack([row, col])
        _, first, times = np.unique(where, axis=0, return_index=True, return_counts=True)
        twice = where[first[times > 1][0]]
        raise BadInput(f"Two places stand at row {twice[0]}, column {twice[1]} of the grid.")
    steps = np.arange(-reach, reach + 1)
    around: Indices = number[
        at_row[:, None, None] + steps[:, None], at_col[:, None, None] + steps[None, :]
    ].astype(np.int64)
    return around


def around_stations(xy: Floats, side: int = SIDE) -> Indices:
    """Squares (n, side, side) of stations: the nearest, each where it best fits.

    xy : (n, 2), in one unit of length both ways
    The farthest of the nearest comes to the rim, and all are placed so that the squared distances
    between stations and positions are least in sum.
    """
    around = alone(len(xy), side)
    count = min(side * side - 1, len(xy) - 1)
    if count == 0:
        return around
    _, near = cKDTree(xy).query(xy, k=count + 1)
    reach = side // 2
    rows, cols = np.divmod(np.delete(np.arange(side * side), side * side // 2), side)
    positions = np.column_stack([cols - reach, rows - reach])
    for place, found in enumerate(near):
        others = found[found != place][:count]
        offset = xy[others] - xy[place]
        # the corner of the square, not its edge, holds the farthest
        offset *= reach * np.sqrt(2) / max(np.linalg.norm(offset, axis=1).max(), 1e-9)
        cost = ((offset[:, None] - positions[None]) ** 2).sum(axis=2)
        which, where = linear_sum_assignment(cost)
        around[place, rows[where], cols[where]] = others[which]
    return around


def check_side(side: int) -> int:
    """Return the side of the square, which must have a middle."""
    if side < 1 or side % 2 == 0:
        raise BadInput(f"A square of {side} places has no middle; 1, 3, 5, ... would be right.")
    return side
