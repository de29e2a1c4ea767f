"""The report of a plan: one self-contained HTML file with map, ranking, charts and rationale.

It loads nothing from elsewhere. All text from data is escaped.
"""

from html import escape
from pathlib import Path
from string import Template
from typing import Any

from netspatial.disk import atomic_file
from netspatial.plan.explain.rationale_text import metres, number
from netspatial.runs.kinds.plan_result import PlanRun
from netspatial.runs.report.method import method_rows, steps
from netspatial.runs.report.site_map import draw_map
from netspatial.runs.report.week_chart import draw_week

PAGE = Path(__file__).with_name("page.html")
MAX_SITES = 60
"""Maximum number of sites with chart and rationale; the ranking shows all sites."""

Row = dict[str, Any]


def write_report(run: PlanRun, path: Path) -> None:
    """Write the report of a planned run to `path`."""
    rows = run.sites.drop(columns="geometry").to_dict("records")
    metadata, facts = run.metadata, run.facts
    page = Template(PAGE.read_text(encoding="utf-8")).substitute(
        title=escape(f"{len(rows)} sites for {facts['city']['name']}"),
        lead=_lead(run),
        provenance=escape(str(facts["provenance"])),
        tiles=_tiles(run),
        map=draw_map(run),
        demand_floor=escape(str(metadata["demand_floor"]["sentence"])),
        notes="".join(f"<li>{escape(note)}</li>" for note in metadata["notes"]),
        utility_title=escape(metadata["utility"]["title"]),
        utility_unit=escape(metadata["utility"]["unit"]),
        demand_unit=escape(metadata["demand_unit"]),
        ranking="".join(_ranked(row) for row in rows),
        sites=_sites(run, rows[:MAX_SITES]),
        steps="".join(f"<li>{escape(step)}</li>" for step in steps(run)),
        method="".join(
            f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
            for name, value in method_rows(run)
        ),
    )
    with atomic_file(path) as draft:
        draft.write_text(page, encoding="utf-8")


def _lead(run: PlanRun) -> str:
    utility = run.metadata["utility"]
    meaning = utility["meaning"].rstrip(".")
    return escape(
        f"The best {len(run.sites)} of {len(run.cells):,} cells of {run.request.cell_m:g} m by "
        f"{utility['title']}: {meaning[0].lower()}{meaning[1:]}."
    )


def _tiles(run: PlanRun) -> str:
    cells, unit = run.cells, run.metadata["demand_unit"]
    open_to = int((cells["feasible"] != "no").sum())
    shown = [
        (f"{len(cells):,}", "cells"),
        (f"{open_to:,}", "feasible cells"),
        (f"{run.metadata['demand_floor']['kept']:,}", "reach the minimum demand"),
        (str(run.metadata["samples"]), "samples per cell"),
        (f"{number(float(run.sites['demand_mean'].mean()))} {unit}", "mean of the selected sites"),
        (f"{number(float(cells['demand_mean'].mean()))} {unit}", "mean of all cells"),
    ]
    return "".join(
        f"<div class='tile'><b>{escape(value)}</b><span>{escape(what)}</span></div>"
        for value, what in shown
    )


def _ranked(row: Row) -> str:
    near = row.get("nearest_station")
    distance = row.get("nearest_station_m")
    columns = [
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
    return "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in columns) + "</tr>"


def _sites(run: PlanRun, rows: list[Row]) -> str:
    ids = [str(row["cell_id"]) for row in rows]
    traffic = run.traffic_of(ids)
    return "".join(
        f"<article class='site'><h3><span class='pin'>{int(row['rank'])}</span>{escape(cell)}</h3>"
        f"<p>{escape(str(row['rationale']))}</p>"
        f"{draw_week(traffic.sel(cell=cell), run.facts['timezone'])}</article>"
        for cell, row in zip(ids, rows, strict=True)
    )
