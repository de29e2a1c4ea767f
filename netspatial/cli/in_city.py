"""Cross-validation inside a city: `netspatial validate` and `netspatial bench generate --city`."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich import box
from rich.table import Table

from netspatial.cli.console import console
from netspatial.cli.json_file import write_json
from netspatial.cli.plan import work
from netspatial.cli.progress import progress_bar
from netspatial.errors import BadInput, MissingPart

COLUMNS = {
    "crps": "CRPS",
    "cov90": "cov90",
    "level_r2": "level R²",
    "weekly_r": "week r",
    "js": "JS",
    "js_diff": "JS step",
}

SIMULATED = "simulated"
DATA_SETS = (SIMULATED, "milan", "uomo", "beijing")
Folds = Annotated[int, typer.Option(min=2, max=50, help="Parts that are held out in turn.")]
BlockKm = Annotated[float, typer.Option(min=0.05, help="Side of the spatial blocks, km.")]
Support = Annotated[
    str, typer.Option(help="Stations that are read: numbers and `all`, with commas.")
]
Protocol = Annotated[
    str,
    typer.Option(help="same: the measured weeks; coming: the second half, from the first."),
]
Service = Annotated[str, typer.Option(help="Which traffic.")]
Results = Annotated[
    Path | None,
    typer.Option(help="File that keeps finished parts; the same command goes on with it."),
]


def validate(
    city: Annotated[Path, typer.Argument(help="City folder.", show_default=False)],
    folds: Folds = 5,
    block_km: BlockKm = 2.0,
    support: Support = "all",
    protocol: Protocol = "same",
    service: Service = "total",
    model: Annotated[
        Path | None, typer.Option(help="Folder of a trained generator; default: the bundled one.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Random seed of the folds.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run; default: a new one below runs.")
    ] = None,
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write scores, stations and advice here.")
    ] = None,
) -> None:
    """Cross-validate the generator on a city's measured stations, beside simple baselines."""
    from netspatial.runs.kinds.validating import make_request, submit  # noqa: PLC0415  light start-up
    from netspatial.runs.kinds.validation_result import ValidationRun  # noqa: PLC0415

    request = make_request(
        city,
        folds=folds,
        block_km=block_km,
        support=tuple("all" if count is None else count for count in read_supports(support)),
        protocol=_protocol(protocol),
        service=service,
        model=model,
        seed=seed,
    )
    folder = submit(request, out).folder
    work(folder)
    write_json(json_path, ValidationRun.open(folder).record())
    show_validation(folder, as_json=False)


def show_validation(folder: Path, *, as_json: bool) -> None:
    """Print the scores of every model, and the advice."""
    from netspatial.runs.kinds.validation_result import (  # noqa: PLC0415  light start-up
        STATIONS,
        ValidationRun,
    )

    run = ValidationRun.open(folder)
    if as_json:
        typer.echo(json.dumps(run.record(), indent=2))
        return
    show(run.record()["rows"])
    advice, shown = run.advice, console()
    for text in (advice["sentence"], advice["ranges"], f"\n{advice['rule']}"):
        shown.print(text, highlight=False)
    shown.print(f"\nErrors of each station: {run.run.path(STATIONS)}", soft_wrap=True)


@dataclass(frozen=True)
class ValidationDesign:
    """How stations are held out and how many are read, see `evaluate.in_city.score_city`."""

    folds: int
    block_km: float
    supports: tuple[int | None, ...]
    protocol: Literal["same", "coming"]
    generator_steps: int


def design_of(
    folds: int, block_km: float, support: str, protocol: str, generator_steps: int = 0
) -> ValidationDesign:
    """Return the design of command line options."""
    return ValidationDesign(
        folds, block_km, tuple(read_supports(support)), _protocol(protocol), generator_steps
    )


