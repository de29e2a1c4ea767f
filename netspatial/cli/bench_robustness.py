"""`netspatial bench robustness`: seeded tests of all readers with bad inputs, kills and uploads."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table

from netspatial.cli.console import console
from netspatial.cli.json_file import write_json
from netspatial.cli.progress import progress_bar

if TYPE_CHECKING:
    from netspatial.evaluate.robustness.report import RobustnessReport

MAX_SHOWN = 40
"""Maximum number of printed failures; the JSON file has all."""


def robustness(
    quick: Annotated[
        bool,
        typer.Option("--quick", help="A few of each, about 1 minute; default: all, 20 minutes."),
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of inputs and times of kills.")] = 0,
    keep: Annotated[
        Path | None, typer.Option(help="New folder for failing cases, to repeat them.")
    ] = None,
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write the numbers to this file.")
    ] = None,
) -> None:
    """Test bad inputs, kills, hostile uploads and many generations; exit code 1 on any failure."""
    from netspatial.evaluate.robustness import bench  # noqa: PLC0415  light start-up

    with progress_bar() as progress:
        report = bench.bench_robustness(bench.QUICK if quick else bench.FULL, seed, keep, progress)
    write_json(json_path, report.record())
    _print(report, seed)
    if report.failures:
        raise typer.Exit(1)


def _print(report: "RobustnessReport", seed: int) -> None:
    bad, kills, uploads = report.bad_inputs, report.kills, report.uploads
    table = Table(
        "quantity", "measured", "target", box=box.SIMPLE_HEAD, title=f"Robustness, seed {seed}"
    )
    for what, value, wanted in (
        ("bad inputs", f"{bad.tried:,}", ""),
        ("stack traces", f"{bad.tracebacks}", "0"),
        ("timeouts", f"{bad.hangs}", "0"),
        ("success on wrong input", f"{bad.wrong_success}", "0"),
        ("files left behind", f"{bad.left_behind}", "0"),
        ("kills resumed to the same bytes", f"{kills.identical} of {kills.tried}", "all"),
        ("files left behind by kills", f"{kills.left_behind}", "0"),
        ("uploads refused", f"{uploads.refused} of {uploads.tried}", ""),
        ("uploads that crash the reader", f"{uploads.crashes}", "0"),
        ("peak memory of an upload", f"{uploads.peak_mb:.0f} MB", "1,000 MB"),
        ("memory after many generations", f"{report.soak.rss_growth_mb:+.0f} MB", ""),
    ):
        table.add_row(what, value, wanted)
    shown = console()
    shown.print(table)
    for failure in report.failures[:MAX_SHOWN]:
        shown.print(
            f"{failure.fault}: {failure.name} ({failure.what}): {failure.detail}",
            highlight=False,
            soft_wrap=True,
        )
    if len(report.failures) > MAX_SHOWN:
        shown.print(f"{len(report.failures) - MAX_SHOWN} more; --json writes all of them.")
