"""CSV for spreadsheets: every row carries its origin, and no text is taken for a formula."""

from pathlib import Path

import pandas as pd

from netspatial.disk import atomic_file
from netspatial.runs.exports.contract import Asked
from netspatial.runs.exports.origin import attribution, origin_sentence
from netspatial.runs.kinds.plan_result import PlanRun

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Spreadsheets run a text that begins so."""


def write_csv(run: PlanRun, path: Path, asked: Asked) -> None:
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
    """Return text that a spreadsheet shows as it is: an apostrophe keeps it from being run."""
    said = str(text)
    return f"'{said}" if said.startswith(FORMULA) else said
