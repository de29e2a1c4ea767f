"""Allocation of scarce capacity: the ordered fill and separate groups match the whole program."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.operate.dispatch.allocation import Wanted, _program, allocate
from netspatial.randomness import stream

CAPACITY = 0.98


def drawn(seed: int, cells: int, seats: int) -> Wanted:
    """Cells of one group with links to some of its seats."""
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
def test_filling_one_seat_in_order_is_optimal(seed: int, cells: int) -> None:
    wanted = drawn(seed, cells, 1)
    given_, price = allocate(wanted, CAPACITY)
    best, dual = _program(wanted, CAPACITY)
    assert wanted.gain @ given_ == pytest.approx(wanted.gain @ best, abs=1e-6)
    assert wanted.need @ given_ <= CAPACITY + 1e-9
    if wanted.need.sum() > CAPACITY + 1e-6 and ((given_ > 1e-9) & (given_ < 1 - 1e-9)).any():
        assert price[0] == pytest.approx(dual[0], abs=1e-6)


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 3), st.sampled_from([1, 4, 99]))
@settings(max_examples=40)
def test_groups_solved_together_equal_each_solved_alone(
    seed: int, cells: int, seats: int, together: int
) -> None:
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
        given_, _ = allocate(whole, CAPACITY)
    alone = sum(part.gain @ allocate(part, CAPACITY)[0] for part in parts)
    assert whole.gain @ given_ == pytest.approx(alone, abs=1e-6)
    assert (np.bincount(whole.cell, given_) <= 1 + 1e-6).all()
    assert (np.bincount(whole.seat, given_ * whole.need) <= CAPACITY + 1e-6).all()
