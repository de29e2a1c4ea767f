"""One progress bar for every command that takes longer than a second; it goes to stderr."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from netspatial.cli.console import console
from netspatial.errors import printable

Tell = Callable[[str, float], None]
"""Takes what is being done and how much of the whole is done, 0 to 1."""


@contextmanager
def progress_bar() -> Iterator[Tell]:
    """Yield what to tell; standard output stays free for results."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console(stderr=True)) as shown:
        task = shown.add_task("starting", total=1.0)

        def tell(what: str, share: float) -> None:
            shown.update(task, description=printable(what), completed=share)

        yield tell
