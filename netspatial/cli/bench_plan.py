"""`netspatial bench plan`: selected sites against true unserved demand, and run times."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table

from netspatial.cli.console import console
from netspatial.cli.json_file import write_json
from netspatial.cli.progress import progress_bar

if TYPE_CHECKING:
    from netspatial.evaluate.plan import PlanReport


def plan(
    work: Annotated[Path, typer.Option(help="Folder of simulated cities.")] = Path(
        "runs/bench-generate"
    ),
    model: Annotated[
        Path | None, typer.Option(help="Folder of a trained generator; default: the bundled one.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="One city, large cells.")] = False,
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write the rows to this file.")
    ] = None,
) -> None:
    """Evaluate selection methods and utilities by the true unserved demand of simulated cities."""
    from netspatial.evaluate.plan import bench_plan  # noqa: PLC0415  light start-up

    with progress_bar() as progress:
        report = bench_plan(work, model=model, quick=quick, report=progress)
    write_json(json_path, report.record())
    _print(report)


def _print(report: "PlanReport") -> None:
    """Print the captured demand, one column per city, then time and memory of planning."""
    shown = console()
    cities = list(dict.fromkeys(row.city for row in report.rows))
    table = Table(
        box=box.SIMPLE,
        padding=(0, 0, 0, 1),
        title="captured share of the true unserved demand, % (regret against the oracle, %)",
    )
    for heading in ("method", "utility"):
        table.add_column(heading, no_wrap=True)
    for city in cities:
        table.add_column(city, justify="right", no_wrap=True)
    found = {(row.method, row.utility, row.city): row for row in report.rows}
    for method, utility in dict.fromkeys((row.method, row.utility) for row in report.rows):
        rows = [found[method, utility, city] for city in cities]
        cells = [f"{row.captured_pct:.1f} ({row.regret_pct:.0f})" for row in rows]
        table.add_row(method, utility, *cells)
    shown.print(table)
    scale = Table(box=box.SIMPLE, padding=(0, 0, 0, 1))
    scale.add_column("stage", no_wrap=True)
    for heading in ("cells", "seconds", "peak MB"):
        scale.add_column(heading, justify="right", no_wrap=True)
    for stage in report.scale:
        scale.add_row(
            stage.stage, f"{stage.cells:,}", f"{stage.seconds:.3f}", f"{stage.peak_mb:,.0f}"
        )
    shown.print(scale)
