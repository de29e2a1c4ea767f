"""Advisory locks in files, on every system: the right to write a place or to work on a run.

The system takes a lock back when its holder dies, so that none is ever left shut.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from netspatial.disk_errors import one_sentence
from netspatial.errors import Busy

POLL_S = 0.02


@contextmanager
def hold(path: Path, busy: str, patience_s: float = 0.0) -> Iterator[None]:
    """Hold the lock in the file `path`, which is there only as long as somebody holds it.

    busy       : the sentence of the `Busy` that is raised where another holds it
    patience_s : how long to wait for it
    """
    lock = FileLock(path, timeout=patience_s, poll_interval=POLL_S)
    with one_sentence(path.parent):
        try:
            lock.acquire()
        except Timeout as error:
            if not path.exists():  # where nothing can be written, the system now says so itself
                path.touch()
            raise Busy(busy) from error
    try:
        yield
    finally:
        _let_go(lock, path)


def is_held(path: Path) -> bool:
    """Tell whether a living process holds the lock in the file `path`."""
    if not path.exists():
        return False
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return path.exists()
    except PermissionError:  # another account's; it is there only while it is held
        return True
    _let_go(lock, path)
    return False


def _let_go(lock: BaseFileLock, path: Path) -> None:
    with suppress(OSError):  # Windows removes it with the lock, not before
        path.unlink()
    lock.release()
