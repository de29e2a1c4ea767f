"""The command line: thin commands over the library, one file per group.

A user's mistake ends with one sentence and exit code 2, never with a stack trace.
"""

import errno
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from netspatial import __version__
from netspatial.cli import (
    bench,
    city_build,
    context,
    encoders,
    forecast,
    generate,
    operate,
    places,
    plan,
    runs,
    simulate,
)
from netspatial.errors import NetSpatialError

app = typer.Typer(
    name="netspatial",
    pretty_exceptions_enable=False,
    add_completion=False,
)
places.city.command()(city_build.build)
app.add_typer(places.city, name="city")
app.command()(places.area)
app.command()(places.grid)
app.command()(simulate.simulate)
app.add_typer(bench.bench, name="bench")
app.command(name="encoders")(encoders.encoders)
app.command()(encoders.train_satvit)
app.command()(context.embed)
app.command()(context.train_context)
app.command(name="generate")(generate.generate)
app.command()(generate.train)
app.command()(generate.finetune)
app.command()(plan.plan)
app.command(name="operate")(operate.operate)
app.add_typer(forecast.forecast, name="forecast")
app.add_typer(runs.runs, name="runs")

UsageError: type[typer.BadParameter] = typer.BadParameter.mro()[1]
"""Any wrong word on the command line; typer exports only this one subclass by name."""

_USERS_FILES = (
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOENT,
    errno.EISDIR,
    errno.ENOTDIR,
    errno.EEXIST,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.ENAMETOOLONG,
)
"""What the system says of paths that a user gave, rather than of our own mistakes."""


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Say what traffic a base station would carry here, and what to do about it."""
    if version:
        typer.echo(f"netspatial {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command line."""
    try:
        code = app(standalone_mode=False)
    except NetSpatialError as error:
        _refuse(error.__class__.__name__, str(error))
    except UsageError as error:
        _refuse("Usage", error.format_message())
    except OSError as error:
        if error.errno not in _USERS_FILES:
            raise
        where = f"'{error.filename}': " if error.filename else ""
        _refuse("File", f"{where}{error.strerror}.")
    else:
        sys.exit(code if isinstance(code, int) else 0)


def _refuse(kind: str, message: str) -> None:
    """Print one sentence and leave with exit code 2."""
    sentence = " ".join(message.split()).replace(". Did you mean", "; did you mean")
    if not sentence.endswith((".", "?")):
        sentence += "."
    Console(stderr=True).print(Text.assemble((kind, "bold red"), ": ", sentence), soft_wrap=True)
    sys.exit(2)
