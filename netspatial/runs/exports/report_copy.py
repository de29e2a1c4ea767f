"""The HTML report, written anew from the run's files."""

from pathlib import Path

from netspatial.runs.exports.contract import Asked
from netspatial.runs.kinds.plan_result import PlanRun
from netspatial.runs.report import write_report


def write_report_copy(run: PlanRun, path: Path, asked: Asked) -> None:  # noqa: ARG001  contract
    """Write the whole report; it always shows cells and sites."""
    write_report(run, path)
