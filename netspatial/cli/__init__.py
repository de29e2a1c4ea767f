"""The command line: thin commands over the library, one file per group.

A user's mistake ends with one sentence and exit code 2, never with a stack trace.
"""

import sys

import typer
from rich.console import Console

from netspatial.errors import NetSpatialError

app = typer.Typer(
    name="netspatial",
    help="What traffic would a base station carry here, and what should we do about it?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def main() -> None:
    """Run the command line."""
    try:
        app()
    except NetSpatialError as error:
        Console(stderr=True).print(
            f"[bold red]{error.__class__.__name__}[/]: {error}", soft_wrap=True
        )
        sys.exit(2)
