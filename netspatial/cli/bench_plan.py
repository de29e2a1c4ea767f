"""`netspatial bench plan`: selected sites against true unserved demand, and run times."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table

from netspatial.cli.console import console
from netspatial.cli.json_file import write_json
from netspatial.cli.progress import progress_bar
from netspatial.errors import BadInput

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
    only: Annotated[
        str | None,
        typer.Option(
            help="relief: change at existing stations, resumed from --json; exponent: its fit."
        ),
    ] = None,
) -> None:
    """Evaluate selection methods and utilities by the true unserved demand of simulated cities."""
    from netspatial.evaluate.plan import bench_plan  # noqa: PLC0415  light start-up

    if only == "relief":
        _relief(work, model, json_path, quick=quick)
        return
    if only == "exponent":
        _exponent(json_path)
        return
    if only is not None:
        raise BadInput(f"There is no part '{only}' of this bench; use relief or exponent.")
    with progress_bar() as progress:
        report = bench_plan(work, model=model, quick=quick, report=progress)
    write_json(json_path, report.record())
    _print(report)


def _relief(work: Path, model: Path | None, json_path: Path | None, *, quick: bool) -> None:
    """Print predicted against true change at existing stations, one line per city and utility."""
    from netspatial.evaluate import relief as task  # noqa: PLC0415  light start-up

    with progress_bar() as progress:
        rows = task.bench_relief(work, model=model, quick=quick, results=json_path, report=progress)
    table = Table(
        box=box.SIMPLE, padding=(0, 0, 0, 1), title="utilities against the true relief of sites"
    )
    for heading in ("city", "utility"):
        table.add_column(heading, no_wrap=True)
    for heading in ("rank r", "captured %", "error", "bias", "true", "cov80"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        shares = (row.share_mae, row.share_bias, row.share_mean, row.cov80)
        table.add_row(
            row.data,
            row.utility,
            f"{row.correlation:.2f}",
            f"{row.captured_pct:.0f}",
            *("" if value is None else f"{value:.2f}" for value in shares),
        )
    shown = console()
    shown.print(table)
    for said in task.verdicts(rows):
        shown.print(said, highlight=False)


def _exponent(json_path: Path | None) -> None:
    """Print the exponent of the share response that fits simulated cities of the family train."""
    from netspatial.evaluate.relief import bench_exponent, response_of  # noqa: PLC0415

    with progress_bar() as progress:
        rows = bench_exponent(report=progress)
    write_json(json_path, {"exponent": [asdict(row) for row in rows]})
    shown = console()
    for row in rows:
        shown.print(
            f"{row.data}: {row.exponent:.3f} over {row.pairs} pairs, log-sd {row.log_sd:.2f}",
            highlight=False,
        )
    shown.print(str(response_of(rows)), highlight=False)


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
