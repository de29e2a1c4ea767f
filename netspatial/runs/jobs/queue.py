"""Queue of waiting runs (tickets), and slots that limit the number of workers.

One queue per folder of runs and its workspaces, stored in files, so that a web server, a terminal
and the workers share it and it survives their end.
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

if TYPE_CHECKING:  # commands without jobs read no settings
    from netspatial.runs.jobs.server_settings import ServerSettings

QUEUE = ".queue"
PERSON = "@"
"""Prefix of a workspace, the folder with the runs of one person."""
PATIENCE_S = 0.1
"""Time for which a worker waits for a slot, as counting the workers locks it briefly, s."""


def root_of(runs: Path) -> Path:
    """Return the folder with the queue of a runs folder: the parent of a workspace, else itself."""
    return runs.parent if runs.name.startswith(PERSON) else runs


def enter(run: Run, settings: "ServerSettings") -> None:
    """Append a run to its queue, unless it is queued already.

    Raises `Busy` if the queue is full or the owner's share of it is used.
    """
    root = root_of(run.folder.parent)
    ticket = _ticket_of(run)
    with hold(_queue(root) / "enter.lock", "The queue is busy; try again.", 5.0):
        queued = [_ticket_of(other) for other in _clear_away(root)]
        if ticket in queued:
            return
        if len(queued) >= settings.queue_length:
            raise Busy(
                f"{len(queued)} runs are waiting or running, the limit of this server; try again "
                "when some of them have finished."
            )
        owner = run.folder.parent.name if root != run.folder.parent else None
        own = sum(other.partition(".")[0] == owner for other in queued)
        if owner and own >= settings.person_share:
            raise Busy(
                f"{own} of your runs are waiting or running, the limit per person; wait until some "
                "of them have finished, or cancel them."
            )
        (_queue(root) / f"{time.time_ns():020d}.{ticket}").touch()


def leave(run: Run) -> None:
    """Remove a run from the queue."""
    for ticket in _tickets(root_of(run.folder.parent)):
        if _name(ticket) == _ticket_of(run):
            ticket.unlink(missing_ok=True)


def waiting(root: Path) -> list[str]:
    """Return the waiting and running runs in order, as name or workspace.name."""
    return [_name(ticket) for ticket in _tickets(root)]


def place(run: Run) -> int | None:
    """Return the number of runs before this one; None if it is not queued."""
    names, ticket = waiting(root_of(run.folder.parent)), _ticket_of(run)
    return names.index(ticket) if ticket in names else None


def next_run(root: Path) -> Run | None:
    """Return the first waiting run, and remove the tickets of ended runs."""
    return next((run for run in _clear_away(root) if run.progress().state == "waiting"), None)


def _clear_away(root: Path) -> Iterator[Run]:
    """Yield the waiting and running runs; remove the tickets of others."""
    for ticket in _tickets(root):
        try:
            run = Run.open(_folder(root, _name(ticket)))
            over = run.progress().over
        except BadInput:  # deleted or damaged while it waited
            over = True
        if over:
            ticket.unlink(missing_ok=True)
        else:
            yield run


@contextmanager
def slot(runs: Path, at_once: int) -> Iterator[bool]:
    """Hold a worker slot; yields False if all of them are taken."""
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
            # in a file beside the lock: some systems forbid reading a locked file
            mine.write_text(str(os.getpid()))
        yield mine is not None


def workers(runs: Path) -> list[int]:
    """Return the process ids of the living workers of a runs folder."""
    held = [lock for lock in sorted((runs / QUEUE).glob("slot-*.lock")) if is_held(lock)]
    named = [lock.with_suffix("") for lock in held]
    return [int(slot.read_text()) if slot.is_file() else 0 for slot in named]


def log_file(runs: Path) -> Path:
    """Return the log file of workers for output that belongs to no run."""
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
