"""`netspatial plan`: where to build next in a drawn area, ranked and explained.

The same command again goes on with a run that was interrupted.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table

from netspatial.cli.console import console
from netspatial.cli.places import Around, Bbox, Json, LimitKm2, SideM, drawn_area, masks_without
from netspatial.cli.progress import progress_bar

if TYPE_CHECKING:
    from netspatial.runs.kinds.plan_result import PlanRun

Cells = Annotated[list[str] | None, typer.Option(help="Id of a cell; may be repeated.")]


def plan(
    city: Annotated[Path, typer.Argument(help="City folder.", show_default=False)],
    area: Annotated[
        Path | None, typer.Option("--area", "--file", help="File of the area: GeoJSON, KML, zip.")
    ] = None,
    bbox: Bbox = None,
    around: Around = None,
    side_m: SideM = None,
    limit_km2: LimitKm2 = 400.0,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run; else a fresh one below runs.")
    ] = None,
    cell_m: Annotated[float, typer.Option(help="Side of a cell, m.")] = 100.0,
    sites: Annotated[int, typer.Option(help="How many sites.")] = 10,
    utility: Annotated[
        str, typer.Option(help="What makes a cell good: lsi, demand, coverage_gain, ...")
    ] = "lsi",
    method: Annotated[
        str, typer.Option(help="top-k, exclusion, greedy, max-coverage or p-median.")
    ] = "exclusion",
    spacing_m: Annotated[float, typer.Option(help="Least distance between sites, m.")] = 300.0,
    radius_m: Annotated[float, typer.Option(help="How far a station serves, m.")] = 250.0,
    min_demand: Annotated[
        float | None,
        typer.Option(
            help="Least mean traffic of a site; 0 is Eq. 6 as written.",
            show_default="by the utility",
        ),
    ] = None,
    risk: Annotated[
        str, typer.Option(help="mean, or a quantile such as 0.1 that trusts bad futures only.")
    ] = "mean",
    weight: Annotated[
        list[str] | None, typer.Option(help="For --utility blend: NAME=WEIGHT; may be repeated.")
    ] = None,
    require: Cells = None,
    exclude: Cells = None,
    skip_mask: Annotated[
        list[str] | None, typer.Option(help="Switch a feasibility mask off; may be repeated.")
    ] = None,
    station_distance_m: Annotated[
        float, typer.Option(help="Least distance to an existing station, m.")
    ] = 200.0,
    samples: Annotated[int, typer.Option(help="Futures drawn for each cell.")] = 16,
    weeks: Annotated[int, typer.Option(help="Whole weeks in each.")] = 4,
    start: Annotated[
        str | None, typer.Option(help="First local hour.", show_default="2026-01-05, a Monday")
    ] = None,
    seed: Annotated[int, typer.Option(help="Reproduces the run.")] = 0,
    explain: Annotated[
        str, typer.Option(help="rules, or llm:ID of a local language model.")
    ] = "rules",
    model: Annotated[
        Path | None, typer.Option(help="Folder of a trained generator; else the shipped one.")
    ] = None,
    context: Annotated[
        Path | None, typer.Option(help="Folder of a trained context; else the shipped one.")
    ] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda or cuda:0.")] = "cpu",
    as_json: Json = False,
) -> None:
    """Say where the next K sites should stand, how sure that is, and why."""
    from netspatial.feasibility import MASKS  # noqa: PLC0415  light start-up
    from netspatial.generate.calendar import DEFAULT_START  # noqa: PLC0415
    from netspatial.plan.settings import PlanSettings  # noqa: PLC0415
    from netspatial.runs.kinds.plan_request import make_request, submit  # noqa: PLC0415

    settings = PlanSettings.read(
        {
            "utility": utility,
            "k": sites,
            "rule": method,
            "spacing_m": spacing_m,
            "reach_m": radius_m,
            "min_demand": min_demand,
            "risk": _risk(risk),
            "weights": dict(_weight(text) for text in weight or []),
            "must": tuple(require or ()),
            "forbidden": tuple(exclude or ()),
            "explain": explain,
        }
    )
    request = make_request(
        city,
        drawn_area(bbox, around, side_m, area, limit_km2),
        settings=settings,
        model=model,
        context=context,
        masks=masks_without(list(MASKS), skip_mask or []),
        cell_m=cell_m,
        samples=samples,
        weeks=weeks,
        start=start or DEFAULT_START,
        seed=seed,
        station_distance_m=station_distance_m,
        device=device,
    )
    folder = submit(request, out).folder
    work(folder)
    show_plan(folder, as_json=as_json)


def work(folder: Path) -> None:
    """Do what is left of a run of any kind, with a progress bar."""
    from netspatial.runs.jobs.run import Run  # noqa: PLC0415
    from netspatial.runs.kinds.registry import resume  # noqa: PLC0415  light start-up

    try:
        with progress_bar() as tell:
            resume(Run.open(folder), lambda metadata: tell(metadata.message, metadata.share))
    except KeyboardInterrupt:  # said when the bar is gone, which would part the sentence
        typer.echo(f"Stopped; `netspatial runs resume {folder}` goes on with it.", err=True)
        raise typer.Exit(130) from None


def show_plan(folder: Path, *, as_json: bool) -> None:
    """Print the ranked sites, what the floor did, and where the report is."""
    from netspatial.runs.kinds.plan_result import PlanRun  # noqa: PLC0415  light start-up

    run = PlanRun.open(folder)
    if as_json:
        typer.echo(json.dumps(described(run), indent=2))
        return
    shown, metadata = console(), run.metadata
    shown.print(_ranking(run))
    first = run.sites.iloc[0]
    said = [
        metadata["demand_floor"]["sentence"],
        *metadata["notes"],
        f"\nWhy {first['cell_id']}? {first['rationale']}",
        f"\nAll traffic is {run.facts['provenance']}. Reasons, map and charts:",
    ]
    for text in said:
        shown.print(text, highlight=False)
    shown.print(str(run.report), soft_wrap=True, highlight=False)


def described(run: "PlanRun") -> dict[str, Any]:
    """Return a plan for programs."""
    sites = json.loads(run.sites.drop(columns="geometry").to_json(orient="records"))
    return {
        "run": str(run.folder),
        "report": str(run.report),
        "provenance": run.facts["provenance"],
        "cells": len(run.cells),
        **{
            name: run.metadata[name] for name in ("utility", "demand_floor", "notes", "demand_unit")
        },
        "sites": sites,
    }


def _ranking(run: "PlanRun") -> Table:
    from netspatial.plan.explain.rationale_text import number  # noqa: PLC0415  light start-up

    utility, unit = run.metadata["utility"], run.metadata["demand_unit"]
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=f"{len(run.sites)} sites by {utility['title']} in {run.facts['city']['name']}",
    )
    heads = (
        "#", "cell", f"{utility['unit'] or 'utility'}", f"mean {unit}", "P10-P90",
        "futures",
    )  # fmt: skip
    for head in heads:
        table.add_column(
            head, justify="left" if head == "cell" else "right", no_wrap=head == "cell"
        )
    for row in run.sites.to_dict("records"):
        table.add_row(
            str(row["rank"]),
            str(row["cell_id"]),
            number(row["utility_mean"]),
            number(row["demand_mean"]),
            f"{number(row['demand_p10'])}-{number(row['demand_p90'])}",
            f"{row['chosen_in']}/{row['futures']}",
        )
    return table


def _risk(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _weight(text: str) -> tuple[str, str]:
    name, _, weight = text.partition("=")
    return name, weight
