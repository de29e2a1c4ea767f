"""Writing files and folders so that a reader sees the old or the new one, never half of either.

Everything is first written next to its target under a temporary name, flushed, and then renamed; a
full disk or missing rights raise `CannotWrite`. Foreign things are never removed or replaced: a
folder without our mark, a device, a pipe, a link.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from netspatial.disk_errors import one_sentence, room_for
from netspatial.errors import BadInput, Busy
from netspatial.locks import hold, is_held

FILE_PATIENCE_S = 10.0
"""Maximum time for which one writer of a file waits for another."""
SETTLE_PATIENCE_S = 60.0
"""Maximum time for which a reader waits for the two renames of a writer."""
_OURS = "netspatial-"
"""Part of the names of temporary files next to a target: `.NAME.netspatial-draft`."""


@dataclass(frozen=True)
class Mark:
    """Mark of a kind of folder: a JSON file of this name that has these members."""

    name: str
    members: tuple[str, ...]

    def is_in(self, folder: Path) -> bool:
        """Whether the folder itself, not one that it links to, has the mark."""
        if folder.is_symlink() or not folder.is_dir():
            return False
        try:
            record = json.loads((folder / self.name).read_bytes())
        except (OSError, ValueError, RecursionError):
            return False
        return isinstance(record, dict) and set(self.members) <= record.keys()


@contextmanager
def atomic_file(target: Path) -> Iterator[Path]:
    """Yield an empty file next to the target; it becomes the target if the block succeeds.

    An existing target that is not a regular file (a device, a pipe, a folder, a link) is
    refused. One process writes a target at a time; others wait for it.
    """
    target = placed(target)
    with _writer(target, FILE_PATIENCE_S):
        draft = _beside(target, "draft")
        _refuse_irregular(target)
        _put_right(target)
        try:
            with one_sentence(target):
                draft.touch(exist_ok=False)
            with room_for(target):
                yield draft
            with one_sentence(target):
                flush(draft)
                _refuse_irregular(target)
                draft.replace(target)
                flush(target.parent)
        finally:
            _put_right(target)


@contextmanager
def atomic_folder(target: Path, known_by: Mark) -> Iterator[Path]:
    """Yield an empty temporary folder that replaces the target if the block succeeds.

    known_by : the mark of this kind of folder; a folder that is not empty and has no such mark
        is never replaced

    One process writes a target at a time; others get `Busy`. Folders cannot be exchanged
    atomically on every system, so the old one is renamed for the moment between two renames;
    `settle` restores it if the process was killed just then.
    """
    target = placed(target)
    with _writer(target):
        _put_right(target)
        # under the lock: during another writer's exchange a target looks foreign
        if not _is_empty(target):
            _refuse_foreign(target, known_by)
        draft = _beside(target, "draft")
        try:
            with one_sentence(target):
                draft.mkdir()
            with room_for(target):
                yield draft
            with one_sentence(target):
                for path in sorted(draft.rglob("*")):
                    flush(path)
                _exchange(draft, target)
        finally:
            _put_right(target)


def remove_folder(target: Path, known_by: Mark) -> None:
    """Remove a folder with its content; one without the mark is refused.

    Call it with the folder's lock held, or where no other process can use it.
    """
    target = placed(target)
    _refuse_foreign(target, known_by)
    with one_sentence(target):
        # renamed first: a half deleted folder must never be taken for a complete one
        target.rename(_beside(target, "old"))
        shutil.rmtree(_beside(target, "old"))


def claim_folder(target: Path, known_by: Mark) -> None:
    """Make a working folder, or reuse one with the mark; one of another kind is refused.

    Call it with the folder's lock held; leftovers of killed writers in it are removed.
    """
    target = placed(target)
    if target.is_symlink():
        _refuse_foreign(target, known_by)
    _put_right(target)
    with one_sentence(target):
        target.mkdir(exist_ok=True)
    sweep(target)
    if not _is_empty(target):
        _refuse_foreign(target, known_by)


def hold_target(target: Path, busy: str, patience_s: float = 0.0) -> AbstractContextManager[None]:
    """Hold the right to write or remove a file or folder, as `atomic_folder` does."""
    target = placed(target)
    with one_sentence(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    return hold(_beside(target, "lock"), busy, patience_s)


def is_target_held(target: Path) -> bool:
    """Whether a running process holds a file or folder by `hold_target`."""
    return is_held(_beside(placed(target), "lock"))


def settle(target: Path) -> None:
    """Undo an exchange of `target` that was interrupted by a kill, or wait for a running one.

    Costs one file check when there is nothing to do; call before reading.
    """
    target = placed(target)
    if _beside(target, "previous").exists() and not target.exists():
        with _writer(target, SETTLE_PATIENCE_S):
            _put_back(target)


def sweep(folder: Path) -> None:
    """Remove leftovers of killed writers from a folder; files being written stay."""
    for left in folder.glob(f".*.{_OURS}*"):
        target = left.with_name(left.name[1:].rpartition(f".{_OURS}")[0])
        with suppress(Busy), _writer(target):
            _put_right(target)


def flush(path: Path) -> None:
    """Flush a file or folder from the system's buffers to the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot open a folder, and its entries need no flush
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def placed(target: Path) -> Path:
    """Return the target's full path; links in its parents are followed, the target itself not."""
    if target.name in ("", ".."):
        target = target.resolve()
    if not target.name:
        raise BadInput(f"'{target}' is not the path of a file or folder; give one.")
    return target.parent.resolve() / target.name


