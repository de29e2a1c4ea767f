"""Cross-validation inside a city: `netspatial validate` and `netspatial bench generate --city`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich import box
from rich.table import Table

from netspatial.cli.console import console
from netspatial.cli.json_file import write_json
from netspatial.cli.progress import progress_bar
from netspatial.errors import BadInput

if TYPE_CHECKING:
    from netspatial.evaluate.in_city import InCityRow

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
    protocol: Protocol = "same",
    service: Service = "total",
    model: Annotated[
        Path | None, typer.Option(help="Folder of a trained generator; default: the bundled one.")
    ] = None,
    results: Results = None,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write the rows here.")] = None,
) -> None:
    """Cross-validate the generator on a city's measured stations, beside simple baselines."""
    from netspatial.evaluate.in_city import advice  # noqa: PLC0415  light start-up

    rows = score(
        city,
        folds=folds,
        block_km=block_km,
        support="all",
        protocol=protocol,
        service=service,
        model=model,
        results=results,
    )
    write_json(json_path, {"rows": [row.record() for row in rows], "advice": advice(rows)})
    show(rows)
    console().print(advice(rows), highlight=False)


def score(
    city: Path,
    *,
    folds: int,
    block_km: float,
    support: str,
    protocol: str,
    service: str = "total",
    model: Path | None = None,
    results: Path | None = None,
) -> "list[InCityRow]":
    """Cross-validate in one city, with a progress bar."""
    from netspatial.city.city import City  # noqa: PLC0415  light start-up
    from netspatial.context.embed import load_context  # noqa: PLC0415
    from netspatial.evaluate.in_city import city_data, score_city  # noqa: PLC0415
    from netspatial.generate.generator import Generator  # noqa: PLC0415

    supports, chosen = read_supports(support), _protocol(protocol)
    opened = City.open(city)
    with progress_bar() as progress:
        progress(f"embedding the stations of {opened.name}", 0.0)
        data = city_data(opened, load_context(), Generator.load(model), service)
        return score_city(
            data,
            folds=folds,
            block_km=block_km,
            supports=supports,
            protocol=chosen,
            results=results,
            progress=progress,
        )


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


def show(rows: "Sequence[InCityRow]") -> None:
    """Print one table per protocol, split and support, the best model first."""
    for key in dict.fromkeys((row.data, row.protocol, row.split, row.support) for row in rows):
        data, protocol, split, support = key
        some = [row for row in rows if (row.data, row.protocol, row.split, row.support) == key]
        table = Table(
            box=box.SIMPLE,
            padding=(0, 0, 0, 1),
            title=f"{data}: {protocol} weeks, {split}, {support} stations",
        )
        for heading in ("model", "CRPS", "cov90", "level R²", "week r", "JS", "JS step"):
            table.add_column(heading, no_wrap=True)
        for row in sorted(some, key=lambda row: row.crps):
            numbers = (row.crps, row.cov90, row.level_r2, row.weekly_r, row.js, row.js_diff)
            table.add_row(row.model, *("–" if n is None else f"{n:.4f}" for n in numbers))
        console().print(table)


def _protocol(name: str) -> Literal["same", "coming"]:
    if name == "same":
        return "same"
    if name == "coming":
        return "coming"
    raise BadInput(f"There is no protocol '{name}'; there are same and coming.")
