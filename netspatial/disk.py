"""Writing files and folders so that a reader sees the old or the new one, never half of either.

The ground under every stage that writes. Everything is first written beside its target under a
name of ours, flushed, and then renamed; a full disk or a refusal becomes one sentence. What is not
ours is never removed or replaced: a folder without our mark, a device, a pipe, a link.
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
"""How long one writer of a file waits for another."""
SETTLE_PATIENCE_S = 60.0
"""How long a reader waits for the two renames of a writer."""
_OURS = "netspatial-"
"""In the name of all that stands beside a target for a while: `.NAME.netspatial-draft`."""


@dataclass(frozen=True)
class Mark:
    """What shows that a folder is ours: a JSON file of this name that has these members."""

    name: str
    members: tuple[str, ...]

    def is_in(self, folder: Path) -> bool:
        """Tell whether the folder itself, not one that it links to, bears the mark."""
        if folder.is_symlink() or not folder.is_dir():
            return False
        try:
            record = json.loads((folder / self.name).read_bytes())
        except (OSError, ValueError, RecursionError):
            return False
        return isinstance(record, dict) and set(self.members) <= record.keys()


@contextmanager
def atomic_file(target: Path) -> Iterator[Path]:
    """Yield an empty file beside the target; it becomes the target if the block ends well.

    A target that is there and is no file of its own (a device, a pipe, a folder, a link) is
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
    """Yield an empty temporary folder that takes the target's place if the block ends well.

    known_by : the mark of this kind of folder; a folder that has things in it and does not bear
        it is never replaced

    One process writes a target at a time; another is told that it is busy. Folders cannot be
    exchanged in one step everywhere, so the old one stands aside for the moment between two
    renames; `settle` puts it back if a kill struck just then.
    """
    target = placed(target)
    with _writer(target):
        _put_right(target)
        # under the lock: in the middle of another writer's exchange a target looks foreign
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
    """Remove a folder with all that is in it; one that does not bear the mark is refused.

    Call it with the folder's lock held, or where nobody else can want it.
    """
    target = placed(target)
    _refuse_foreign(target, known_by)
    with one_sentence(target):
        # renamed first: what is half deleted must never be taken for whole
        target.rename(_beside(target, "old"))
        shutil.rmtree(_beside(target, "old"))


def claim_folder(target: Path, known_by: Mark) -> None:
    """Make a folder to work in, or take up one of ours; one of another kind is refused.

    Call it with the folder's lock held; what killed writers left in it goes.
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
    """Tell whether a living process holds a file or folder by `hold_target`."""
    return is_held(_beside(placed(target), "lock"))


def settle(target: Path) -> None:
    """Undo an exchange of `target` that a kill interrupted, or wait for one that is going on.

    Costs one look at the disk when there is nothing to do; call before reading.
    """
    target = placed(target)
    if _beside(target, "previous").exists() and not target.exists():
        with _writer(target, SETTLE_PATIENCE_S):
            _put_back(target)


def sweep(folder: Path) -> None:
    """Clear away what killed writers left in a folder; what is being written there stays."""
    for left in folder.glob(f".*.{_OURS}*"):
        target = left.with_name(left.name[1:].rpartition(f".{_OURS}")[0])
        with suppress(Busy), _writer(target):
            _put_right(target)


def flush(path: Path) -> None:
    """Have the system write to the disk what it still holds of a file or folder."""
    if os.name == "nt" and path.is_dir():
        return  # there a folder cannot be opened, and its entries need no flush
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def placed(target: Path) -> Path:
    """Return the target's full path; links on the way are followed, the target itself is not."""
    if target.name in ("", ".."):
        target = target.resolve()
    if not target.name:
        raise BadInput(f"'{target}' names no file or folder of its own; give one.")
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
    """Leave only the target itself: put back what stands aside, then clear away the rest."""
    _put_back(target)
    previous, old = _beside(target, "previous"), _beside(target, "old")
    _clear(old)
    if previous.exists():
        # renamed first: what is half deleted must never be put back
        previous.rename(old)
        _clear(old)
    for draft in target.parent.glob(f".{escape(target.name)}.{_OURS}draft*"):
        _clear(draft)


def _clear(left: Path) -> None:
    """Remove a file or folder whose name is one of ours."""
    if left.is_dir() and not left.is_symlink():
        shutil.rmtree(left, ignore_errors=True)
    else:
        left.unlink(missing_ok=True)


def _put_back(target: Path) -> None:
    previous = _beside(target, "previous")
    if previous.exists() and not target.exists():
        previous.rename(target)


def _is_empty(target: Path) -> bool:
    """Tell whether nothing is there, or an empty folder."""
    with one_sentence(target):
        if target.is_symlink():
            return False
        return not target.exists() or (target.is_dir() and not any(target.iterdir()))


def _refuse_foreign(target: Path, known_by: Mark) -> None:
    """Raise where writing or removing would take something of another kind: a home, a link."""
    if not known_by.is_in(target):
        raise BadInput(
            f"'{target}' is there already and is not a folder of NetSpatial's, known by its "
            f"{known_by.name}; choose another place."
        )


def _refuse_irregular(target: Path) -> None:
    """Raise where a file would take the place of something that is no file."""
    if target.is_symlink():
        raise BadInput(f"'{target}' is a link, and is not written through; name the file itself.")
    if target.exists() and not target.is_file():
        what = "a folder" if target.is_dir() else "a device or a pipe"
        raise BadInput(f"'{target}' is {what}, not a file; choose another place to write to.")