def _writer(target: Path, patience_s: float = 0.0) -> AbstractContextManager[None]:
    busy = f"Another process is writing '{target}'; wait until it ends or choose another place."
    return hold_target(target, busy, patience_s)


def _beside(target: Path, kind: str) -> Path:
    return target.with_name(f".{target.name}.{_OURS}{kind}")


def _exchange(draft: Path, target: Path) -> None:
    previous = _beside(target, "previous")
    if target.exists():
        target.rename(previous)
    draft.rename(target)
    flush(target.parent)


def _put_right(target: Path) -> None:
    """Restore an interrupted exchange, then remove all temporary files of the target."""
    _put_back(target)
    previous, old = _beside(target, "previous"), _beside(target, "old")
    _clear(old)
    if previous.exists():
        # renamed first: a half deleted folder must never be restored
        previous.rename(old)
        _clear(old)
    for draft in target.parent.glob(f".{escape(target.name)}.{_OURS}draft*"):
        _clear(draft)


def _clear(left: Path) -> None:
    """Remove a temporary file or folder."""
    if left.is_dir() and not left.is_symlink():
        shutil.rmtree(left, ignore_errors=True)
    else:
        left.unlink(missing_ok=True)


def _put_back(target: Path) -> None:
    previous = _beside(target, "previous")
    if previous.exists() and not target.exists():
        previous.rename(target)


def _is_empty(target: Path) -> bool:
    """Whether the target does not exist or is an empty folder."""
    with one_sentence(target):
        if target.is_symlink():
            return False
        return not target.exists() or (target.is_dir() and not any(target.iterdir()))


def _refuse_foreign(target: Path, known_by: Mark) -> None:
    """Raise where the target is something without the mark, such as a home folder or a link."""
    if not known_by.is_in(target):
        raise BadInput(
            f"'{target}' exists already and is not a folder of NetSpatial's, known by its "
            f"{known_by.name}; choose another place."
        )


def _refuse_irregular(target: Path) -> None:
    """Raise where a file would replace something that is not a regular file."""
    if target.is_symlink():
        raise BadInput(f"'{target}' is a link, which is not followed; give the file itself.")
    if target.exists() and not target.is_file():
        what = "a folder" if target.is_dir() else "a device or a pipe"
        raise BadInput(f"'{target}' is {what}, not a file; choose another place to write to.")
