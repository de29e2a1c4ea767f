"""`netspatial runs`: list, show, compare, export, resume, cancel and delete runs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table

from netspatial.cli.console import console
from netspatial.cli.in_city import show_validation
from netspatial.cli.operate import show_schedule
from netspatial.cli.places import Json
from netspatial.cli.plan import show_plan, work
from netspatial.errors import BadInput

if TYPE_CHECKING:
    from netspatial.runs.exports.contract import Table as ExportTable
    from netspatial.runs.jobs.run import Run

FACES: dict[str, Callable[..., None]] = {
    "plan": show_plan,
    "operate": show_schedule,
    "validate": show_validation,
}
"""Printers of finished runs by kind, called with (folder, as_json)."""

runs = typer.Typer(help="List, show, compare, export, resume, cancel and delete runs.")

Which = Annotated[str, typer.Argument(help="Folder of a run, or its name.", show_default=False)]


@runs.command(name="list")
def list_them(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder of runs.", show_default="NETSPATIAL_RUNS, or runs"),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the runs of a folder, the newest first."""
    from netspatial.runs.jobs.run import list_runs, runs_folder  # noqa: PLC0415  light start-up

    rows = [_summary(run) for run in list_runs(folder)]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        typer.echo(f"There are no runs in '{folder or runs_folder()}'.")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("run", "kind", "state", "created (UTC)", "done"):
        table.add_column(head)
    for row in rows:
        table.add_row(
            row["run"],
            row["kind"],
            row["state"],
            row["created"][:16].replace("T", " "),
            f"{row['share']:.0%}",
        )
    console().print(table)


@runs.command()
def show(which: Which, as_json: Json = False) -> None:
    """Show the progress of a run and, if it is finished, its result."""
    run = _find(which)
    summary, face = _summary(run), FACES.get(run.manifest.kind)
    if as_json:
        manifest = run.manifest.model_dump(mode="json")
        typer.echo(json.dumps({**summary, "manifest": manifest}, indent=2))
        return
    typer.echo(f"{run.name}: {summary['state']}, {summary['share']:.0%} done")
    if summary["error"]:
        typer.echo(summary["error"])
    for name, stage in run.manifest.stages.items():
        typer.echo(f"  {name:<12}{stage.seconds:8.1f} s")
    if face is not None and summary["state"] == "finished":
        face(run.folder, as_json=False)


@runs.command()
def compare(first: Which, second: Which, as_json: Json = False) -> None:
    """Compare two plans: different settings and different sites."""
    from netspatial.plan.explain.rationale_text import number  # noqa: PLC0415  light start-up
    from netspatial.runs.kinds.plan_comparison import compare as compare_plans  # noqa: PLC0415
    from netspatial.runs.kinds.plan_result import PlanRun  # noqa: PLC0415

    found = compare_plans(*(PlanRun.open(_find(which).folder) for which in (first, second)))
    if as_json:
        record = {
            "asked": [{"setting": name, "a": a, "b": b} for name, a, b in found.asked],
            "both": found.both,
            "cells": found.cells,
            "agreement": None if found.agreement != found.agreement else found.agreement,
            "sites": json.loads(found.sites.to_json(orient="records")),
        }
        typer.echo(json.dumps(record, indent=2))
        return
    for name, a, b in found.asked:
        typer.echo(f"{name}: {_short(a)} | {_short(b)}")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("cell", "rank a", "rank b", "mean a", "mean b"):
        table.add_column(head, justify="left" if head == "cell" else "right")
    for row in found.sites.to_dict("records"):
        ranks = [_rank(row[name]) for name in ("rank_a", "rank_b")]
        means = [number(float(row[name])) for name in ("demand_mean_a", "demand_mean_b")]
        table.add_row(row["cell_id"], *ranks, *means)
    console().print(table)
    agreement = number(found.agreement)
    typer.echo(
        f"{found.both} of {len(found.sites)} sites are in both; rank correlation of the utilities "
        f"over {found.cells:,} common cells: {agreement} (Spearman)."
    )


@runs.command()
def export(
    which: Which,
    out: Annotated[Path, typer.Option(help="File: .parquet, .geojson, .csv, .kml, .tif or .html.")],
    sites: Annotated[bool, typer.Option("--sites", help="Only the selected sites.")] = False,
    site_change: Annotated[
        bool,
        typer.Option(
            "--site-change", help="What changes at existing stations: .parquet, .geojson or .csv."
        ),
    ] = False,
    column: Annotated[str, typer.Option(help="For .tif: the column to write.")] = "utility_mean",
) -> None:
    """Export a plan or a schedule; the file extension sets the format."""
    from netspatial.runs.exports import ExportRequest  # noqa: PLC0415  light start-up
    from netspatial.runs.exports import export as write  # noqa: PLC0415
    from netspatial.runs.exports.schedule import export_schedule  # noqa: PLC0415
    from netspatial.runs.kinds.operating_result import OperateRun  # noqa: PLC0415
    from netspatial.runs.kinds.plan_result import PlanRun  # noqa: PLC0415

    run = _find(which)
    if run.manifest.kind == "operate":
        export_schedule(OperateRun.open(run.folder), out)
        typer.echo(f"written to {out}")
        return
    if sites and site_change:
        raise BadInput("--sites and --site-change are two tables; give one of them.")
    table: ExportTable = "site_change" if site_change else "sites" if sites else "cells"
    asked = ExportRequest(table=table, column=column)
    write(PlanRun.open(run.folder), out, asked)
    typer.echo(f"written to {out}")


@runs.command()
def resume(which: Which, as_json: Json = False) -> None:
    """Resume a run that was interrupted, was cancelled or failed."""
    run = _find(which)
    work(run.folder)
    face = FACES.get(run.manifest.kind)
    if face is not None:
        face(run.folder, as_json=as_json)


@runs.command()
def cancel(which: Which) -> None:
    """Cancel a run; its finished stages are kept."""
    run = _find(which)
    run.cancel()
    typer.echo(f"Cancellation of '{run.name}' was requested.")


@runs.command()
def delete(
    which: Which,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Delete a run with all its files."""
    run = _find(which)
    if not yes and not _agreed(f"Delete '{run.folder}' with all its files?"):
        typer.echo("Nothing was deleted.")
        raise typer.Exit(1)
    run.delete()
    typer.echo(f"'{run.folder}' is deleted.")


def _agreed(question: str) -> bool:
    """Ask for confirmation; without a terminal the answer is no."""
    try:
        return typer.confirm(question)
    except typer.Abort:
        return False


def _find(which: str) -> "Run":
    """Open a run by its folder, or by its name in the runs folder."""
    from netspatial.runs.jobs.run import Run, runs_folder  # noqa: PLC0415  light start-up

    named = runs_folder() / which
    is_name = Path(which).name == which and not Path(which).exists() and named.exists()
    return Run.open(named if is_name else which)


def _summary(run: "Run") -> dict[str, Any]:
    manifest, progress = run.manifest, run.progress()
    return {
        "run": run.name,
        "kind": manifest.kind,
        "state": progress.state,
        "created": manifest.created.isoformat(),
        "share": progress.share,
        "stage": progress.message,
        "error": progress.error,
    }


def _rank(value: Any) -> str:
    import pandas as pd  # noqa: PLC0415  light start-up

    return "–" if pd.isna(value) else str(int(value))


def _short(value: Any) -> str:
    text = json.dumps(value) if isinstance(value, dict | list) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
