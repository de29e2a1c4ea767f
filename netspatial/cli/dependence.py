"""`netspatial train-dependence`: what neighbouring places share, learnt from cities."""

from pathlib import Path
from typing import Annotated

import typer

from netspatial.cli.generate import city_folders, refuse_trained_on
from netspatial.cli.progress import progress_bar


def train_dependence(
    cities: Annotated[
        list[Path],
        typer.Argument(
            help="City folders, or folders of such; none that the generator was trained on.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write weights, config and card into.")],
    model: Annotated[
        Path | None, typer.Option(help="Folder of a trained generator; default: the bundled one.")
    ] = None,
) -> None:
    """Learn from cities how alike the traffic of neighbouring places deviates."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up
    from netspatial.context.embed import load_context  # noqa: PLC0415
    from netspatial.generate.dependence import save_dependence  # noqa: PLC0415
    from netspatial.generate.dependence_training import (  # noqa: PLC0415
        city_series,
        learn_dependence,
    )
    from netspatial.generate.generator import Generator  # noqa: PLC0415

    opened = [City.open(folder) for given in cities for folder in city_folders(given)]
    context, generator = load_context(), Generator.load(model)
    refuse_trained_on([city.name for city in opened], generator)
    series = []
    with progress_bar() as report:
        for number, city in enumerate(opened):
            report(f"reading {city.name}", 0.5 * number / len(opened))
            series.append(city_series(city, context))
        learnt = learn_dependence(
            series, generator, lambda what, share: report(what, 0.5 + 0.5 * share)
        )
    licences = sorted({city.record.licences.get("traffic", "not stated") for city in opened})
    save_dependence(learnt, out, [city.name for city in opened], licences)
    typer.echo(f"trained on {len(opened)} cities; written to {out}")
