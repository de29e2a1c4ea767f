"""`netspatial bench generate`: the generator against baselines, and plots."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table

from netspatial.cli.bench_joint import bench_joint
from netspatial.cli.console import console
from netspatial.cli.generate import CorrectionFolder
from netspatial.cli.in_city import BlockKm, Folds, Protocol, Results, Support
from netspatial.cli.json_file import write_json
from netspatial.cli.progress import progress_bar

if TYPE_CHECKING:
    from netspatial.evaluate.generate import GenerateReport

# these fit 80 columns; the JSON has all scores
COLUMNS = {
    "js": "JS",
    "floor_js": "floor",
    "js_diff": "JS step",
    "crps": "CRPS",
    "cov90": "cov90",
    "acf": "ACF",
    "peak_h": "peak",
    "weekly_r": "week r",
}


def generate(
    work: Annotated[Path, typer.Option(help="Folder of simulated cities.")] = Path(
        "runs/bench-generate"
    ),
    data: Annotated[
        Path | None,
        typer.Option(help="Evaluate only this .npz file: traffic (n,T), embedding (n,D)."),
    ] = None,
    real: Annotated[
        Path | None,
        typer.Option(help="Folder of measured data sets.", show_default="shared/data"),
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Folder of a trained generator; default: the bundled one.")
    ] = None,
    context: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of another trained context model to compare; repeatable."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only unseen, beijing, milan, in-city or joint; repeatable."),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A short version of every part.")] = False,
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write the rows to this file.")
    ] = None,
    plots: Annotated[
        Path | None, typer.Option(help="Folder for plots of generated and real months.")
    ] = None,
    city: Annotated[
        Path | None, typer.Option(help="Cross-validate inside this city, with measured stations.")
    ] = None,
    folds: Folds = 5,
    block_km: BlockKm = 2.0,
    support: Support = "0,5,10,20,50,100,all",
    protocol: Protocol = "same",
    results: Results = None,
    data_set: Annotated[
        list[str] | None,
        typer.Option(help="With in-city only this: simulated, milan, uomo or beijing; repeatable."),
    ] = None,
    generator_steps: Annotated[
        int,
        typer.Option(
            min=0, help="With in-city also train a generator on the stations, with these steps."
        ),
    ] = 0,
    correction: CorrectionFolder = None,
) -> None:
    """Compare generated with real traffic: our model, published method, ablations, baselines."""
    if list(only or ()) == ["joint"]:
        bench_joint(city, work, real, model, results, json_path, quick=quick)
        return
    if city is not None or list(only or ()) == ["in-city"]:
        from netspatial.cli import in_city  # noqa: PLC0415  light start-up

        design = in_city.design_of(folds, block_km, support, protocol, generator_steps)
        if city is not None:
            rows = in_city.score(city, design, model=model, correction=correction, results=results)
        else:
            sets = list(data_set or in_city.DATA_SETS)
            rows = in_city.score_sets(
                sets, work, real, design, model=model, correction=correction, quick=quick
            )
        write_json(json_path, {"rows": rows})
        in_city.show(rows)
        return
    from netspatial.evaluate.generate import SETS, bench_generate  # noqa: PLC0415  light start-up
    from netspatial.evaluate.generate_plots import plot_months  # noqa: PLC0415

    with progress_bar() as progress:
        if plots is not None:
            plot_months(plots, work, model)
        report = bench_generate(
            work,
            real=real,
            data=data,
            quick=quick,
            model=model,
            contexts=context or (),
            only=only or SETS,
            report=progress,
        )
    write_json(json_path, report.record())
    _print(report)


def _print(report: "GenerateReport") -> None:
    """Print one line per model and data set, then the speed."""
    shown = console()
    for data in dict.fromkeys(row.data for row in report.rows):
        rows = [row.record() for row in report.rows if row.data == data]
        table = Table(
            box=box.SIMPLE, padding=(0, 0, 0, 1), title=f"{data}, {rows[0]['cases']} cases"
        )
        for heading in ("model", *COLUMNS.values()):
            table.add_column(heading, no_wrap=True)
        for row in rows:
            table.add_row(row["model"], *(f"{row[name]:.4f}" for name in COLUMNS))
        shown.print(table)
    speed = report.speed
    shown.print(
        f"{speed.sequences_per_s:,.0f} months per second on {speed.threads} threads (900 cells x "
        f"16 samples in {speed.seconds_900_cells:.1f} s, {100 * speed.share_of_matmul:.0f} % of "
        f"the matrix rate of {speed.matmul_gflops:.0f} GFLOP/s); one site's day ahead in "
        f"{speed.latency_ms_one_site:.1f} ms"
    )
