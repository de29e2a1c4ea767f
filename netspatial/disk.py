"""Writing files and folders so that a reader sees the old or the new one, never half of either.

The ground under every stage that writes. Everything is first written beside its target under a
temporary name, flushed, and then renamed; a full disk or a refusal becomes one sentence.
"""

import errno
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netspatial.errors import BadInput, Busy, CannotWrite, NetSpatialError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_LITTLE_ROOM = 1 << 20
"""With less than 1 MiB free, a failure to write is put down to the full disk."""


@contextmanager
def atomic_file(target: Path) -> Iterator[Path]:
    """Yield an empty file beside the target; it becomes the target if the block ends well.

    Of two processes that write the same target, the last to end wins, whole.
    """
    target = target.resolve()
    draft = _beside(target, f"{uuid.uuid4().hex[:8]}.tmp")
    with _plainly(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.touch()
    try:
        with _room_for(target):
            yield draft
        with _plainly(target):
            _flush(draft)
            draft.replace(target)
            _flush(target.parent)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def atomic_folder(target: Path, known_by: str) -> Iterator[Path]:
    """Yield an empty temporary folder that takes the target's place if the block ends well.

    known_by : the file that marks a folder of this kind; a folder that has other things in it
        and not this file is never replaced

    One process writes a target at a time; another is told that it is busy. Folders cannot be
    exchanged in one step everywhere, so the old one stands aside as ``.name.previous`` for the
    moment between two renames; `settle` puts it back if a kill struck just then.
    """
    target = target.resolve()
    with _plainly(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    with _lock(target, fcntl.LOCK_EX | fcntl.LOCK_NB):
        _put_right(target)
        # under the lock: in the middle of another writer's exchange a target looks foreign
        _refuse_foreign(target, known_by)
        draft = _beside(target, "draft")
        try:
            with _plainly(target):
                draft.mkdir()
            with _room_for(target):
                yield draft
            with _plainly(target):
                for path in sorted(draft.rglob("*")):
                    _flush(path)
                _exchange(draft, target)
        finally:
            _put_right(target)


def settle(target: Path) -> None:
    """Undo an exchange of `target` that a kill interrupted, or wait for one that is going on.

    Costs one look at the disk when there is nothing to do; call before reading.
    """
    target = target.resolve()
    if _beside(target, "previous").exists() and not target.exists():
        with _lock(target, fcntl.LOCK_EX):
            _put_back(target)


def _beside(target: Path, kind: str) -> Path:
    return target.with_name(f".{target.name}.{kind}")


def _exchange(draft: Path, target: Path) -> None:
    previous = _beside(target, "previous")
    if target.exists():
        target.rename(previous)
    draft.rename(target)
    _flush(target.parent)


def _put_right(target: Path) -> None:
    """Leave only the target itself: put back what stands aside, then clear away the rest."""
    _put_back(target)
    previous, old = _beside(target, "previous"), _beside(target, "old")
    shutil.rmtree(old, ignore_errors=True)
    if previous.exists():
        # renamed first: what is half deleted must never be put back
        previous.rename(old)
        shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(_beside(target, "draft"), ignore_errors=True)


def _put_back(target: Path) -> None:
    previous = _beside(target, "previous")
    if previous.exists() and not target.exists():
        previous.rename(target)


def _refuse_foreign(target: Path, known_by: str) -> None:
    """Raise where writing would delete something of another kind, such as a home folder."""
    with _plainly(target):
        mine = target.is_dir() and ((target / known_by).is_file() or not any(target.iterdir()))
    if target.exists() and not mine:
        raise BadInput(
            f"'{target}' is there already and is not a folder with a {known_by}; "
            "choose another place to write to."
        )


@contextmanager
def _lock(target: Path, how: int) -> Iterator[None]:
    """Hold the right to exchange `target`; the system takes it back when its holder dies."""
    path = _beside(target, "lock")
    while True:
        with _plainly(target):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, how)
        except BlockingIOError as error:
            os.close(descriptor)
            raise Busy(
                f"Another process is writing '{target}'; wait until it ends or choose another "
                "place."
            ) from error
        if _is_at(descriptor, path):
            break
        os.close(descriptor)  # its last holder removed it while we waited
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _plainly(target: Path) -> Iterator[None]:
    """Turn whatever the system refuses into one sentence."""
    try:
        with _room_for(target):
            yield
    except OSError as error:
        raise CannotWrite(
            f"'{target}' cannot be written: {(error.strerror or str(error)).lower()}; "
            "choose another place."
        ) from error


@contextmanager
def _room_for(target: Path) -> Iterator[None]:
    """Turn a full disk into one sentence; libraries hide it behind errors of many kinds."""
    try:
        yield
    except Exception as error:
        if isinstance(error, NetSpatialError) or not _is_full(error, target.parent):
            raise
        raise CannotWrite(
            f"The disk is full, so '{target}' was not written; make room and try again."
        ) from error


def _is_full(error: Exception, folder: Path) -> bool:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _NO_ROOM
    return folder.is_dir() and shutil.disk_usage(folder).free < _LITTLE_ROOM
