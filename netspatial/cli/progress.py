"""The progress bar of long commands, on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from netspatial.cli.console import console
from netspatial.errors import printable
from netspatial.progress import Progress


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Yield the callback for progress; standard output is kept for results."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    with Bar(*columns, TimeElapsedColumn(), console=console(stderr=True)) as shown:
        task = shown.add_task("starting", total=1.0)

        def progress(what: str, share: float) -> None:
            shown.update(task, description=printable(what), completed=share)

        yield progress
