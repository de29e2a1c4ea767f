"""The console of all commands, without markup or emoji, so that any name is printed literally."""

from rich.console import Console


def console(*, stderr: bool = False) -> Console:
    """Return a console for standard output or for standard error."""
    return Console(stderr=stderr, markup=False, emoji=False)
