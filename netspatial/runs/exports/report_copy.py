"""The HTML report, written from the run's files."""

from pathlib import Path

from netspatial.runs.exports.contract import ExportRequest
from netspatial.runs.kinds.plan_result import PlanRun


def write_report_copy(run: PlanRun, path: Path, asked: ExportRequest) -> None:  # noqa: ARG001  contract
    """Write the whole report; it always shows cells and sites."""
    from netspatial.runs.report import write_report  # noqa: PLC0415  reads `exports.origin` itself

    write_report(run, path)
