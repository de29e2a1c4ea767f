"""Pieces of a network's work on several cores at once, each piece on one.

Behind the drawing of traffic: small layers gain little from several threads inside each of them,
and nearly all from threads that draw different cells.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Piece = TypeVar("Piece")
Made = TypeVar("Made")


def parallel_map(make: Callable[[Piece], Made], pieces: Sequence[Piece]) -> Iterator[Made]:
    """Yield what is made of each piece, in their order.

    As many at once as torch would take threads, and one more waits; so memory stays flat. Where
    nobody takes what is made any more, only what has begun is finished.
    """
    import torch  # noqa: PLC0415  whoever only reads an ensemble does not need it

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
