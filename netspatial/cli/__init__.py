"""The command line: thin commands over the library, one file per group.

A user error ends with one sentence and exit code 2, without a stack trace; see `ending`.
"""

import io
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from netspatial import __version__
from netspatial.cli import (
    bench,
    city_build,
    context,
    correction,
    dependence,
    encoders,
    forecast,
    generate,
    in_city,
    licences,
    operate,
    places,
    plan,
    runs,
    scenario,
    simulate,
)
from netspatial.cli.ending import end
from netspatial.errors import BadInput

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
app.command(name="train-kriging")(generate.train_kriging)
app.command(name="train-kriging-correction")(correction.train_kriging_correction)
app.command(name="train-dependence")(dependence.train_dependence)
app.command()(plan.plan)
app.command(name="validate")(in_city.validate)
app.command(name="operate")(operate.operate)
app.add_typer(forecast.forecast, name="forecast")
app.add_typer(scenario.scenario, name="scenario")
app.add_typer(runs.runs, name="runs")
app.command(name="licences")(licences.licences)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Plan sites and schedule base stations from generated and forecast mobile traffic."""
    if version:
        typer.echo(f"netspatial {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command line."""
    for out in (sys.stdout, sys.stderr):
        if isinstance(out, io.TextIOWrapper):
            out.reconfigure(errors="backslashreplace")  # names that the terminal cannot encode
    try:
        _check_words(sys.argv[1:])
        code = app(standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  reported by `end`
        code = end(error)
    sys.exit(code if isinstance(code, int) else 0)


def _check_words(words: Sequence[str]) -> None:
    """Raise BadInput for arguments that are not UTF-8 text, as files could not store them."""
    for word in words:
        if any("\ud800" <= letter <= "\udfff" for letter in word):
            raise BadInput(f"The argument '{word}' is not UTF-8 text.")
