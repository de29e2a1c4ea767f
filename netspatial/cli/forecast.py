"""`netspatial forecast`: learn from measured history of several services, and go on from it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netspatial.cli.places import Json
from netspatial.cli.progress import progress_bar
from netspatial.errors import BadInput

if TYPE_CHECKING:
    from netspatial.forecast.forecaster import Forecaster
    from netspatial.forecast.panel import Panel

forecast = typer.Typer(
    help="Forecast several services of stations or places from what was measured.",
    no_args_is_help=True,
)

History = Annotated[
    Path,
    typer.Argument(
        help="City folder with traffic, or a table (Parquet, CSV) of place, time, task, value.",
        show_default=False,
    ),
]
Timezone = Annotated[str, typer.Option(help="Local clock of a table, as Europe/Rome.")]


@forecast.command()
def fit(
    history: History,
    tasks: Annotated[str, typer.Option(help="Services with commas, as call,sms,data.")],
    out: Annotated[Path, typer.Option(help="Folder to write weights, config and card into.")],
    context_length: Annotated[int, typer.Option("--input", min=1, help="Steps that go in.")] = 48,
    horizon: Annotated[int, typer.Option(min=1, help="Steps that are forecast.")] = 24,
    init: Annotated[
        str,
        typer.Option(
            help="taught: go on with what many cities taught; simulation: learn from simulated "
            "cities first; weighed: from each of them for what it helps; history: from it alone."
        ),
    ] = "pretrained",
    preset: Annotated[str, typer.Option(help="default or paper.")] = "default",
    steps: Annotated[int | None, typer.Option(min=1, help="Most training steps.")] = None,
    timezone: Timezone = "UTC",
    seed: Annotated[int, typer.Option(help="Reproduces the run.")] = 0,
    as_json: Json = False,
) -> None:
    """Train a forecaster for the places of a history."""
    from netspatial.forecast.fitting import fit_history  # noqa: PLC0415  light start-up
    from netspatial.forecast.windows import WindowSpec  # noqa: PLC0415

    names = _names(tasks)
    panel = _read(history, names, timezone)
    with progress_bar() as tell:
        made = fit_history(
            panel,
            WindowSpec(context_length, horizon),
            init=init,
            preset=preset,
            steps=steps,
            seed=seed,
            progress=tell,
        )
    metadata = {
        "out": str(out),
        "fingerprint": made.save(out),
        "tasks": list(names),
        "places": len(panel.ids),
        "steps": len(panel.times),
        "learnt_from": list(made.learnt_from),
    }
    if as_json:
        typer.echo(json.dumps(metadata, indent=2))
    else:
        typer.echo(
            f"learnt from {' and '.join(made.learnt_from)} history, here {metadata['places']} places "
            f"over {metadata['steps']} steps; written to {out}"
        )


@forecast.command()
def pretrain(
    cities: Annotated[
        list[Path],
        typer.Argument(help="City folders with traffic, or folders of such.", show_default=False),
    ],
    tasks: Annotated[str, typer.Option(help="Services with commas, as call,sms,data.")],
    out: Annotated[Path, typer.Option(help="Folder to write weights, config and card into.")],
    context_length: Annotated[int, typer.Option("--input", min=1, help="Steps that go in.")] = 48,
    horizon: Annotated[int, typer.Option(min=1, help="Steps that are forecast.")] = 24,
    steps: Annotated[int | None, typer.Option(min=1, help="Most training steps.")] = None,
    seed: Annotated[int, typer.Option(help="Reproduces the run.")] = 0,
) -> None:
    """Teach a network on many cities, to go on from in any place and with any services."""
    from dataclasses import replace  # noqa: PLC0415  light start-up

    from netspatial.city.city import City  # noqa: PLC0415
    from netspatial.cli.generate import city_folders  # noqa: PLC0415
    from netspatial.forecast import pretrained  # noqa: PLC0415
    from netspatial.forecast.panel import from_city  # noqa: PLC0415
    from netspatial.forecast.windows import WindowSpec  # noqa: PLC0415

    names = _names(tasks)
    folders = [folder for given in cities for folder in city_folders(given)]
    budget = (
        pretrained.PRETRAINING if steps is None else replace(pretrained.PRETRAINING, steps=steps)
    )
    with progress_bar() as tell:
        tell("reading cities", 0.0)
        panels = [from_city(City.open(folder), names) for folder in folders]
        made = pretrained.pretrain(
            panels, WindowSpec(context_length, horizon), budget=budget, seed=seed, progress=tell
        )
    made.save(out)
    typer.echo(f"taught on {len(panels)} cities; written to {out}")


@forecast.command()
def predict(
    model: Annotated[
        str,
        typer.Argument(
            help="Folder that `fit` wrote, or a forecaster by its name, as sim-mstnet.",
            show_default=False,
        ),
    ],
    history: History,
    out: Annotated[Path, typer.Option(help="Parquet or CSV file to write.")],
    tasks: Annotated[
        str | None,
        typer.Option(help="Services with commas, as call,sms,data; of a folder, those of `fit`."),
    ] = None,
    horizon: Annotated[
        int | None,
        typer.Option(min=1, help="Steps to forecast; of a folder, those of `fit`, else a day."),
    ] = None,
    timezone: Timezone = "UTC",
    as_json: Json = False,
) -> None:
    """Go on from the end of a history: median and quantiles of each place, time and service."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up
    from netspatial.forecast import FORECASTERS, forecaster_named  # noqa: PLC0415
    from netspatial.forecast.network_forecaster import NetworkForecaster  # noqa: PLC0415
    from netspatial.forecast.tables import to_table, write_table  # noqa: PLC0415

    asked = None if tasks is None else _names(tasks)
    if model in FORECASTERS:
        city = City.open(history) if history.is_dir() else None
        forecaster: Forecaster = forecaster_named(model, city)
        panel = _read(history, asked, timezone)
        steps = panel.steps_per_day if horizon is None else horizon
    else:
        fitted = NetworkForecaster.load(Path(model))
        forecaster, panel = fitted, _read(history, asked or fitted.tasks, timezone)
        steps = fitted.shape.horizon if horizon is None else horizon
    table = to_table(forecaster.predict_quantiles(panel, steps))
    write_table(table, out)
    metadata = {
        "out": str(out),
        "rows": len(table),
        "places": int(table["place"].nunique()),
        "first": table["time"].min().isoformat(),
        "last": table["time"].max().isoformat(),
    }
    if as_json:
        typer.echo(json.dumps(metadata, indent=2))
    else:
        typer.echo(
            f"{', '.join(panel.tasks)} of {metadata['places']} places from {metadata['first']} to "
            f"{metadata['last']}, forecast, not measured; written to {out}"
        )


def _names(tasks: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in tasks.split(",") if name.strip())
    if not names:
        raise BadInput("Name at least one service in --tasks, for example call,sms,data.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadInput(f"The service '{twice}' is named twice in --tasks; once is enough.")
    return names


def _read(history: Path, tasks: tuple[str, ...] | None, timezone: str) -> "Panel":
    """History from a city folder or from a table; of all tasks where none are named."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up
    from netspatial.forecast.panel import from_city  # noqa: PLC0415
    from netspatial.forecast.tables import from_table, read_table  # noqa: PLC0415

    if history.is_dir():
        city = City.open(history)
        return from_city(city, tasks or city.services)
    return from_table(read_table(history), timezone, asked=tasks)
