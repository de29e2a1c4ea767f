"""Errors of writing to a disk as `CannotWrite`: disk full, file too large, or no write access.

Used by `disk`. Libraries hide the system's error behind errors of many kinds.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netspatial.errors import CannotWrite, NetSpatialError, reason

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_LITTLE_ROOM = 1 << 20
"""With less than this free, 1 MiB, a failure to write counts as a full disk."""


@contextmanager
def one_sentence(target: Path) -> Iterator[None]:
    """Turn errors of the system into `CannotWrite`."""
    try:
        with room_for(target):
            yield
    except OSError as error:
        raise CannotWrite(
            f"'{target}' cannot be written: {(error.strerror or reason(error)).lower()}; "
            "choose another place."
        ) from error


@contextmanager
def room_for(target: Path) -> Iterator[None]:
    """Turn a full disk, and a file above the system's size limit, into `CannotWrite`."""
    try:
        yield
    except Exception as error:
        number = None if isinstance(error, NetSpatialError) else _no_room(error, target.parent)
        if number is None:
            raise
        if number == errno.EFBIG:
            problem = "it would outgrow the size limit of files here; make it smaller"
        else:
            problem = "the disk is full; make room"
        raise CannotWrite(f"'{target}' was not written: {problem} and try again.") from error


def _no_room(error: Exception, folder: Path) -> int | None:
    """Return the errno of a full disk behind an error; None where it is another error."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, OSError) and link.errno is not None:
            return link.errno if link.errno in _NO_ROOM else None
        found = [number for number in _NO_ROOM if os.strerror(number) in str(link)]
        if found:
            return found[0]
        link = link.__cause__ or link.__context__
    little = folder.is_dir() and shutil.disk_usage(folder).free < _LITTLE_ROOM
    return errno.ENOSPC if little else None
