"""What commands print tables and sentences with: names are text there, never markup.

A city called `[/]` or `:smile:` is shown by its name.
"""

from rich.console import Console


def console(*, stderr: bool = False) -> Console:
    """Return a console for standard output or for standard error."""
    return Console(stderr=stderr, markup=False, emoji=False)
