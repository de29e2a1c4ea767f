"""`netspatial forecast`: train on measured histories of several services, and forecast them."""

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
    help="Train forecasters of several services and forecast from measured history.",
    no_args_is_help=True,
)

History = Annotated[
    Path,
    typer.Argument(
        help="City folder with traffic, or a table (Parquet, CSV) of place, time, task, value.",
        show_default=False,
    ),
]
Timezone = Annotated[str, typer.Option(help="Time zone of a table, such as Europe/Rome.")]


@forecast.command()
def fit(
    history: History,
    tasks: Annotated[str, typer.Option(help="Comma-separated services, such as call,sms,data.")],
    out: Annotated[Path, typer.Option(help="Folder for weights, config and model card.")],
    context_length: Annotated[int, typer.Option("--input", min=1, help="Input steps.")] = 48,
    horizon: Annotated[int, typer.Option(min=1, help="Forecast steps.")] = 24,
    init: Annotated[
        str,
        typer.Option(
            help="pretrained: on many cities, then adapted to this history; simulation: simulated "
            "cities first; reweighted: these weighted by their benefit; scratch: history alone."
        ),
    ] = "pretrained",
    preset: Annotated[str, typer.Option(help="default or paper.")] = "default",
    steps: Annotated[int | None, typer.Option(min=1, help="Maximum training steps.")] = None,
    timezone: Timezone = "UTC",
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    as_json: Json = False,
) -> None:
    """Train a forecaster on a history."""
    from netspatial.forecast.fitting import fit_history  # noqa: PLC0415  light start-up
    from netspatial.forecast.windows import WindowSpec  # noqa: PLC0415

    names = _names(tasks)
    panel = _read(history, names, timezone)
    with progress_bar() as progress:
        made = fit_history(
            panel,
            WindowSpec(context_length, horizon),
            init=init,
            preset=preset,
            steps=steps,
            seed=seed,
            progress=progress,
        )
    summary = {
        "out": str(out),
        "fingerprint": made.save(out),
        "tasks": list(names),
        "places": len(panel.ids),
        "steps": len(panel.times),
        "trained_on": list(made.trained_on),
    }
    if as_json:
        typer.echo(json.dumps(summary, indent=2))
    else:
        typer.echo(
            f"trained on {' and '.join(made.trained_on)} history: {summary['places']} places "
            f"over {summary['steps']} steps; written to {out}"
        )


@forecast.command()
def pretrain(
    cities: Annotated[
        list[Path],
        typer.Argument(help="City folders with traffic, or folders of these.", show_default=False),
    ],
    tasks: Annotated[str, typer.Option(help="Comma-separated services, such as call,sms,data.")],
    out: Annotated[Path, typer.Option(help="Folder for weights, config and model card.")],
    context_length: Annotated[int, typer.Option("--input", min=1, help="Input steps.")] = 48,
    horizon: Annotated[int, typer.Option(min=1, help="Forecast steps.")] = 24,
    steps: Annotated[int | None, typer.Option(min=1, help="Maximum training steps.")] = None,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
) -> None:
    """Pre-train a network on many cities, to be adapted to any place and services."""
    from dataclasses import replace  # noqa: PLC0415  light start-up

    from netspatial.city.city import City  # noqa: PLC0415
    from netspatial.cli.generate import city_folders  # noqa: PLC0415
    from netspatial.forecast import pretrained  # noqa: PLC0415
    from netspatial.forecast.panel import from_city  # noqa: PLC0415
    from netspatial.forecast.windows import WindowSpec  # noqa: PLC0415

    names = _names(tasks)
    folders = [folder for given in cities for folder in city_folders(given)]
    train_config = (
        pretrained.PRETRAINING if steps is None else replace(pretrained.PRETRAINING, steps=steps)
    )
    with progress_bar() as progress:
        progress("reading cities", 0.0)
        panels = [from_city(City.open(folder), names) for folder in folders]
        made = pretrained.pretrain(
            panels,
            WindowSpec(context_length, horizon),
            train_config=train_config,
            seed=seed,
            progress=progress,
        )
    made.save(out)
    typer.echo(f"pre-trained on {len(panels)} cities; written to {out}")


@forecast.command()
def predict(
    model: Annotated[
        str,
        typer.Argument(
            help="Folder written by `fit`, or the name of a forecaster, such as sim-mstnet.",
            show_default=False,
        ),
    ],
    history: History,
    out: Annotated[Path, typer.Option(help="Parquet or CSV file to write.")],
    tasks: Annotated[
        str | None,
        typer.Option(
            help="Comma-separated services, such as call,sms,data; default: those of `fit`."
        ),
    ] = None,
    horizon: Annotated[
        int | None,
        typer.Option(min=1, help="Forecast steps; default: those of `fit`, else one day."),
    ] = None,
    timezone: Timezone = "UTC",
    as_json: Json = False,
) -> None:
    """Forecast from the end of a history: median and quantiles per place, time and service."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up
    from netspatial.forecast import FORECASTERS, forecaster_named  # noqa: PLC0415
    from netspatial.forecast.network_forecaster import NetworkForecaster  # noqa: PLC0415
    from netspatial.forecast.tables import to_table, write_table  # noqa: PLC0415
    from netspatial.forecast.young_stations import BackfillForecaster  # noqa: PLC0415

    asked = None if tasks is None else _names(tasks)
    if model in FORECASTERS:
        city = City.open(history) if history.is_dir() else None
        forecaster: Forecaster = BackfillForecaster(forecaster_named(model, city))
        panel = _read(history, asked, timezone)
        steps = panel.steps_per_day if horizon is None else horizon
    else:
        fitted = NetworkForecaster.load(Path(model))
        forecaster, panel = fitted, _read(history, asked or fitted.tasks, timezone)
        steps = fitted.shape.horizon if horizon is None else horizon
    table = to_table(forecaster.predict_quantiles(panel, steps))
    write_table(table, out)
    summary = {
        "out": str(out),
        "rows": len(table),
        "places": int(table["place"].nunique()),
        "first": table["time"].min().isoformat(),
        "last": table["time"].max().isoformat(),
    }
    if as_json:
        typer.echo(json.dumps(summary, indent=2))
    else:
        typer.echo(
            f"{', '.join(panel.tasks)} of {summary['places']} places from {summary['first']} to "
            f"{summary['last']}, forecast, not measured; written to {out}"
        )


def _names(tasks: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in tasks.split(",") if name.strip())
    if not names:
        raise BadInput("Name at least one service in --tasks, for example call,sms,data.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadInput(f"The service '{twice}' is listed twice in --tasks; list it once.")
    return names


def _read(history: Path, tasks: tuple[str, ...] | None, timezone: str) -> "Panel":
    """Return the history of a city folder or a table, by default of all tasks."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up
    from netspatial.forecast.panel import from_city  # noqa: PLC0415
    from netspatial.forecast.tables import from_table, read_table  # noqa: PLC0415

    if history.is_dir():
        city = City.open(history)
        return from_city(city, tasks or city.services)
    return from_table(read_table(history), timezone, asked=tasks)
