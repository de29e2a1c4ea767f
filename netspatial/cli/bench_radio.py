"""`netspatial bench radio`: ray-traced path gain beside the statistical model's."""

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from netspatial.cli.console import console
from netspatial.cli.json_file import write_json
from netspatial.cli.progress import progress_bar

FIRST_SEED = 1001


def radio(
    towns: Annotated[int, typer.Option(min=1, help="Simulated towns.")] = 1,
    size_km: Annotated[float, typer.Option(min=1, help="Side of each, km.")] = 1.5,
    stations: Annotated[int, typer.Option(min=1, help="Stations of each.")] = 8,
    links: Annotated[int, typer.Option(min=1, help="Links traced of each.")] = 400,
    rays: Annotated[
        int, typer.Option(min=1000, help="Rays from each station; `simulate` traces 100,000.")
    ] = 1_000_000,
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write the rows to this file.")
    ] = None,
) -> None:
    """Compare path gain traced by Sionna RT with that of TR 38.901 on simulated towns."""
    from netspatial.evaluate.radio import bench_radio  # noqa: PLC0415  light start-up

    with progress_bar() as progress:
        seeds = range(FIRST_SEED, FIRST_SEED + towns)
        report = bench_radio(seeds, size_km, stations, links, rays, progress)
    write_json(json_path, report.record())
    out = console()
    table = Table(box=box.SIMPLE, title="path gain, ray-traced over TR 38.901")
    for head in ("links", "count", "reached", "median dB", "spread dB", "shadowing dB"):
        table.add_column(head, justify="left" if head == "links" else "right")
    for row in report.rows:
        state = "in sight" if row.in_sight else "out of sight"
        table.add_row(
            f"{row.tier}, {state}",
            f"{row.links:,}",
            f"{row.reached:.0%}",
            f"{row.difference_db:+.1f}",
            f"{row.spread_db:.1f}",
            f"{row.shadowing_db:.1f}",
        )
    out.print(table)
    for one in report.sight:
        out.print(
            f"{one.tier}: {one.traced:.0%} of the links in sight of rays, {one.model:.0%} as TR "
            "38.901 expects",
            highlight=False,
        )
    out.print(
        f"{report.links:,} links, {report.stations} stations, {report.buildings:,} buildings, "
        f"{report.rays:,} rays: {report.seconds_per_1000:.0f} processor seconds for 1,000 links",
        highlight=False,
    )
