"""`netspatial generate` generates traffic; `train` and `finetune` train the generator."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netspatial.cli.progress import progress_bar
from netspatial.errors import BadInput
from netspatial.progress import Progress

if TYPE_CHECKING:
    from netspatial.city.city import City
    from netspatial.generate.checkpoint import ValidationScores
    from netspatial.generate.data import TrainingSet
    from netspatial.generate.generator import Generator
    from netspatial.generate.presets import Preset
    from netspatial.kriging.stations import MeasuredStations

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Cities = Annotated[
    list[Path] | None,
    typer.Option(help="City folder with traffic, or a folder of these; repeatable."),
]
Npz = Annotated[
    Path | None,
    typer.Option(help="Instead of cities, an .npz file with traffic (n,T), embedding (n,D)."),
]
ContextFolder = Annotated[
    Path | None, typer.Option(help="Folder of a trained context model; default: the bundled one.")
]
CorrectionFolder = Annotated[
    Path | None,
    typer.Option(help="Folder of a learned correction of the kriged level; default: none."),
]
Device = Annotated[str, typer.Option(help="cpu, cuda or cuda:0.")]
Seed = Annotated[int, typer.Option(help="Random seed.")]


def generate(
    city: Annotated[Path, typer.Argument(help="City folder.", show_default=False)],
    area: Annotated[Path, typer.Option(help="File of the area: GeoJSON, GeoParquet, KML, zip.")],
    out: Annotated[Path, typer.Option(help="NetCDF file to write.")],
    cell_m: Annotated[float, typer.Option(help="Side of a cell, m.")] = 100.0,
    samples: Annotated[int, typer.Option(min=1, help="Samples per cell.")] = 16,
    seed: Seed = 0,
    weeks: Annotated[int, typer.Option(min=1, help="Whole weeks per sample.")] = 4,
    start: Annotated[
        str | None, typer.Option(help="First local hour.", show_default="2026-01-05, a Monday")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Folder of a trained generator; default: the bundled one.")
    ] = None,
    context: ContextFolder = None,
    device: Device = "cpu",
    ignore_measured: Annotated[
        bool, typer.Option("--ignore-measured", help="Do not use the city's measured traffic.")
    ] = False,
    correction: CorrectionFolder = None,
    as_json: Json = False,
) -> None:
    """Generate the expected traffic of a station in each cell of an area."""
    from netspatial.area import Area  # noqa: PLC0415  light start-up
    from netspatial.city.city import City  # noqa: PLC0415
    from netspatial.context.embed import load_context  # noqa: PLC0415
    from netspatial.generate.calendar import DEFAULT_START, weeks_from  # noqa: PLC0415
    from netspatial.generate.cells import traffic_of_cells  # noqa: PLC0415
    from netspatial.generate.generator import Generator, write_traffic  # noqa: PLC0415
    from netspatial.grid import make_grid  # noqa: PLC0415
    from netspatial.kriging.learned_correction import LearnedCorrection  # noqa: PLC0415
    from netspatial.runs.jobs.resource_needs import traffic_in_memory  # noqa: PLC0415

    opened = City.open(city)
    weeks_from(start or DEFAULT_START, weeks, opened.record.timezone)
    checked = Area.from_file(area)
    if opened.has("imagery"):
        checked.check_within(opened.imagery.lonlat_bounds)
    generator = Generator.load(model, device)
    cells = make_grid(checked, cell_m, opened.crs)
    traffic_in_memory(len(cells), samples, weeks).check_machine(out.resolve())
    with progress_bar() as progress:
        traffic = traffic_of_cells(
            opened,
            cells,
            load_context(context),
            generator,
            samples=samples,
            weeks=weeks,
            start=start or DEFAULT_START,
            seed=seed,
            measured=not ignore_measured,
            correction=None if correction is None else LearnedCorrection.load(correction),
            progress=progress,
        )
    write_traffic(traffic, cells, opened.record.attribution, out)
    summary = {
        "out": str(out),
        "cells": len(cells),
        "samples": samples,
        "hours": traffic.sizes["time"],
        "unit": traffic.attrs["units"],
        "measured_stations": traffic.attrs.get("measured_stations", 0),
        "correction_weight": traffic.attrs.get("correction_weight"),
        "mean": float(traffic.mean()),
        "model": generator.fingerprint,
    }
    if as_json:
        typer.echo(json.dumps(summary, indent=2))
    else:
        typer.echo(
            f"{summary['cells']} cells x {samples} samples x {summary['hours']} h of generated "
            f"traffic, mean {summary['mean']:.3g} {summary['unit']}, written to {out}"
        )


def train(
    out: Annotated[Path, typer.Option(help="Folder for weights, config and model card.")],
    cities: Cities = None,
    data: Npz = None,
    preset: Annotated[str, typer.Option(help="small, large, few, paper, ...")] = "small",
    service: Annotated[str, typer.Option(help="Service of the city's traffic.")] = "total",
    context: ContextFolder = None,
    train_fusion: Annotated[
        Path | None,
        typer.Option(
            help="First train the context fusion jointly with a generator of these cities, write "
            "it to this folder and use it as context."
        ),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Training steps; default: those of the preset.")
    ] = None,
    device: Device = "cpu",
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Train a generator; the same command resumes a killed training. torchrun uses several GPUs."""
    from dataclasses import replace  # noqa: PLC0415  light start-up

    from netspatial.generate.distributed import (  # noqa: PLC0415
        rank_and_world,
        training_device,
    )
    from netspatial.generate.pipelines import make_generator  # noqa: PLC0415
    from netspatial.generate.presets import preset_named  # noqa: PLC0415

    settings = preset_named(preset)
    if steps is not None:
        settings = replace(settings, steps=steps)
    if train_fusion is not None and data is not None:
        raise BadInput("The context fusion is trained on cities; --train-fusion needs --cities.")
    with training_device(device) as here:
        with progress_bar() as progress:
            if train_fusion is not None:
                _learn_context(train_fusion, cities, settings, context, service, seed, progress)
                context = train_fusion
            examples = _examples(cities, data, service, context, progress)
            made = make_generator(
                out, examples, settings, seed=seed, device=here, on_progress=_shown(progress)
            )
        if rank_and_world()[0] == 0:
            _tell_made(made, examples, as_json)


