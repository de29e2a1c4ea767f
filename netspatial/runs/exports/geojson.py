"""GeoJSON: all columns, with provenance as members of the collection."""

import json
from pathlib import Path

from netspatial.disk import atomic_file
from netspatial.runs.exports.contract import ExportRequest
from netspatial.runs.exports.origin import attribution, origin, origin_sentence
from netspatial.runs.kinds.plan_result import PlanRun


def write_geojson(run: PlanRun, path: Path, asked: ExportRequest) -> None:
    """Write the table as GeoJSON (RFC 7946)."""
    collection = json.loads(asked.rows(run).to_json(drop_id=True))
    collection.pop("crs", None)
    collection["note"] = origin_sentence(run)
    collection["attribution"] = attribution(run)
    collection["netspatial"] = origin(run)
    with atomic_file(path) as draft:
        draft.write_text(json.dumps(collection) + "\n")
