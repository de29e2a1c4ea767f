"""Who is next: tickets of waiting runs, and slots that bound how many runs work at once.

One queue for each folder of runs, in files, so that a web server, a terminal and the workers see
the same one, and nothing is lost when any of them ends.
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from netspatial.errors import BadInput, Busy
from netspatial.locks import hold, is_held
from netspatial.runs.run import Run

QUEUE = ".queue"
PATIENCE_S = 0.1
"""Whoever counts the workers holds a slot for an instant; a worker waits so long for it."""


def enter(run: Run) -> None:
    """Put a run at the end of its folder's queue, unless it stands there already."""
    folder = _queue(run.folder.parent)
    if run.name not in waiting(run.folder.parent):
        (folder / f"{time.time_ns():020d}.{run.name}").touch()


def leave(run: Run) -> None:
    """Take a run out of the queue."""
    for ticket in _tickets(run.folder.parent):
        if _name(ticket) == run.name:
            ticket.unlink(missing_ok=True)


def waiting(runs: Path) -> list[str]:
    """Return the names of the runs that wait or are worked on, in their order."""
    return [_name(ticket) for ticket in _tickets(runs)]


def place(run: Run) -> int | None:
    """Return how many runs are before this one; None where it does not stand in the queue."""
    names = waiting(run.folder.parent)
    return names.index(run.name) if run.name in names else None


def next_run(runs: Path) -> Run | None:
    """Return the first run that waits to be worked on, and clear away tickets that are over."""
    for ticket in _tickets(runs):
        try:
            run = Run.open(runs / _name(ticket))
            state = run.progress().state
        except BadInput:  # deleted or spoilt while it waited
            ticket.unlink(missing_ok=True)
            continue
        if state == "waiting":
            return run
        if state != "running":
            ticket.unlink(missing_ok=True)
    return None


@contextmanager
def slot(runs: Path, at_once: int) -> Iterator[bool]:
    """Hold one of the slots for workers; False where all of them are taken."""
    with ExitStack() as stack:
        mine = None
        for number in range(at_once if runs.is_dir() else 0):
            mine = _queue(runs) / f"slot-{number}"
            try:
                stack.enter_context(hold(_lock(mine), "The slot is taken.", PATIENCE_S))
                break
            except Busy:
                mine = None
        if mine is not None:
            # beside the lock: on some systems nobody else may read a file that is locked
            mine.write_text(str(os.getpid()))
        yield mine is not None


def workers(runs: Path) -> list[int]:
    """Return the process ids of the living workers of a runs folder."""
    held = [lock for lock in sorted((runs / QUEUE).glob("slot-*.lock")) if is_held(lock)]
    named = [lock.with_suffix("") for lock in held]
    return [int(slot.read_text()) if slot.is_file() else 0 for slot in named]


def log_file(runs: Path) -> Path:
    """Return where workers write what belongs to no run."""
    return _queue(runs) / "workers.log"


def _lock(slot: Path) -> Path:
    return slot.with_suffix(".lock")


def _queue(runs: Path) -> Path:
    folder = runs / QUEUE
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _tickets(runs: Path) -> list[Path]:
    folder = runs / QUEUE
    return sorted(folder.glob("[0-9]*.*")) if folder.is_dir() else []


def _name(ticket: Path) -> str:
    return ticket.name.partition(".")[2]