def finetune(
    out: Annotated[Path, typer.Option(help="Folder for weights, config and model card.")],
    cities: Cities = None,
    data: Npz = None,
    model: Annotated[
        Path | None,
        typer.Option(help="Folder of the generator to adapt; default: the bundled one."),
    ] = None,
    service: Annotated[str, typer.Option(help="Service of the city's traffic.")] = "total",
    context: ContextFolder = None,
    steps: Annotated[int, typer.Option(min=1, help="Maximum steps.")] = 1000,
    device: Device = "cpu",
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Adapt a generator to your own city, with as few as fifty measured stations."""
    from netspatial.generate.distributed import device_named  # noqa: PLC0415
    from netspatial.generate.generator import Generator  # noqa: PLC0415  light start-up
    from netspatial.generate.pipelines import finetune as adapt  # noqa: PLC0415

    base = Generator.load(model)
    device_named(device)
    with progress_bar() as progress:
        examples = _examples(cities, data, service, context, progress)
        made = adapt(
            out,
            base,
            examples,
            steps=steps,
            seed=seed,
            device=device,
            on_progress=_shown(progress),
        )
    _tell_made(made, examples, as_json)


def _examples(
    cities: list[Path] | None,
    data: Path | None,
    service: str,
    context: Path | None,
    progress: Progress,
) -> "TrainingSet":
    from netspatial.context.embed import load_context  # noqa: PLC0415  light start-up
    from netspatial.generate.city_data import read_cities  # noqa: PLC0415
    from netspatial.generate.data import read_npz  # noqa: PLC0415

    if bool(cities) == (data is not None):
        raise BadInput("Give either --cities with city folders or --data with an .npz file.")
    if data is not None:
        return read_npz(data)
    return read_cities(_opened(cities), load_context(context), service, progress)


def _opened(cities: list[Path] | None) -> "list[City]":
    from netspatial.city.city import City  # noqa: PLC0415  light start-up

    return [City.open(folder) for given in cities or () for folder in city_folders(given)]


def _learn_context(
    out: Path,
    cities: list[Path] | None,
    preset: "Preset",
    begin: Path | None,
    service: str,
    seed: int,
    progress: Progress,
) -> None:
    from netspatial.context.embed import load_context  # noqa: PLC0415  light start-up
    from netspatial.generate.joint_training import JointTrainConfig, train_context_jointly  # noqa: PLC0415

    train_context_jointly(
        out,
        _opened(cities),
        preset,
        JointTrainConfig(seed=seed),
        begin=load_context(begin),
        service=service,
        report=progress,
    )


def city_folders(given: Path) -> list[Path]:
    """Return the folder itself, or the city folders within it."""
    within = sorted(described.parent for described in given.glob("*/city.json"))
    return [given] if (given / "city.json").is_file() or not within else within


def _shown(progress: Progress) -> "Callable[[ValidationScores], None]":
    def show(scores: "ValidationScores") -> None:
        terms = ", ".join(f"{name} {value:.3f}" for name, value in scores.losses.items())
        progress(
            f"step {scores.step}: {terms}; held-out CRPS {scores.crps:.4f}, "
            f"best {scores.best_crps:.4f}",
            scores.step / scores.steps,
        )

    return show


def _tell_made(made: "Generator", examples: "TrainingSet", as_json: bool) -> None:
    summary = {
        "out": made.source,
        "fingerprint": made.fingerprint,
        "stations": len(examples),
        "notes": list(made.facts.notes),
        **made.facts.scores,
    }
    if as_json:
        typer.echo(json.dumps(summary, indent=2))
        return
    for note in made.facts.notes:
        typer.echo(note)
    typer.echo(
        f"written to {made.source}: held-out CRPS {summary['crps']:.4f} of the mean traffic, "
        f"90 % intervals cover {100 * made.facts.scores['cov90']:.1f} %"
    )


def train_kriging(
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
    squares: Annotated[
        bool,
        typer.Option(
            "--squares", help="For squares of a grid, made of the stations; needs no generator."
        ),
    ] = False,
) -> None:
    """Learn from cities how measured stations inform their neighbourhood: the kriging priors."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up
    from netspatial.kriging import priors as kriging  # noqa: PLC0415

    opened = [City.open(folder) for given in cities for folder in city_folders(given)]
    read = _squares_reader() if squares else _stations_reader(opened, model)
    found = []
    with progress_bar() as report:
        for number, city in enumerate(opened):
            report(f"reading {city.name}", 0.9 * number / len(opened))
            found += read(city)
        priors = kriging.learn_priors(found, lambda what, share: report(what, 0.9 + 0.1 * share))
    licences = sorted({city.record.licences.get("traffic", "not stated") for city in opened})
    about = kriging.ABOUT_SQUARES if squares else kriging.ABOUT_STATIONS
    kriging.save_priors(priors, out, [city.name for city in opened], licences, about)
    typer.echo(f"trained on {len(opened)} cities; written to {out}")


def _stations_reader(
    cities: "list[City]", model: Path | None
) -> "Callable[[City], list[MeasuredStations]]":
    from netspatial.context.embed import load_context  # noqa: PLC0415  light start-up
    from netspatial.generate.generator import Generator  # noqa: PLC0415
    from netspatial.generate.measured import read_stations  # noqa: PLC0415

    context, generator = load_context(), Generator.load(model)
    refuse_trained_on([city.name for city in cities], generator)
    return lambda city: [read_stations(city, context, generator)]


def _squares_reader() -> "Callable[[City], list[MeasuredStations]]":
    from netspatial.generate.squares import read_squares  # noqa: PLC0415  light start-up

    return read_squares


def refuse_trained_on(cities: list[str], generator: "Generator") -> None:
    """Refuse cities whose traffic the generator was trained on: it knows them too well."""
    known = sorted(set(cities) & set(generator.facts.sources))
    if known:
        raise BadInput(
            f"The generator was trained on '{known[0]}'; what is learnt on top of it needs other "
            "cities."
        )
