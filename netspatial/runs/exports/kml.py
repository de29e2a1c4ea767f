"""KML for Google Earth: one shape per cell, selected sites in strong colour with rationale."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from netspatial.disk import atomic_file
from netspatial.runs.exports.contract import ExportRequest
from netspatial.runs.exports.origin import attribution, origin_sentence
from netspatial.runs.kinds.plan_result import PlanRun
from netspatial.templates import template

STYLES = {"site": "e6006dd5", "cell": "40b4b4b4"}
"""Fill colours in KML order: alpha, blue, green, red."""
SHOWN = ("utility_mean", "demand_mean", "feasible", "reason", "rank")


def write_kml(run: PlanRun, path: Path, asked: ExportRequest) -> None:
    """Write the table as KML 2.2, one place after the other."""
    reasons = dict(zip(run.sites["cell_id"], run.sites["rationale"], strict=True))
    document = template("runs/exports/cells.kml").stream(
        name=run.run.name,
        description=f"{origin_sentence(run)} Data: {attribution(run)}",
        styles=STYLES,
        placemarks=_placemarks(asked.rows(run), reasons),
    )
    document.enable_buffering()
    with atomic_file(path) as draft, draft.open("wb") as file:
        document.dump(file, encoding="utf-8")


def _placemarks(rows: gpd.GeoDataFrame, reasons: dict[str, str]) -> Iterator[dict[str, Any]]:
    shown = [name for name in SHOWN if name in rows.columns]
    for row in rows.to_dict("records"):
        cell, ranked = str(row["cell_id"]), pd.notna(row["rank"])
        yield {
            "name": f"{int(row['rank'])}. {cell}" if ranked else cell,
            "reason": reasons.get(cell, ""),
            "style": "site" if ranked else "cell",
            "data": {name: row[name] for name in shown if pd.notna(row[name])},
            "ring": _ring(row["geometry"]),
        }


def _ring(shape: shapely.Polygon) -> str:
    return " ".join(f"{lon:.7f},{lat:.7f}" for lon, lat in shape.exterior.coords)
