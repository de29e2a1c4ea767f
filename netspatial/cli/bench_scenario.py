"""`netspatial bench scenario`: predicted against true change of traffic near changed places."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table

from netspatial.cli.console import console
from netspatial.cli.json_file import write_json
from netspatial.cli.progress import progress_bar

if TYPE_CHECKING:
    from netspatial.evaluate.scenario import ScenarioReport


def scenario(
    work: Annotated[Path, typer.Option(help="Folder of simulated cities.")] = Path(
        "runs/bench-generate"
    ),
    model: Annotated[
        Path | None, typer.Option(help="Folder of a trained generator; default: the bundled one.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="One city, six cases.")] = False,
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write the rows to this file.")
    ] = None,
) -> None:
    """Compare the change of traffic that scenarios predict with what the simulator builds."""
    from netspatial.evaluate.scenario import bench_scenario  # noqa: PLC0415  light start-up

    with progress_bar() as progress:
        report = bench_scenario(work, model=model, quick=quick, report=progress)
    write_json(json_path, report.record())
    _print(report)


def _print(report: "ScenarioReport") -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="Change of traffic near a quarter")
    for head in ("quarter", "cases", "right sign, %", "correlation", "rank correlation"):
        table.add_column(head, justify="left" if head == "quarter" else "right", no_wrap=True)
    for row in report.rows:
        table.add_row(
            row.kind,
            str(row.cases),
            f"{row.sign_pct:.0f}",
            f"{row.correlation:.2f}",
            f"{row.spearman:.2f}",
        )
    console().print(table)
