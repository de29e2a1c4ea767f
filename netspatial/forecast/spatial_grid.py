"""Square of neighbours around each place: adjacent cells of a grid, or the nearest stations.

Stations are assigned to the grid position that best fits their direction and distance. A position
without a place is -1.
"""

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from netspatial.arrays import Floats, Indices
from netspatial.errors import BadInput

HOLE = -1
"""Marks a position without a place."""
SIDE = 5
"""Default side length of the square, in places."""


def alone(places: int, side: int = SIDE) -> Indices:
    """Squares of places without known positions: no neighbours.

    Parameters
    ----------
    places : int
        Number of places n.
    side : int
        Side length of the square, odd.

    Returns
    -------
    array (n, side, side) of int
        The place itself in the middle, -1 elsewhere.
    """
    around = np.full((places, check_side(side), side), HOLE, dtype=np.int64)
    around[:, side // 2, side // 2] = np.arange(places)
    return around


def on_grid(row: Indices, col: Indices, side: int = SIDE) -> Indices:
    """Squares of places on a grid, which may have holes.

    Parameters
    ----------
    row : array (n,) of int
        Row of each place; rows grow along the first axis of the square.
    col : array (n,) of int
        Column of each place.
    side : int
        Side length of the square, odd.

    Returns
    -------
    array (n, side, side) of int
        Index of the place at each position, -1 where there is none.

    Raises
    ------
    BadInput
        If two places have the same row and column.
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
        raise BadInput(
            f"Two places have row {twice[0]}, column {twice[1]}; give each its own cell."
        )
    steps = np.arange(-reach, reach + 1)
    around: Indices = number[
        at_row[:, None, None] + steps[:, None], at_col[:, None, None] + steps[None, :]
    ].astype(np.int64)
    return around


def around_stations(xy: Floats, side: int = SIDE) -> Indices:
    """Squares of the nearest stations, each at the best-fitting position.

    Parameters
    ----------
    xy : array (n, 2)
        Positions, the same unit of length for both.
    side : int
        Side length of the square, odd.

    Returns
    -------
    array (n, side, side) of int
        Index of the station at each position, -1 where there is none.

    Notes
    -----
    Distances are scaled so that the farthest station lies at the corner; the assignment minimises
    the sum of squared distances between stations and positions.
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
    """Return the side of the square, which must be odd.

    Parameters
    ----------
    side : int
        Side length, in places.

    Returns
    -------
    int

    Raises
    ------
    BadInput
        If it is even or below 1.
    """
    if side < 1 or side % 2 == 0:
        raise BadInput(f"The side of the square is {side}; it must be odd: 1, 3, 5, ...")
    return side
