"""Scarce room given to whom it saves most: the heart of the program behind `crowded`.

    max  Σ gain_e x_e   s.t.  Σ x_e <= 1 per cell,  Σ need_e x_e <= room per seat,  x >= 0

Groups that share neither cells nor seats are solved apart. Where a group has a single seat, the
best is to fill it in the order of gain over need; the others go to HiGHS, a few at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint
from scipy.sparse import coo_array

from netspatial.arrays import Floats, Indices, Mask
from netspatial.highs import linear

TOGETHER = 2_500
"""Links that are solved as one program: small ones take longer to state than to solve."""
WORTHLESS = 1e-9
"""Prices below this, in the middle one of all gains over need, are none."""


@dataclass(frozen=True)
class Wanted:
    """Links (E,) over which traffic would like to go.

    cell  : whose traffic it is; seat : where there is room; both counted from 0, none left out
    group : links of one group may share cells and seats, those of different groups never
    gain  : what it saves if all of the cell's traffic goes there, not negative
    need  : room that it then takes, above zero
    """

    cell: Indices
    seat: Indices
    group: Indices
    gain: Floats
    need: Floats

    def take(self, links: Indices | Mask) -> tuple["Wanted", Indices]:
        """Some of the links, their cells and seats counted anew; and the seats they had."""
        seats, seat = np.unique(self.seat[links], return_inverse=True)
        cell = np.unique(self.cell[links], return_inverse=True)[1]
        some = Wanted(cell, seat, self.group[links], self.gain[links], self.need[links])
        return some, seats


Solver = Callable[[Wanted, float], tuple[Floats, Floats]]


def ration(wanted: Wanted, room: float) -> tuple[Floats, Floats]:
    """Part of each cell that goes over each link (E,), and the price of room at each seat (S,)."""
    given, price = np.zeros(len(wanted.cell)), np.zeros(int(wanted.seat.max()) + 1)
    for links, solve in _parts(wanted):
        part, seats = wanted.take(links)
        given[links], price[seats] = solve(part, room)
    return given, price


def _parts(wanted: Wanted) -> Iterator[tuple[Indices, Solver]]:
    """Groups of one seat all at once, then those of several, some at a time."""
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


def _in_order(wanted: Wanted, room: float) -> tuple[Floats, Floats]:
    """Fill every seat in the order of gain over need; each cell has one link."""
    worth = wanted.gain / wanted.need
    order = np.lexsort((-worth, wanted.seat))
    seat, need = wanted.seat[order], wanted.need[order]
    first = np.searchsorted(seat, np.arange(seat[-1] + 1))
    total = np.cumsum(need)
    before = total - need - (total - need)[first][seat]
    part = np.clip((room - before) / need, 0, 1)
    price = np.zeros(len(first))
    np.maximum.at(price, seat, np.where(part < 1, worth[order], 0))
    given = np.empty(len(order))
    given[order] = part
    return given, price


def _program(wanted: Wanted, room: float) -> tuple[Floats, Floats]:
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
    most = np.concatenate([np.full(seats, room), np.ones(rows)])
    given, worth = linear(
        -wanted.gain / scale,
        LinearConstraint(matrix, -np.inf, most),
        Bounds(0, 1),
        presolve=False,  # costs more than it saves, and loses some on the way
    )
    price = -worth[:seats]
    return np.clip(given, 0, 1), np.where(price > WORTHLESS, price * scale, 0)
