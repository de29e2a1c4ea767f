"""CSV for spreadsheets: provenance in every row, formulas escaped."""

from pathlib import Path

from netspatial.place_files import write_places
from netspatial.runs.exports.contract import ExportRequest
from netspatial.runs.exports.origin import attribution, origin_sentence
from netspatial.runs.kinds.plan_result import PlanRun


def write_csv(run: PlanRun, path: Path, asked: ExportRequest) -> None:
    """Write the table without shapes; lon and lat are the centres of the cells."""
    said = {"note": origin_sentence(run), "attribution": attribution(run)}
    write_places(asked.rows(run), path, said)
