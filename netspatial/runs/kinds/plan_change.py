"""Files of a run with what changes at existing stations: a table of lines, and the sums."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
from typing_extensions import TypedDict

from netspatial.checked import as_kind, read_json
from netspatial.disk import atomic_file
from netspatial.geoparquet import read_places
from netspatial.plan.explain.site_facts import Spread
from netspatial.plan.site_change import SiteChange
from netspatial.runs.tables import write_table

SITE_CHANGE = "site_change.parquet"
SITE_TOTALS = "site_change.json"


class _SpreadRecord(TypedDict):
    """A quantity over the samples."""

    mean: float
    p10: float
    p90: float


class _Totals(TypedDict):
    """Contents of `site_change.json`."""

    unit: str
    notes: list[str]
    totals: dict[str, _SpreadRecord]
    sites: list[dict[str, str | int | float]]


def write_change(
    change: SiteChange, table: Path, totals: Path, metadata: Mapping[str, Any]
) -> None:
    """Write the change: pairs of site and station as lines, sites and sums as JSON."""
    write_table(change.stations, table, metadata)
    record = {
        "unit": change.unit,
        "notes": list(change.notes),
        "totals": {name: asdict(value) for name, value in change.totals.items()},
        "sites": change.sites.to_dict("records"),
    }
    with atomic_file(totals) as draft:
        draft.write_text(json.dumps(record, indent=2) + "\n")


def read_change(table: Path, totals: Path) -> SiteChange:
    """Return the change that `write_change` wrote, the lines in EPSG:4326."""
    record = as_kind(read_json(totals, dict[str, Any]), _Totals, f"'{totals}'")
    return SiteChange(
        stations=read_places(table, ("site", "station")),
        sites=pd.DataFrame(record["sites"]),
        totals={name: Spread(**value) for name, value in record["totals"].items()},
        notes=tuple(record["notes"]),
        unit=record["unit"],
    )
