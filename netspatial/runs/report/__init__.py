"""The report of a plan: one self-contained HTML file with map, ranking, charts and rationale.

It loads nothing from elsewhere. Its template escapes all text from data.
"""

from pathlib import Path
from typing import Any

from netspatial.disk import atomic_file
from netspatial.plan.explain.rationale_text import metres, number
from netspatial.plan.site_change_text import change_sentences
from netspatial.runs.kinds.plan_result import PlanRun
from netspatial.runs.report.change_table import change_rows
from netspatial.runs.report.method import method_rows, steps
from netspatial.runs.report.site_map import draw_legend, draw_map
from netspatial.runs.report.week_chart import draw_week
from netspatial.templates import render

MAX_SITES = 60
"""Maximum number of sites with chart and rationale; the ranking shows all sites."""

Row = dict[str, Any]


def write_report(run: PlanRun, path: Path) -> None:
    """Write the report of a planned run to `path`."""
    rows = run.sites.drop(columns="geometry").to_dict("records")
    metadata, facts = run.metadata, run.facts
    page = render(
        "runs/report/page.html",
        title=f"{len(rows)} sites for {facts['city']['name']}",
        lead=_lead(run),
        provenance=facts["provenance"],
        tiles=_tiles(run),
        map=draw_map(run),
        legend=draw_legend(run),
        demand_floor=metadata["demand_floor"]["sentence"],
        notes=[*facts.get("scenario", []), *metadata["notes"]],
        utility=metadata["utility"],
        demand_unit=metadata["demand_unit"],
        ranking=[_ranked(row) for row in rows],
        sites=_sites(run, rows[:MAX_SITES]),
        change=change_sentences(run.site_change),
        changes=change_rows(run),
        steps=steps(run),
        method=method_rows(run),
    )
    with atomic_file(path) as draft:
        draft.write_text(page, encoding="utf-8")


def _lead(run: PlanRun) -> str:
    utility = run.metadata["utility"]
    meaning = utility["meaning"].rstrip(".")
    return (
        f"The best {len(run.sites)} of {len(run.cells):,} cells of {run.request.cell_m:g} m by "
        f"{utility['title']}: {meaning[0].lower()}{meaning[1:]}."
    )


def _tiles(run: PlanRun) -> list[tuple[str, str]]:
    """Return the key figures of the plan, (value, meaning)."""
    cells, unit = run.cells, run.metadata["demand_unit"]
    open_to = int((cells["feasible"] != "no").sum())
    return [
        (f"{len(cells):,}", "cells"),
        (f"{open_to:,}", "feasible cells"),
        (f"{run.metadata['demand_floor']['kept']:,}", "reach the minimum demand"),
        (str(run.metadata["samples"]), "samples per cell"),
        (f"{number(float(run.sites['demand_mean'].mean()))} {unit}", "mean of the selected sites"),
        (f"{number(float(cells['demand_mean'].mean()))} {unit}", "mean of all cells"),
    ]


def _ranked(row: Row) -> list[str]:
    """Return the columns of one site in the ranking."""
    near = row.get("nearest_station")
    distance = row.get("nearest_station_m")
    return [
        str(int(row["rank"])),
        str(row["cell_id"]),
        f"{row['lat']:.5f}, {row['lon']:.5f}",
        number(row["utility_mean"]),
        f"{number(row['utility_p10'])} – {number(row['utility_p90'])}",
        number(row["demand_mean"]),
        f"{number(row['demand_p10'])} – {number(row['demand_p90'])}",
        f"{int(row['peak_hour'])}:00",
        metres(distance) if isinstance(near, str) and distance is not None else "–",
        f"{int(row['selected_in'])} of {int(row['samples'])}",
    ]


def _sites(run: PlanRun, rows: list[Row]) -> list[Row]:
    """Return rank, cell, rationale and chart of each site."""
    ids = [str(row["cell_id"]) for row in rows]
    traffic = run.traffic_of(ids)
    return [
        {
            "rank": int(row["rank"]),
            "cell": cell,
            "rationale": row["rationale"],
            "week": draw_week(traffic.sel(cell=cell), run.facts["timezone"]),
        }
        for cell, row in zip(ids, rows, strict=True)
    ]
