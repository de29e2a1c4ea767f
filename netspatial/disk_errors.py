"""What a disk refuses, as one sentence: full, a file grown too large, or no right to write.

Under `disk`. Libraries hide the system's answer behind errors of many kinds.
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
"""With less than 1 MiB free, a failure to write is put down to the full disk."""


@contextmanager
def one_sentence(target: Path) -> Iterator[None]:
    """Turn whatever the system refuses into one sentence."""
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
    """Turn a full disk, and a file that outgrows what the system allows, into one sentence."""
    try:
        yield
    except Exception as error:
        number = None if isinstance(error, NetSpatialError) else _no_room(error, target.parent)
        if number is None:
            raise
        if number == errno.EFBIG:
            metadata = "it would outgrow the size that files may have here; make it smaller"
        else:
            metadata = "the disk is full; make room"
        raise CannotWrite(f"'{target}' was not written: {metadata} and try again.") from error


def _no_room(error: Exception, folder: Path) -> int | None:
    """Return the system's number of a lack of room behind an error; None where it is another."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, OSError) and link.errno is not None:
            return link.errno if link.errno in _NO_ROOM else None
        said = [number for number in _NO_ROOM if os.strerror(number) in str(link)]
        if said:
            return said[0]
        link = link.__cause__ or link.__context__
    little = folder.is_dir() and shutil.disk_usage(folder).free < _LITTLE_ROOM
    return errno.ENOSPC if little else None
