"""Parallel map over pieces of network inference, one core per piece.

Small layers gain little from several threads each, and much from threads that sample other cells.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Piece = TypeVar("Piece")
Made = TypeVar("Made")


def parallel_map(make: Callable[[Piece], Made], pieces: Sequence[Piece]) -> Iterator[Made]:
    """Yield the result of each piece, in order.

    As many pieces at once as torch has threads, and one more waits, so that memory is constant. If
    the caller stops iterating, only started pieces are finished.
    """
    import torch  # noqa: PLC0415  reading an ensemble needs no torch

    cores = torch.get_num_threads()
    torch.set_num_threads(1)
    pool = ThreadPoolExecutor(cores, "piece", initializer=torch.set_num_threads, initargs=(1,))
    begun: deque[Future[Made]] = deque()
    try:
        for piece in pieces:
            begun.append(pool.submit(make, piece))
            if len(begun) > cores:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(cores)
