"""GeoParquet: all columns, with provenance in the file's metadata under `netspatial`."""

from pathlib import Path

from netspatial.runs.exports.contract import ExportRequest
from netspatial.runs.exports.origin import origin
from netspatial.runs.kinds.plan_result import PlanRun
from netspatial.runs.tables import write_table


def write_geoparquet(run: PlanRun, path: Path, asked: ExportRequest) -> None:
    """Write the table as GeoParquet in EPSG:4326."""
    write_table(asked.rows(run), path, origin(run))
