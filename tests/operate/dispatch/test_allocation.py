"""Scarce room: filled in order as the program would; groups that share nothing solved apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.operate.dispatch.allocation import Wanted, _program, ration
from netspatial.randomness import stream

ROOM = 0.98


def drawn(seed: int, cells: int, seats: int) -> Wanted:
    """Cells of one group that would like to go to some of its seats."""
    rng = stream(seed, "wanted")
    links = [
        (cell, seat)
        for cell in range(cells)
        for seat in rng.permutation(seats)[: rng.integers(1, seats + 1)]
    ]
    cell, seat = np.array(links).T
    group = np.zeros(len(cell), dtype=np.int64)
    _, seat = np.unique(seat, return_inverse=True)
    return Wanted(
        cell, seat, group, rng.uniform(0, 1, len(cell)), rng.uniform(0.05, 0.6, len(cell))
    )


@given(st.integers(0, 10_000), st.integers(1, 12))
@settings(max_examples=40)
def test_one_seat_filled_in_order_is_the_programs_best(seed: int, cells: int) -> None:
    wanted = drawn(seed, cells, 1)
    given_, price = ration(wanted, ROOM)
    best, dual = _program(wanted, ROOM)
    assert wanted.gain @ given_ == pytest.approx(wanted.gain @ best, abs=1e-6)
    assert wanted.need @ given_ <= ROOM + 1e-9
    if wanted.need.sum() > ROOM + 1e-6 and ((given_ > 1e-9) & (given_ < 1 - 1e-9)).any():
        assert price[0] == pytest.approx(dual[0], abs=1e-6)


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 3), st.sampled_from([1, 4, 99]))
@settings(max_examples=40)
def test_groups_come_out_as_each_alone(seed: int, cells: int, seats: int, together: int) -> None:
    parts = [drawn(seed + number, cells, seats) for number in range(3)]
    counts = np.array([[part.cell.max() + 1, part.seat.max() + 1] for part in parts])
    first = np.cumsum(counts, axis=0) - counts
    whole = Wanted(
        np.concatenate([part.cell + n for part, (n, _) in zip(parts, first, strict=True)]),
        np.concatenate([part.seat + n for part, (_, n) in zip(parts, first, strict=True)]),
        np.repeat([7, 0, 3], [len(part.cell) for part in parts]),
        np.concatenate([part.gain for part in parts]),
        np.concatenate([part.need for part in parts]),
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("netspatial.operate.dispatch.allocation.TOGETHER", together)
        given_, _ = ration(whole, ROOM)
    alone = sum(part.gain @ ration(part, ROOM)[0] for part in parts)
    assert whole.gain @ given_ == pytest.approx(alone, abs=1e-6)
    assert (np.bincount(whole.cell, given_) <= 1 + 1e-6).all()
    assert (np.bincount(whole.seat, given_ * whole.need) <= ROOM + 1e-6).all()
