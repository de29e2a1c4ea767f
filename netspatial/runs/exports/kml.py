"""KML for Google Earth: one shape per cell, selected sites in strong colour with rationale."""

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import geopandas as gpd
import pandas as pd
import shapely

from netspatial.disk import atomic_file
from netspatial.runs.exports.contract import ExportRequest
from netspatial.runs.exports.origin import attribution, origin_sentence
from netspatial.runs.kinds.plan_result import PlanRun

STYLES = {"site": "e6006dd5", "cell": "40b4b4b4"}
"""Fill colours in KML order: alpha, blue, green, red."""
SHOWN = ("utility_mean", "demand_mean", "feasible", "reason", "rank")


def write_kml(run: PlanRun, path: Path, asked: ExportRequest) -> None:
    """Write the table as KML 2.2."""
    rows = asked.rows(run)
    reasons = dict(zip(run.sites["cell_id"], run.sites["rationale"], strict=True))
    with atomic_file(path) as draft, draft.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        file.write('<kml xmlns="http://www.opengis.net/kml/2.2"><Document>\n')
        file.write(f"<name>{escape(run.run.name)}</name>\n")
        said = f"{origin_sentence(run)} Data: {attribution(run)}"
        file.write(f"<description>{escape(said)}</description>\n")
        for name, colour in STYLES.items():
            file.write(
                f'<Style id="{name}"><LineStyle><color>{colour}</color></LineStyle>'
                f"<PolyStyle><color>{colour}</color></PolyStyle></Style>\n"
            )
        file.writelines(_placemarks(rows, reasons))
        file.write("</Document></kml>\n")


def _placemarks(rows: gpd.GeoDataFrame, reasons: dict[str, str]) -> Iterator[str]:
    shown = [name for name in SHOWN if name in rows.columns]
    for row in rows.to_dict("records"):
        cell, ranked = str(row["cell_id"]), pd.notna(row["rank"])
        name = f"{int(row['rank'])}. {cell}" if ranked else cell
        data = "".join(
            f'<Data name="{column}"><value>{escape(str(row[column]))}</value></Data>'
            for column in shown
            if pd.notna(row[column])
        )
        yield (
            f"<Placemark><name>{escape(name)}</name>"
            f"<description>{escape(reasons.get(cell, ''))}</description>"
            f"<styleUrl>#{'site' if ranked else 'cell'}</styleUrl>"
            f"<ExtendedData>{data}</ExtendedData>{_polygon(row['geometry'])}</Placemark>\n"
        )


def _polygon(shape: shapely.Polygon) -> str:
    ring = " ".join(f"{lon:.7f},{lat:.7f}" for lon, lat in shape.exterior.coords)
    return (
        "<Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    )
