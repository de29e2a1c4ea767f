"""Who is next: tickets of waiting runs, and slots that bound how many runs work at once.

One queue for each folder of runs and the workspaces of people in it, in files, so that a web
server, a terminal and the workers see the same one, and nothing is lost when any of them ends.
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from netspatial.errors import BadInput, Busy
from netspatial.locks import hold, is_held
from netspatial.runs.jobs.run import Run

if TYPE_CHECKING:  # a command that starts no job reads no settings
    from netspatial.runs.jobs.server_settings import ServerSettings

QUEUE = ".queue"
PERSON = "@"
"""The name of a workspace, a folder with the runs of one person, begins so."""
PATIENCE_S = 0.1
"""Whoever counts the workers holds a slot for an instant; a worker waits so long for it."""


def root_of(runs: Path) -> Path:
    """Return the folder whose queue the runs of a folder wait in: of a workspace, the one above."""
    return runs.parent if runs.name.startswith(PERSON) else runs


def enter(run: Run, settings: "ServerSettings") -> None:
    """Put a run at the end of its queue, unless it stands there already.

    Raises `Busy` where the queue is full, or its owner has all of a person's share of it.
    """
    root = root_of(run.folder.parent)
    ticket = _ticket_of(run)
    with hold(_queue(root) / "enter.lock", "Many people are asking at once; try again.", 5.0):
        standing = [_ticket_of(other) for other in _clear_away(root)]
        if ticket in standing:
            return
        if len(standing) >= settings.queue_length:
            raise Busy(
                f"{len(standing)} runs wait or are at work, as many as this server takes on; try "
                "again when some of them are done."
            )
        owner = run.folder.parent.name if root != run.folder.parent else None
        own = sum(other.partition(".")[0] == owner for other in standing)
        if owner and own >= settings.person_share:
            raise Busy(
                f"{own} of your runs wait or are at work, as many as one person may have here; "
                "wait until some of them are done, or cancel them."
            )
        (_queue(root) / f"{time.time_ns():020d}.{ticket}").touch()


def leave(run: Run) -> None:
    """Take a run out of the queue."""
    for ticket in _tickets(root_of(run.folder.parent)):
        if _name(ticket) == _ticket_of(run):
            ticket.unlink(missing_ok=True)


def waiting(root: Path) -> list[str]:
    """Return the runs that wait or are worked on, in their order: name, or workspace.name."""
    return [_name(ticket) for ticket in _tickets(root)]


def place(run: Run) -> int | None:
    """Return how many runs are before this one; None where it does not stand in the queue."""
    names, ticket = waiting(root_of(run.folder.parent)), _ticket_of(run)
    return names.index(ticket) if ticket in names else None


def next_run(root: Path) -> Run | None:
    """Return the first run that waits to be worked on, and clear away tickets that are over."""
    return next((run for run in _clear_away(root) if run.progress().state == "waiting"), None)


def _clear_away(root: Path) -> Iterator[Run]:
    """Yield the runs that wait or are worked on; the tickets of others go."""
    for ticket in _tickets(root):
        try:
            run = Run.open(_folder(root, _name(ticket)))
            over = run.progress().over
        except BadInput:  # deleted or spoilt while it waited
            over = True
        if over:
            ticket.unlink(missing_ok=True)
        else:
            yield run


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


def _ticket_of(run: Run) -> str:
    above = run.folder.parent
    return run.name if root_of(above) == above else f"{above.name}.{run.name}"


def _folder(root: Path, ticket: str) -> Path:
    """Return the folder of the run that a ticket names."""
    if not ticket.startswith(PERSON):
        return root / ticket
    owner, _, name = ticket.partition(".")
    return root / owner / name
