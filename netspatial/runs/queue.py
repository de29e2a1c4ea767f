"""Who is next: tickets of waiting runs, and slots that bound how many runs work at once.

One queue for each folder of runs, in files, so that a web server, a terminal and the workers see
the same one, and nothing is lost when any of them ends.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from netspatial.errors import BadInput
from netspatial.runs.run import Run

QUEUE = ".queue"


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
    with suppress(FileNotFoundError):
        for number in range(at_once):
            descriptor = os.open(_queue(runs) / f"slot-{number}.lock", os.O_RDWR | os.O_CREAT)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                continue
            try:
                os.ftruncate(descriptor, 0)
                os.write(descriptor, str(os.getpid()).encode())
                yield True
            finally:
                os.close(descriptor)
            return
    yield False


def workers(runs: Path) -> list[int]:
    """Return the process ids of the living workers of a runs folder."""
    return [
        int(path.read_text() or 0)
        for path in sorted((runs / QUEUE).glob("slot-*.lock"))
        if _is_held(path)
    ]


def log_file(runs: Path) -> Path:
    """Return where workers write what belongs to no run."""
    return _queue(runs) / "workers.log"


def _is_held(path: Path) -> bool:
    with path.open() as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _queue(runs: Path) -> Path:
    folder = runs / QUEUE
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _tickets(runs: Path) -> list[Path]:
    folder = runs / QUEUE
    return sorted(folder.glob("[0-9]*.*")) if folder.is_dir() else []


def _name(ticket: Path) -> str:
    return ticket.name.partition(".")[2]
