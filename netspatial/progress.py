"""The progress callback of everything that takes long."""

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with what is being done and the share done, from 0 to 1."""


def silent(_what: str, _share: float) -> None:
    """Report nothing."""


def within(progress: Progress, begin: float, end: float) -> Progress:
    """Return the callback of a part of the work, which spans `begin` to `end` of the whole."""
    return lambda what, share: progress(what, begin + (end - begin) * share)


def count(progress: Progress, done: int, total: int, unit: str) -> None:
    """Report `done` of `total` units, for example cells."""
    progress(f"{done:,} of {total:,} {unit}", done / total if total else 1.0)
