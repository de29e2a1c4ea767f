"""Advisory file locks on every system: the right to write a target or to work on a run.

The system releases a lock when its holder dies.
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
    """Hold the lock in the file `path`, which exists only while it is held.

    busy       : message of the `Busy` that is raised where another process holds it
    patience_s : maximum waiting time, seconds
    """
    lock = FileLock(path, timeout=patience_s, poll_interval=POLL_S)
    with one_sentence(path.parent):
        try:
            lock.acquire()
        except Timeout as error:
            if not path.exists():  # without write access this raises the system's own error
                path.touch()
            raise Busy(busy) from error
    try:
        yield
    finally:
        _release(lock, path)


def is_held(path: Path) -> bool:
    """Whether a running process holds the lock in the file `path`."""
    if not path.exists():
        return False
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return path.exists()
    except PermissionError:  # of another account; the file exists only while it is held
        return True
    _release(lock, path)
    return False


def _release(lock: BaseFileLock, path: Path) -> None:
    with suppress(OSError):  # Windows removes it with the lock, not before
        path.unlink()
    lock.release()
