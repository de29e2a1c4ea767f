"""What can go wrong that a user can mend: one sentence that says what, where and what would be right.

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
