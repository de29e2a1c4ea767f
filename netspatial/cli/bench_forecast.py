"""`netspatial bench forecast`: on little history, ours beside naive and learnt rivals."""

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
    from netspatial.evaluate.forecast_rows import Ledger
    from netspatial.evaluate.forecast_targets import Mean

TITLES = {
    1: "one task at a time",
    2: "all tasks together",
    3: "ours with other parts",
}


def forecast(
    work: Annotated[Path, typer.Option(help="Where simulated cities are kept.")] = Path(
        "runs/bench-generate"
    ),
    real: Annotated[
        Path | None,
        typer.Option(help="Folder of measured sets.", show_default="shared/data beside us"),
    ] = None,
    telecom_italia: Annotated[
        Path | None,
        typer.Option(help="Folder of Telecom Italia's original files: measure on them, too."),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each network.")] = 3,
    only: Annotated[
        list[str] | None,
        typer.Option(help="unseen, milan, uomo, telecom-italia, sim2real; may be repeated."),
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="This model alone; may be repeated.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A short look at every part.")] = False,
    json_path: Annotated[
        Path | None,
        typer.Option("--json", help="Keep the rows in this file; those that it holds are kept."),
    ] = None,
) -> None:
    """Compare forecasters: few days of history, MAE, RMSE, CRPS and coverage in real units."""
    from netspatial.evaluate.forecast import (  # noqa: PLC0415  light start-up
        QUICK,
        SETS,
        WHOLE,
        bench_forecast,
    )

    with progress_bar() as tell:
        ledger = bench_forecast(
            work,
            size=QUICK if quick else WHOLE,
            real=real,
            telecom_italia=telecom_italia,
            seeds=1 if quick else seeds,
            only=only or SETS,
            models=model or (),
            path=json_path,
            report=tell,
        )
    write_json(json_path, ledger.record())
    _print(ledger)


def _print(ledger: "Ledger") -> None:
    """Print a table for each data set and table, means over seeds; then simulation to reality."""
    from netspatial.evaluate.forecast_targets import bars, means  # noqa: PLC0415  light start-up

    shown = console()
    found = means(ledger.rows)
    _print_tables(shown, found)
    if ledger.sim2real:
        table = _table("from simulation to reality")
        for head in ("network", "method", "days", "seed", "MAE / mean", "AUC"):
            table.add_column(head, justify="left" if head in ("network", "method") else "right")
        for metadata in ledger.sim2real:
            auc = "" if metadata["auc"] is None else f"{metadata['auc']:.3f}"
            days, seed = str(metadata["days"]), str(metadata["seed"])
            mae = f"{metadata['mae']:.4f}"
            table.add_row(metadata["network"], metadata["method"], days, seed, mae, auc)
        shown.print(table)
    for bar in bars(found, ledger.sim2real):
        shown.print(f"{'met   ' if bar.met else 'MISSED'} {bar.name}: {bar.value}", highlight=False)


def _print_tables(shown: Console, found: "list[Mean]") -> None:
    """One table for each data set and table of the paper."""
    from netspatial.evaluate.forecast_telecom import NOTE, PUBLISHED  # noqa: PLC0415

    for data in dict.fromkeys(row.data for row in found):
        for number in sorted({row.table for row in found if row.data == data}):
            table = _table(f"{data}: {TITLES[number]}")
            for head in ("model", "task", "MAE", "RMSE", "CRPS", "cov90", "s", "seeds"):
                table.add_column(head, justify="left" if head in ("model", "task") else "right")
            for row in found:
                if (row.data, row.table) == (data, number):
                    table.add_row(
                        row.model, row.task, f"{row.mae:.4g} ±{row.mae_spread:.2g}",
                        f"{row.rmse:.4g}", f"{row.crps:.4g}", f"{row.cov90:.3f}",
                        f"{row.seconds:.1f}", str(row.seeds),
                    )  # fmt: skip
            shown.print(table)
        town = data.partition(",")[0]
        if town in PUBLISHED:
            numbers = " / ".join(f"{value:.2f}" for value in PUBLISHED[town])
            shown.print(f"{town} in the paper, MAE {numbers}. {NOTE}", highlight=False)


def _table(title: str) -> Table:
    return Table(box=box.SIMPLE, padding=(0, 0, 0, 1), title=title)
