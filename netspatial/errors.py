"""What can go wrong that a user can mend: one sentence that says what, where and what is right.

Library code raises these; the command line turns them into exit code 2, the app into a red box.
"""


class NetSpatialError(Exception):
    """Anything a user can mend. The message is one sentence for that user."""


class BadInput(NetSpatialError):
    """A value, a file or a geometry that was given is not what is needed."""


class MissingPart(NetSpatialError):
    """A part of a city, a package or a model that is needed here is not there."""


class Busy(NetSpatialError):
    """Another process holds what is wanted."""


class CannotWrite(NetSpatialError):
    """The disk is full, or the system does not let us write there."""


def reason(error: Exception) -> str:
    """Return a library's error as the end of a sentence: its first line, without a full stop."""
    lines = str(error).strip().splitlines() or [error.__class__.__name__]
    return lines[0].strip().rstrip(".")
