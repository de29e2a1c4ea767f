"""`netspatial generate` draws traffic for an area; `train` and `finetune` make the generator."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netspatial.cli.progress import Tell, progress_bar
from netspatial.errors import BadInput

if TYPE_CHECKING:
    from netspatial.city.city import City
    from netspatial.generate.checkpoint import Progress
    from netspatial.generate.data import TrainingSet
    from netspatial.generate.generator import Generator
    from netspatial.generate.presets import Preset

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Cities = Annotated[
    list[Path] | None,
    typer.Option(help="City folder with traffic, or a folder of such; may be repeated."),
]
Npz = Annotated[
    Path | None, typer.Option(help="Instead: an .npz file with traffic (n,T), embedding (n,D).")
]
ContextFolder = Annotated[
    Path | None, typer.Option(help="Folder of a trained context; else the shipped one.")
]
Device = Annotated[str, typer.Option(help="cpu, cuda or cuda:0.")]
Seed = Annotated[int, typer.Option(help="Reproduces the run.")]


def generate(
    city: Annotated[Path, typer.Argument(help="City folder.", show_default=False)],
    area: Annotated[Path, typer.Option(help="File of the area: GeoJSON, GeoParquet, KML, zip.")],
    out: Annotated[Path, typer.Option(help="NetCDF file to write.")],
    cell: Annotated[float, typer.Option(help="Side of a cell, m.")] = 100.0,
    samples: Annotated[int, typer.Option(min=1, help="Months drawn for each cell.")] = 16,
    seed: Seed = 0,
    weeks: Annotated[int, typer.Option(min=1, help="Whole weeks.")] = 4,
    start: Annotated[
        str | None, typer.Option(help="First local hour.", show_default="2026-01-05, a Monday")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Folder of a trained generator; else the shipped one.")
    ] = None,
    context: ContextFolder = None,
    device: Device = "cpu",
    as_json: Json = False,
) -> None:
    """Generate the traffic that a station would carry in each cell of an area."""
    from netspatial.area import Area  # noqa: PLC0415  light start-up
    from netspatial.city.city import City  # noqa: PLC0415
    from netspatial.context.embed import load_context  # noqa: PLC0415
    from netspatial.generate.calendar import DEFAULT_START, weeks_from  # noqa: PLC0415
    from netspatial.generate.generator import Generator, write_traffic  # noqa: PLC0415
    from netspatial.grid import make_grid  # noqa: PLC0415
    from netspatial.runs.jobs.resource_needs import traffic_in_memory  # noqa: PLC0415

    opened = City.open(city)
    weeks_from(start or DEFAULT_START, weeks, opened.record.timezone)
    checked = Area.from_file(area)
    if opened.has("imagery"):
        checked.check_within(opened.imagery.lonlat_bounds)
    generator = Generator.load(model, device)
    cells = make_grid(checked, cell, opened.crs)
    traffic_in_memory(len(cells), samples, weeks).check_machine(out.resolve())
    with progress_bar() as tell:
        embedded = load_context(context).embed(
            opened, cells, lambda done, n: tell("embedding cells", 0.5 * done / n)
        )
        traffic = generator.sample(
            embedded,
            samples,
            seed,
            weeks,
            start or DEFAULT_START,
            opened.record.timezone,
            progress=lambda done, n: tell("generating traffic", 0.5 + 0.5 * done / n),
        )
    write_traffic(traffic, cells, opened.record.attribution, out)
    metadata = {
        "out": str(out),
        "cells": len(cells),
        "samples": samples,
        "hours": traffic.sizes["time"],
        "unit": generator.facts.unit,
        "mean": float(traffic.mean()),
        "model": generator.fingerprint,
    }
    if as_json:
        typer.echo(json.dumps(metadata, indent=2))
    else:
        typer.echo(
            f"{metadata['cells']} cells x {samples} samples x {metadata['hours']} h of generated traffic, "
            f"{metadata['mean']:.3g} {metadata['unit']} in the mean, written to {out}"
        )


def train(
    out: Annotated[Path, typer.Option(help="Folder to write weights, config and card into.")],
    cities: Cities = None,
    data: Npz = None,
    preset: Annotated[str, typer.Option(help="small, large, few, paper, ...")] = "small",
    service: Annotated[str, typer.Option(help="Which service of a city's traffic.")] = "total",
    context: ContextFolder = None,
    train_fusion: Annotated[
        Path | None,
        typer.Option(
            help="First train the context's fusion on together with a generator of these cities, "
            "write it to this folder, and read places with it."
        ),
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Other than the preset's.")] = None,
    device: Device = "cpu",
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Train a generator; a killed training goes on when called again. torchrun takes more GPUs."""
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
        raise BadInput("A context is learnt from cities; --learn-context needs --cities.")
    with training_device(device) as here:
        with progress_bar() as tell:
            if train_fusion is not None:
                _learn_context(train_fusion, cities, settings, context, service, seed, tell)
                context = train_fusion
            examples = _examples(cities, data, service, context, tell)
            made = make_generator(
                out, examples, settings, seed=seed, device=here, on_progress=_shown(tell)
            )
        if rank_and_world()[0] == 0:
            _tell_made(made, examples, as_json)


