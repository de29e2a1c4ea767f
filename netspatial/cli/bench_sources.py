"""`netspatial bench sources`: speed and memory of reading outside data."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Column, Table

from netspatial.cli.console import console
from netspatial.cli.json_file import write_json
from netspatial.cli.progress import progress_bar


def sources(
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write the rows to this file.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A tenth of the stations.")] = False,
) -> None:
    """Measure rows and megapixels per second and memory, against plain pandas and rasterio."""
    from netspatial.evaluate.sources import STATIONS, bench_sources  # noqa: PLC0415  light start-up

    with progress_bar() as progress:
        rows = bench_sources(stations=STATIONS // 10 if quick else STATIONS, progress=progress)
    write_json(json_path, {"rows": [asdict(row) for row in rows]})
    numbers = [Column(name, justify="right") for name in ("scale", "ours", "plain")]
    table = Table("source", "measure", *numbers, box=SIMPLE_HEAD)
    for row in rows:
        table.add_row(
            row.source, row.measure, str(row.scale), f"{row.ours:,.1f}", f"{row.plain:,.1f}"
        )
    console().print(table)