def score(
    city: Path,
    design: ValidationDesign,
    *,
    model: Path | None = None,
    correction: Path | None = None,
    results: Path | None = None,
) -> list[dict[str, Any]]:
    """Cross-validate in one city for the benchmark, with a progress bar."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up
    from netspatial.context.embed import load_context  # noqa: PLC0415
    from netspatial.evaluate.in_city import city_data, score_city  # noqa: PLC0415
    from netspatial.generate.generator import Generator  # noqa: PLC0415
    from netspatial.kriging.learned_correction import LearnedCorrection  # noqa: PLC0415

    opened, context = City.open(city), load_context()
    learned = None if correction is None else LearnedCorrection.load(correction)
    if learned is not None:
        learned.check_encoder(context.fingerprint)
    with progress_bar() as progress:
        progress(f"embedding the stations of {opened.name}", 0.0)
        data = city_data(opened, context, Generator.load(model))
        scores = score_city(
            data, **vars(design), learned=learned, results=results, progress=progress
        )
    return [row.record() for row in scores.rows]


def score_sets(
    sets: Sequence[str],
    work: Path,
    real: Path | None,
    design: ValidationDesign,
    *,
    model: Path | None,
    correction: Path | None,
    quick: bool,
) -> list[dict[str, Any]]:
    """Cross-validate in the simulated `unseen` cities and in the measured sets that are there.

    Finished parts are kept in `work`. A set of one week has no coming weeks and is left out.
    """
    from netspatial.evaluate.generate_data import (  # noqa: PLC0415  light start-up
        UNSEEN_SEEDS,
        simulated_city,
    )
    from netspatial.evaluate.in_city import score_city  # noqa: PLC0415
    from netspatial.evaluate.in_city_sets import SETS  # noqa: PLC0415
    from netspatial.evaluate.realdata import real_folder  # noqa: PLC0415

    unknown = [name for name in sets if name not in DATA_SETS]
    if unknown:
        raise BadInput(f"There is no data set '{unknown[0]}'; there are {', '.join(DATA_SETS)}.")
    rows = []
    if SIMULATED in sets:
        for seed in list(UNSEEN_SEEDS)[: 1 if quick else len(UNSEEN_SEEDS)]:
            folder = simulated_city(work, "unseen", seed).folder
            kept = work / f"in-city-{design.protocol}-{folder.name}.json"
            rows += score(folder, design, model=model, correction=correction, results=kept)
    measured = real_folder(real)
    if measured is None:
        if SIMULATED not in sets:
            raise MissingPart("There is no folder of measured data sets; name one with --real.")
        return rows
    work.mkdir(parents=True, exist_ok=True)
    with progress_bar() as progress:
        for name in (one for one in SETS if one in sets):
            for data in SETS[name](measured):
                if design.protocol == "coming" and data.weeks < 2:
                    continue
                kept = work / f"in-city-{design.protocol}-{data.name}.json"
                scores = score_city(data, **vars(design), results=kept, progress=progress)
                rows += [row.record() for row in scores.rows]
    return rows


def read_supports(text: str) -> list[int | None]:
    """Return numbers of stations, None for all, from text such as `0,5,all`."""
    found: list[int | None] = []
    for word in text.split(","):
        if word.strip() == "all":
            found.append(None)
        elif word.strip().isdecimal() and len(word) < 7:
            found.append(int(word))
        else:
            raise BadInput(
                f"'{word.strip()}' is not a number of stations; 0,5,20,all is an example."
            )
    return found


def show(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print one table per data set, protocol, split and support, the best model first."""
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        key = tuple(str(row[name]) for name in ("data", "protocol", "split", "support"))
        groups.setdefault(key, []).append(row)
    for (data, protocol, split, support), some in groups.items():
        table = Table(
            box=box.SIMPLE,
            padding=(0, 0, 0, 1),
            title=f"{data}: {protocol} weeks, {split}, {support} stations",
        )
        for heading in ("model", *COLUMNS.values()):
            table.add_column(heading, no_wrap=True)
        for row in sorted(some, key=lambda row: float(row["crps"])):
            table.add_row(row["model"], *(_figure(row[name]) for name in COLUMNS))
        console().print(table)


def _figure(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else f"{value:.4f}"


def _protocol(name: str) -> Literal["same", "coming"]:
    if name == "same":
        return "same"
    if name == "coming":
        return "coming"
    raise BadInput(f"There is no protocol '{name}'; there are same and coming.")
