"""Allocation of scarce capacity to the traffic that saves most: the linear program of `overload`.

    max  Σ gain_e x_e   s.t.  Σ x_e <= 1 per cell,  Σ need_e x_e <= capacity per seat,  x >= 0

A seat is a station in an hour, a cell the traffic of a pixel in an hour. Groups that share neither
are solved separately: a single seat is filled in the order of gain over need, others by HiGHS.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint
from scipy.sparse import coo_array

from netspatial.arrays import Floats, Indices, Mask
from netspatial.highs import linear

TOGETHER = 2_500
"""Links that are solved as one program: a small program takes longer to set up than to solve."""
WORTHLESS = 1e-9
"""Prices below this part of the median gain over need count as zero."""


@dataclass(frozen=True)
class Wanted:
    """Candidate links to stations with scarce capacity.

    Attributes
    ----------
    cell : array (E,) of int
        Traffic of the link, numbered from 0 without gaps.
    seat : array (E,) of int
        Station and hour, numbered from 0 without gaps.
    group : array (E,) of int
        Links of one group may share cells and seats, those of different groups never do.
    gain : array (E,)
        kWh saved if all of the cell's traffic uses the link, not negative.
    need : array (E,)
        Load that it then adds, above zero.
    """

    cell: Indices
    seat: Indices
    group: Indices
    gain: Floats
    need: Floats

    def take(self, links: Indices | Mask) -> tuple["Wanted", Indices]:
        """Some of the links with cells and seats renumbered, and the original seat numbers.

        Parameters
        ----------
        links : array of int or bool
            Links to keep.

        Returns
        -------
        some : Wanted
            The kept links.
        seats : array of int
            Original number of each seat.
        """
        seats, seat = np.unique(self.seat[links], return_inverse=True)
        cell = np.unique(self.cell[links], return_inverse=True)[1]
        some = Wanted(cell, seat, self.group[links], self.gain[links], self.need[links])
        return some, seats


Solver = Callable[[Wanted, float], tuple[Floats, Floats]]


def allocate(wanted: Wanted, capacity: float) -> tuple[Floats, Floats]:
    """Part of each cell on each link, and the shadow price of capacity at each seat.

    Parameters
    ----------
    wanted : Wanted
        Candidate links.
    capacity : float
        Highest load of a seat, part of the capacity.

    Returns
    -------
    given : array (E,)
        Part of the cell's traffic on each link, 0 to 1.
    price : array (S,)
        kWh per unit of load.

    Notes
    -----
    max Σ gain_e x_e, subject to Σ x_e <= 1 for each cell, Σ need_e x_e <= capacity for each seat,
    x >= 0.

    Examples
    --------
    >>> wanted = Wanted(
    ...     np.array([0, 1]), np.array([0, 0]), np.array([0, 0]), np.array([4.0, 1.0]),
    ...     np.array([0.5, 0.5]),
    ... )
    >>> given, price = allocate(wanted, 0.75)
    >>> given.tolist(), price.tolist()
    ([1.0, 0.5], [2.0])
    """
    given, price = np.zeros(len(wanted.cell)), np.zeros(int(wanted.seat.max()) + 1)
    for links, solve in _parts(wanted):
        part, seats = wanted.take(links)
        given[links], price[seats] = solve(part, capacity)
    return given, price


def _parts(wanted: Wanted) -> Iterator[tuple[Indices, Solver]]:
    """Yield all groups of one seat together, then groups of several seats in batches."""
    _, group = np.unique(wanted.group, return_inverse=True)
    lowest = np.full(int(group.max()) + 1, np.iinfo(np.int64).max)
    highest = np.full(len(lowest), -1)
    np.minimum.at(lowest, group, wanted.seat)
    np.maximum.at(highest, group, wanted.seat)
    single = (lowest == highest)[group]
    if single.any():
        yield np.flatnonzero(single), _in_order
    size = np.bincount(group[~single], minlength=len(lowest))
    batch = (np.cumsum(size) // TOGETHER)[group]
    for number in np.unique(batch[~single]):
        yield np.flatnonzero(~single & (batch == number)), _program


def _in_order(wanted: Wanted, capacity: float) -> tuple[Floats, Floats]:
    """Fill every seat in the order of gain over need; each cell has one link."""
    ratio = wanted.gain / wanted.need
    order = np.lexsort((-ratio, wanted.seat))
    seat, need = wanted.seat[order], wanted.need[order]
    first = np.searchsorted(seat, np.arange(seat[-1] + 1))
    total = np.cumsum(need)
    before = total - need - (total - need)[first][seat]
    part = np.clip((capacity - before) / need, 0, 1)
    price = np.zeros(len(first))
    np.maximum.at(price, seat, np.where(part < 1, ratio[order], 0))
    given = np.empty(len(order))
    given[order] = part
    return given, price


def _program(wanted: Wanted, capacity: float) -> tuple[Floats, Floats]:
    """Solve groups of several seats by HiGHS."""
    count = len(wanted.cell)
    seats = int(wanted.seat.max()) + 1
    choice = (np.bincount(wanted.cell) > 1)[wanted.cell]
    _, row = np.unique(wanted.cell[choice], return_inverse=True)
    rows = int(row.max()) + 1 if len(row) else 0
    scale = float(np.median(wanted.gain / wanted.need)) or 1.0
    matrix = coo_array(
        (
            np.concatenate([wanted.need, np.ones(len(row))]),
            (
                np.concatenate([wanted.seat, seats + row]),
                np.concatenate([np.arange(count), np.flatnonzero(choice)]),
            ),
        ),
        shape=(seats + rows, count),
    )
    most = np.concatenate([np.full(seats, capacity), np.ones(rows)])
    given, dual = linear(
        -wanted.gain / scale,
        LinearConstraint(matrix, -np.inf, most),
        Bounds(0, 1),
        presolve=False,  # costs more time than it saves, and fails on some of these programs
    )
    price = -dual[:seats]
    return np.clip(given, 0, 1), np.where(price > WORTHLESS, price * scale, 0)
