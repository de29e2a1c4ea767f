"""`netspatial bench forecast`: forecasters on short histories, with naive and learned baselines."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from netspatial.cli.console import console
from netspatial.cli.json_file import write_json
from netspatial.cli.progress import progress_bar

if TYPE_CHECKING:
    from netspatial.evaluate.forecast_rows import ResultsFile
    from netspatial.evaluate.forecast_targets import Mean

TITLES = {
    1: "one task at a time",
    2: "all tasks together",
    3: "ablations",
}


def forecast(
    work: Annotated[Path, typer.Option(help="Folder of simulated cities.")] = Path(
        "runs/bench-generate"
    ),
    real: Annotated[
        Path | None,
        typer.Option(help="Folder of measured data sets.", show_default="shared/data"),
    ] = None,
    telecom_italia: Annotated[
        Path | None,
        typer.Option(help="Folder of Telecom Italia's original files, to evaluate on them too."),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Training seeds per network.")] = 3,
    only: Annotated[
        list[str] | None,
        typer.Option(help="unseen, milan, uomo, telecom-italia, sim2real; repeatable."),
    ] = None,
    model: Annotated[list[str] | None, typer.Option(help="Only this model; repeatable.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A short version of every part.")] = False,
    json_path: Annotated[
        Path | None,
        typer.Option("--json", help="Write the rows to this file; existing rows are kept."),
    ] = None,
) -> None:
    """Compare forecasters on few days of history: MAE, RMSE, CRPS and coverage."""
    from netspatial.evaluate.forecast import (  # noqa: PLC0415  light start-up
        QUICK,
        SETS,
        WHOLE,
        bench_forecast,
    )

    with progress_bar() as progress:
        results = bench_forecast(
            work,
            size=QUICK if quick else WHOLE,
            real=real,
            telecom_italia=telecom_italia,
            seeds=1 if quick else seeds,
            only=only or SETS,
            models=model or (),
            path=json_path,
            report=progress,
        )
    write_json(json_path, results.record())
    _print(results)


def _print(results: "ResultsFile") -> None:
    """Print one table per data set and paper table, means over seeds; then sim-to-real transfer."""
    from netspatial.evaluate.forecast_targets import means, targets  # noqa: PLC0415  light start-up

    shown = console()
    found = means(results.rows)
    _print_tables(shown, found)
    if results.sim2real:
        table = _table("sim-to-real transfer")
        for head in ("network", "method", "days", "seed", "MAE / mean", "AUC"):
            table.add_column(head, justify="left" if head in ("network", "method") else "right")
        for row in results.sim2real:
            auc = "" if row["auc"] is None else f"{row['auc']:.3f}"
            days, seed = str(row["days"]), str(row["seed"])
            mae = f"{row['mae']:.4f}"
            table.add_row(row["network"], row["method"], days, seed, mae, auc)
        shown.print(table)
    for target in targets(found, results.sim2real):
        shown.print(
            f"{'met   ' if target.met else 'MISSED'} {target.name}: {target.value}", highlight=False
        )


def _print_tables(shown: Console, found: "list[Mean]") -> None:
    """Print one table per data set and table of the paper."""
    from netspatial.evaluate.forecast_telecom import NOTE, PUBLISHED  # noqa: PLC0415

    for data in dict.fromkeys(row.data for row in found):
        for number in sorted({row.table for row in found if row.data == data}):
            table = _table(f"{data}: {TITLES[number]}")
            for head in ("model", "task", "MAE", "RMSE", "CRPS", "cov90", "s", "seeds"):
                table.add_column(head, justify="left" if head in ("model", "task") else "right")
            for row in found:
                if (row.data, row.table) == (data, number):
                    table.add_row(
                        row.model,
                        row.task,
                        f"{row.mae:.4g} ±{row.mae_spread:.2g}",
                        f"{row.rmse:.4g}",
                        f"{row.crps:.4g}",
                        f"{row.cov90:.3f}",
                        f"{row.seconds:.1f}",
                        str(row.seeds),
                    )
            shown.print(table)
        town = data.partition(",")[0]
        if town in PUBLISHED:
            numbers = " / ".join(f"{value:.2f}" for value in PUBLISHED[town])
            shown.print(f"{town} in the paper, MAE {numbers}. {NOTE}", highlight=False)


def _table(title: str) -> Table:
    return Table(box=box.SIMPLE, padding=(0, 0, 0, 1), title=title)
