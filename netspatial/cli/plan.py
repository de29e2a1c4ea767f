"""`netspatial plan`: ranked and explained sites in an area.

The same command resumes an interrupted run.
"""

import json
from dataclasses import asdict
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

Cells = Annotated[list[str] | None, typer.Option(help="Id of a cell; repeatable.")]


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
        Path | None, typer.Option(help="Folder of the run; default: a new one below runs.")
    ] = None,
    cell_m: Annotated[float, typer.Option(help="Side of a cell, m.")] = 100.0,
    sites: Annotated[int, typer.Option(help="Number of sites.")] = 10,
    utility: Annotated[str, typer.Option(help="Utility: lsi, demand, coverage_gain, ...")] = "lsi",
    method: Annotated[
        str, typer.Option(help="top-k, exclusion, greedy, max-coverage or p-median.")
    ] = "exclusion",
    spacing_m: Annotated[float, typer.Option(help="Minimum spacing between sites, m.")] = 300.0,
    radius_m: Annotated[float, typer.Option(help="Service radius of a station, m.")] = 250.0,
    min_demand: Annotated[
        float | None,
        typer.Option(
            help="Minimum mean traffic of a site; 0 is Eq. 6 as published.",
            show_default="by the utility",
        ),
    ] = None,
    risk: Annotated[
        str,
        typer.Option(help="mean, or a quantile over the samples, such as 0.1 for a cautious plan."),
    ] = "mean",
    weight: Annotated[
        list[str] | None, typer.Option(help="For --utility blend: NAME=WEIGHT; repeatable.")
    ] = None,
    require: Cells = None,
    exclude: Cells = None,
    skip_mask: Annotated[
        list[str] | None, typer.Option(help="Feasibility mask to skip; repeatable.")
    ] = None,
    station_distance_m: Annotated[
        float, typer.Option(help="Minimum distance to an existing station, m.")
    ] = 200.0,
    samples: Annotated[int, typer.Option(help="Samples per cell.")] = 16,
    weeks: Annotated[int, typer.Option(help="Whole weeks per sample.")] = 4,
    start: Annotated[
        str | None, typer.Option(help="First local hour.", show_default="2026-01-05, a Monday")
    ] = None,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    explain: Annotated[
        str, typer.Option(help="rules, or llm:ID of a local language model.")
    ] = "rules",
    model: Annotated[
        Path | None, typer.Option(help="Folder of a trained generator; default: the bundled one.")
    ] = None,
    context: Annotated[
        Path | None,
        typer.Option(help="Folder of a trained context model; default: the bundled one."),
    ] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda or cuda:0.")] = "cpu",
    ignore_measured: Annotated[
        bool, typer.Option("--ignore-measured", help="Do not use the city's measured traffic.")
    ] = False,
    scenario: Annotated[
        Path | None, typer.Option(help="JSON file of a scenario that changes the city.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Rank sites for new base stations in an area, with robustness and rationale."""
    from netspatial.feasibility import MASKS  # noqa: PLC0415  light start-up
    from netspatial.generate.calendar import DEFAULT_START  # noqa: PLC0415
    from netspatial.plan.settings import PlanSettings  # noqa: PLC0415
    from netspatial.runs.kinds.plan_request import make_request, submit  # noqa: PLC0415

    settings = PlanSettings.read(
        {
            "utility": utility,
            "sites": sites,
            "method": method,
            "spacing_m": spacing_m,
            "radius_m": radius_m,
            "min_demand": min_demand,
            "risk": _risk(risk),
            "weights": dict(_weight(text) for text in weight or []),
            "required": tuple(require or ()),
            "excluded": tuple(exclude or ()),
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
        measured=not ignore_measured,
        scenario=scenario,
    )
    folder = submit(request, out).folder
    work(folder)
    show_plan(folder, as_json=as_json)


def work(folder: Path) -> None:
    """Run the unfinished stages of a run of any kind, with a progress bar."""
    from netspatial.runs.jobs.run import Run  # noqa: PLC0415
    from netspatial.runs.kinds.registry import resume  # noqa: PLC0415  light start-up

    try:
        with progress_bar() as progress:
            resume(Run.open(folder), lambda run: progress(run.message, run.share))
    except KeyboardInterrupt:  # printed after the bar is gone, which would split the line
        typer.echo(f"Stopped; resume with `netspatial runs resume {folder}`.", err=True)
        raise typer.Exit(130) from None


def show_plan(folder: Path, *, as_json: bool) -> None:
    """Print the ranked sites, the effect of the minimum demand, and the path of the report."""
    from netspatial.plan.site_change_text import change_sentences  # noqa: PLC0415  light start-up
    from netspatial.runs.kinds.plan_result import PlanRun  # noqa: PLC0415

    run = PlanRun.open(folder)
    if as_json:
        typer.echo(json.dumps(described(run), indent=2))
        return
    shown, metadata = console(), run.metadata
    shown.print(_ranking(run))
    first = run.sites.iloc[0]
    said = [
        metadata["demand_floor"]["sentence"],
        *run.facts.get("scenario", []),
        *metadata["notes"],
        f"\nWhy {first['cell_id']}? {first['rationale']}",
        f"\n{' '.join(change_sentences(run.site_change))}",
        f"\nAll traffic is {run.facts['provenance']}. Report with rationale, map and charts:",
    ]
    for text in said:
        shown.print(text, highlight=False)
    shown.print(str(run.report), soft_wrap=True, highlight=False)


def described(run: "PlanRun") -> dict[str, Any]:
    """Return a plan for JSON output."""
    sites = json.loads(run.sites.drop(columns="geometry").to_json(orient="records"))
    return {
        "run": str(run.folder),
        "report": str(run.report),
        "provenance": run.facts["provenance"],
        "scenario": run.facts.get("scenario", []),
        "cells": len(run.cells),
        **{
            name: run.metadata[name] for name in ("utility", "demand_floor", "notes", "demand_unit")
        },
        "sites": sites,
        "site_change": {
            "totals": {name: asdict(value) for name, value in run.site_change.totals.items()},
            "sites": run.site_change.sites.to_dict("records"),
            "notes": list(run.site_change.notes),
        },
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
        "#",
        "cell",
        f"{utility['unit'] or 'utility'}",
        f"mean {unit}",
        "P10-P90",
        "samples",
    )
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
            f"{row['selected_in']}/{row['samples']}",
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
