"""GeoPackage for GIS: all columns, with provenance in the metadata."""

import json
from pathlib import Path

from netspatial.place_files import write_places
from netspatial.runs.exports.contract import ExportRequest
from netspatial.runs.exports.origin import attribution, origin, origin_sentence
from netspatial.runs.kinds.plan_result import PlanRun


def write_geopackage(run: PlanRun, path: Path, asked: ExportRequest) -> None:
    """Write the table as one layer in EPSG:4326."""
    said = {
        "note": origin_sentence(run),
        "attribution": attribution(run),
        "netspatial": json.dumps(origin(run), sort_keys=True),
    }
    write_places(asked.rows(run), path, said)
