"""Export of a plan to file formats of other tools, with provenance and attribution.

A new format is one file and one line in `EXPORTS`.
"""

from pathlib import Path

from netspatial.errors import BadInput
from netspatial.runs.exports.contract import Export, ExportRequest
from netspatial.runs.exports.csv_table import write_csv
from netspatial.runs.exports.geojson import write_geojson
from netspatial.runs.exports.geopackage import write_geopackage
from netspatial.runs.exports.geoparquet import write_geoparquet
from netspatial.runs.exports.geotiff import write_geotiff
from netspatial.runs.exports.kml import write_kml
from netspatial.runs.exports.report_copy import write_report_copy
from netspatial.runs.kinds.plan_result import PlanRun

__all__ = ["EXPORTS", "Export", "ExportRequest", "export"]

EXPORTS: dict[str, Export] = {
    "geoparquet": Export(
        write_geoparquet, ".parquet", "all columns, for GIS and data tools", lines=True
    ),
    "geopackage": Export(
        write_geopackage, ".gpkg", "all columns, for QGIS and other GIS", lines=True
    ),
    "geojson": Export(write_geojson, ".geojson", "all columns, for the web", lines=True),
    "csv": Export(write_csv, ".csv", "all columns without shapes, for spreadsheets", lines=True),
    "kml": Export(write_kml, ".kml", "shapes, ranks and rationale, for Google Earth"),
    "geotiff": Export(write_geotiff, ".tif", "one column as a raster, for GIS"),
    "html": Export(write_report_copy, ".html", "the report, for reading and printing"),
}
"""The export formats by name."""


def export(run: PlanRun, path: str | Path, asked: ExportRequest | None = None) -> Path:
    """Write a plan to `path` in the format given by the file extension.

    Parameters
    ----------
    run : PlanRun
        Finished planning run.
    path : str or Path
        File ending in .parquet, .geojson, .csv, .kml, .tif or .html.
    asked : ExportRequest, optional
        The part to export; by default all cells.

    Returns
    -------
    Path
        The written file.

    Raises
    ------
    BadInput
        If the extension is unknown, or its format has no lines where they are asked for.
    """
    target, asked = Path(path), asked or ExportRequest()
    for known in EXPORTS.values():
        if target.suffix.lower() == known.suffix:
            if asked.table == "site_change" and not known.lines:
                lines = ", ".join(one.suffix for one in EXPORTS.values() if one.lines)
                raise BadInput(
                    f"The change at existing stations has no {known.suffix} format; use one of "
                    f"the extensions {lines}."
                )
            known.write(run, target, asked)
            return target
    suffixes = ", ".join(known.suffix for known in EXPORTS.values())
    raise BadInput(f"'{target.name}' has no known format; use one of the extensions {suffixes}.")
