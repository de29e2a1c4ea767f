"""`netspatial bench app`: waiting times of the app, also with ten sessions at once."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from netspatial.cli.console import console
from netspatial.cli.json_file import write_json
from netspatial.cli.progress import progress_bar


def app(
    city: Annotated[Path, typer.Option(help="City folder.")] = Path("cities/demo"),
    example: Annotated[
        Path | None, typer.Option(help="Finished plan of this city that the app shows first.")
    ] = None,
    sessions: Annotated[int, typer.Option(min=1, help="Parallel browser sessions.")] = 10,
    generations: Annotated[int, typer.Option(min=0, help="Runs of the soak test.")] = 50,
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write the numbers to this file.")
    ] = None,
) -> None:
    """Measure the app in a real browser: waiting times, parallel sessions, memory growth."""
    from netspatial.evaluate.app import bench_app  # noqa: PLC0415  light start-up

    shown = example or Path("runs") / f"example-{city.name}"
    with progress_bar() as progress:
        report = bench_app(city, shown if shown.is_dir() else None, sessions, generations, progress)
    write_json(json_path, report.record())
    table = Table("quantity", "measured", "target", title="Web app")
    for what, value, wanted in (
        ("first result on screen", f"{report.first_result_s:.1f} s", "5 s"),
        ("3 x 3 km to ranked map, first", f"{report.draw_to_rank_cold_s:.1f} s", "15 s"),
        ("3 x 3 km to ranked map, then", f"{report.draw_to_rank_warm_s:.1f} s", "8 s"),
        ("another utility", f"{report.rerank_s:.2f} s", "0.5 s"),
        ("a cell's charts", f"{report.cell_click_s:.2f} s", "1 s"),
        ("sessions with their own result", f"{report.sessions_correct}", f"{report.sessions}"),
        (f"memory after {report.generations} runs", f"{report.rss_growth_mb:+.0f} MB", "300 MB"),
    ):
        table.add_row(what, value, wanted)
    console().print(table)
