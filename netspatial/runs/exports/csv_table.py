"""CSV for spreadsheets: provenance in every row, formulas escaped."""

from pathlib import Path

import pandas as pd

from netspatial.disk import atomic_file
from netspatial.runs.exports.contract import ExportRequest
from netspatial.runs.exports.origin import attribution, origin_sentence
from netspatial.runs.kinds.plan_result import PlanRun

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters of a text that a spreadsheet evaluates as a formula."""


def write_csv(run: PlanRun, path: Path, asked: ExportRequest) -> None:
    """Write the table without shapes; lon and lat are the centres of the cells."""
    rows = pd.DataFrame(asked.rows(run).drop(columns="geometry"))
    rows = rows.assign(note=origin_sentence(run), attribution=attribution(run))
    for name in rows.columns:
        if not pd.api.types.is_numeric_dtype(rows[name]):
            rows[name] = rows[name].map(harmless, na_action="ignore")
    rows.columns = pd.Index([harmless(name) for name in rows.columns])
    with atomic_file(path) as draft:
        rows.to_csv(draft, index=False)


def harmless(text: object) -> str:
    """Return text with an apostrophe in front if a spreadsheet would evaluate it."""
    said = str(text)
    return f"'{said}" if said.startswith(FORMULA) else said
