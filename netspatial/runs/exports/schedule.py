"""Export of a schedule as CSV, Parquet, NetCDF or GeoJSON, with provenance and attribution.

A new format is one function and one line in `EXPORTS`.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.geoparquet import read_frame
from netspatial.plain_text import in_spreadsheet
from netspatial.runs.kinds.operating_result import SCHEDULE, SCHEDULE_TABLE, OperateRun
from netspatial.runs.tables import provenance


def write_csv(run: OperateRun, path: Path) -> None:
    """One row per station and hour, each with its origin; no text is taken for a formula."""
    rows = read_frame(run.run.made(SCHEDULE_TABLE, "schedule"))
    rows["station"] = rows["station"].map(in_spreadsheet)
    rows = rows.assign(
        note=in_spreadsheet(origin_sentence(run)), attribution=in_spreadsheet(attribution(run))
    )
    with atomic_file(path) as draft:
        rows.to_csv(draft, index=False)


def write_geojson(run: OperateRun, path: Path) -> None:
    """Write the stations with the figures of their schedule, and the summary of all."""
    collection = json.loads(run.stations.to_json(drop_id=True))
    collection.pop("crs", None)
    collection["note"] = origin_sentence(run)
    collection["attribution"] = attribution(run)
    collection["netspatial"] = {**provenance(run.facts), "run": run.run.name}
    collection["summary"] = run.summary
    with atomic_file(path) as draft:
        draft.write_text(json.dumps(collection) + "\n")


def _copy_of(name: str) -> Callable[[OperateRun, Path], None]:
    def write(run: OperateRun, path: Path) -> None:
        with atomic_file(path) as draft:
            shutil.copyfile(run.run.made(name, "schedule"), draft)

    return write


EXPORTS: dict[str, Callable[[OperateRun, Path], None]] = {
    ".csv": write_csv,
    ".parquet": _copy_of(SCHEDULE_TABLE),
    ".nc": _copy_of(SCHEDULE),
    ".geojson": write_geojson,
}
"""The writers by file extension."""


def export_schedule(run: OperateRun, path: str | Path) -> Path:
    """Write a schedule to `path` in the format given by the file extension.

    Parameters
    ----------
    run : OperateRun
        Finished operating run.
    path : str or Path
        File ending in .csv, .parquet, .nc or .geojson.

    Returns
    -------
    Path
        The written file.

    Raises
    ------
    BadInput
        If the extension is unknown.
    """
    target = Path(path)
    writer = EXPORTS.get(target.suffix.lower())
    if writer is None:
        raise BadInput(f"'{target.name}' has no known format; use one of {', '.join(EXPORTS)}.")
    writer(run, target)
    return target


def origin_sentence(run: OperateRun) -> str:
    """Return a sentence on the provenance of the numbers."""
    facts, asked = run.facts, run.request
    hours = {
        "forecast": "Upcoming hours; energy and service are means over "
        f"{asked.samples} samples of the forecast, p10 and p90 bound their 80 % range",
        "backtest": f"Back-test: planned on forecasts, evaluated on {facts['provenance']} traffic",
    }[asked.mode]
    return (
        f"{hours}. Forecast by {facts['forecaster']}, policy {asked.policy}, power "
        f"{asked.power}, {facts['city']['provenance']} city '{facts['city']['name']}'. "
        f"Seed {asked.seed}."
    )


def attribution(run: OperateRun) -> str:
    """Return the attribution of the data behind the schedule."""
    return "; ".join(run.facts["attribution"]) or "none named"
