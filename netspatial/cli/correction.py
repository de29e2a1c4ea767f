"""`netspatial train-kriging-correction`: train the learned correction of kriged levels."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netspatial.cli.generate import city_folders
from netspatial.cli.progress import progress_bar
from netspatial.errors import BadInput
from netspatial.progress import within

if TYPE_CHECKING:
    from netspatial.kriging.correction_training import TrainedCorrection


def train_kriging_correction(
    cities: Annotated[
        list[Path],
        typer.Argument(help="City folders, or folders of such.", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write weights, config and card into.")],
    held_out: Annotated[
        int, typer.Option(min=1, help="The last cities validate and are not trained on.")
    ] = 5,
    redraws: Annotated[
        int, typer.Option(min=1, help="Draws of the levels of each simulated city.")
    ] = 4,
    steps: Annotated[int, typer.Option(min=1, help="Steps of the training.")] = 1500,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    work: Annotated[
        Path, typer.Option(help="Folder that keeps cities that have been read.")
    ] = Path("runs/kriging-correction"),
    model: Annotated[
        Path | None, typer.Option(help="Folder of a trained generator; default: the bundled one.")
    ] = None,
) -> None:
    """Train attention over measured stations that corrects the kriged level."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up
    from netspatial.context.embed import load_context  # noqa: PLC0415
    from netspatial.generate.correction_cities import correction_city  # noqa: PLC0415
    from netspatial.generate.generator import Generator  # noqa: PLC0415
    from netspatial.kriging.correction_training import (  # noqa: PLC0415
        CorrectionTraining,
        train_correction,
    )
    from netspatial.kriging.learned_correction import (  # noqa: PLC0415
        CorrectionConfig,
        save_correction,
    )
    from netspatial.kriging.priors import load_priors  # noqa: PLC0415

    opened = [City.open(folder) for given in cities for folder in city_folders(given)]
    if len(opened) <= held_out:
        raise BadInput(
            f"{len(opened)} cities were given, of which {held_out} are held out; at least "
            f"{held_out + 1} are needed."
        )
    context, generator = load_context(), Generator.load(model)
    read = []
    with progress_bar() as report:
        for number, city in enumerate(opened):
            report(f"reading {city.name}", 0.5 * number / len(opened))
            read.append(correction_city(city, context, generator, redraws, work))
        trained = train_correction(
            read[:-held_out],
            read[-held_out:],
            load_priors()["level"],
            CorrectionTraining(steps=steps, seed=seed),
            within(report, 0.5, 1.0),
        )
    names = tuple(city.name for city in opened[:-held_out])
    config = CorrectionConfig(trained.network.settings, context.fingerprint, names, trained.scores)
    licences = sorted({city.record.licences.get("traffic", "not stated") for city in opened})
    save_correction(trained.network, out, config, _card(trained, names, licences))
    typer.echo(f"{_said(trained)}; written to {out}")


def _said(trained: "TrainedCorrection") -> str:
    scores = ", ".join(f"{name} {value:.4f}" for name, value in trained.scores.items())
    return f"best step {trained.step}: CRPS of the log level over that of kriging alone: {scores}"


def _card(trained: "TrainedCorrection", cities: tuple[str, ...], licences: list[str]) -> str:
    from netspatial.weights import licence_of_weights  # noqa: PLC0415  light start-up

    return "\n".join(
        [
            "# Learned correction of kriged levels",
            "",
            "Attention of a place over up to 32 measured stations moves mean and deviation of the",
            "kriged log level. Its weight in a city follows from leave-one-out errors there.",
            "",
            f"Trained on {len(cities)} cities: {', '.join(cities)}.",
            f"Validated on held-out cities, {_said(trained)}.",
            licence_of_weights(licences),
        ]
    )