def finetune(
    out: Annotated[Path, typer.Option(help="Folder to write weights, config and card into.")],
    cities: Cities = None,
    data: Npz = None,
    model: Annotated[
        Path | None, typer.Option(help="Folder of the generator to adapt; else the shipped one.")
    ] = None,
    service: Annotated[str, typer.Option(help="Which service of a city's traffic.")] = "total",
    context: ContextFolder = None,
    steps: Annotated[int, typer.Option(min=1, help="Most steps.")] = 1000,
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
    with progress_bar() as tell:
        examples = _examples(cities, data, service, context, tell)
        made = adapt(
            out,
            base,
            examples,
            steps=steps,
            seed=seed,
            device=device,
            on_progress=_shown(tell),
        )
    _tell_made(made, examples, as_json)


def _examples(
    cities: list[Path] | None, data: Path | None, service: str, context: Path | None, tell: Tell
) -> "TrainingSet":
    from netspatial.context.embed import load_context  # noqa: PLC0415  light start-up
    from netspatial.generate.city_data import read_cities  # noqa: PLC0415
    from netspatial.generate.data import read_npz  # noqa: PLC0415

    if bool(cities) == (data is not None):
        raise BadInput("Give either --cities with city folders or --data with an .npz file.")
    if data is not None:
        return read_npz(data)
    return read_cities(_opened(cities), load_context(context), service, tell)


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
    tell: Tell,
) -> None:
    from netspatial.context.embed import load_context  # noqa: PLC0415  light start-up
    from netspatial.generate.joint_training import JointTrainConfig, train_context_along  # noqa: PLC0415

    train_context_along(
        out,
        _opened(cities),
        preset,
        JointTrainConfig(seed=seed),
        begin=load_context(begin),
        service=service,
        report=tell,
    )


def city_folders(given: Path) -> list[Path]:
    """The folder itself, or the city folders within it."""
    within = sorted(described.parent for described in given.glob("*/city.json"))
    return [given] if (given / "city.json").is_file() or not within else within


def _shown(tell: Tell) -> "Callable[[Progress], None]":
    def show(progress: "Progress") -> None:
        terms = ", ".join(f"{name} {value:.3f}" for name, value in progress.losses.items())
        tell(
            f"step {progress.step}: {terms}; held-out CRPS {progress.crps:.4f}, "
            f"best {progress.best_crps:.4f}",
            progress.step / progress.steps,
        )

    return show


def _tell_made(made: "Generator", examples: "TrainingSet", as_json: bool) -> None:
    metadata = {
        "out": made.source,
        "fingerprint": made.fingerprint,
        "stations": len(examples),
        "notes": list(made.facts.notes),
        **made.facts.scores,
    }
    if as_json:
        typer.echo(json.dumps(metadata, indent=2))
        return
    for note in made.facts.notes:
        typer.echo(note)
    typer.echo(
        f"written to {made.source}: held-out CRPS {metadata['crps']:.4f} of the mean traffic, "
        f"90 % intervals cover {100 * made.facts.scores['cov90']:.1f} %"
    )
