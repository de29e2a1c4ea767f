"""Writing files and folders so that a reader sees the old or the new one, never half of either.

The ground under every stage that writes. Everything is first written beside its target under a
temporary name, flushed, and then renamed.
"""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _beside(target: Path, kind: str) -> Path:
    return target.with_name(f".{target.name}.{kind}")


@contextmanager
def atomic_file(target: Path) -> Iterator[Path]:
    """Yield a temporary path in the target's folder; it becomes the target when the block ends well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = _beside(target, f"{uuid.uuid4().hex[:8]}.tmp")
    try:
        yield draft
        _flush(draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """Yield an empty temporary folder that takes the target's place when the block ends well.

    Folders cannot be exchanged in one step everywhere, so the old one stands aside as
    ``.name.previous`` for the moment between two renames; `settle` puts it back if a kill
    struck just then.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    settle(target)
    draft = _beside(target, f"{uuid.uuid4().hex[:8]}.tmp")
    draft.mkdir()
    try:
        yield draft
        for path in draft.rglob("*"):
            if path.is_file():
                _flush(path)
        previous = _beside(target, "previous")
        if target.exists():
            target.rename(previous)
        draft.rename(target)
        shutil.rmtree(previous, ignore_errors=True)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        settle(target)


def settle(target: Path) -> None:
    """Finish or undo an exchange of `target` that a kill interrupted. Cheap; call before reading."""
    previous = _beside(target, "previous")
    if not previous.exists():
        return
    if target.exists():
        shutil.rmtree(previous, ignore_errors=True)
    else:
        previous.rename(target)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
