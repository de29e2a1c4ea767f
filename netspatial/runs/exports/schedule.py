"""A schedule for other tools: rows for spreadsheets and data tools, NetCDF, stations on a map.

Each says what it is and whose data it rests on. One more format is one function and one line.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.geoparquet import read_frame
from netspatial.runs.exports.csv_table import harmless
from netspatial.runs.kinds.operating_result import SCHEDULE, SCHEDULE_TABLE, OperateRun
from netspatial.runs.tables import provenance


def write_csv(run: OperateRun, path: Path) -> None:
    """One row per station and hour, each with its origin; no text is taken for a formula."""
    rows = read_frame(run.run.made(SCHEDULE_TABLE, "schedule"))
    rows["station"] = rows["station"].map(harmless)
    rows = rows.assign(note=harmless(origin_sentence(run)), attribution=harmless(attribution(run)))
    with atomic_file(path) as draft:
        rows.to_csv(draft, index=False)


def write_geojson(run: OperateRun, path: Path) -> None:
    """The stations with what the schedule means for each, and the measures of the whole."""
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
"""From the ending of a file to its writer."""


def export_schedule(run: OperateRun, path: str | Path) -> Path:
    """Write a schedule to `path` in the format that its ending names."""
    target = Path(path)
    writer = EXPORTS.get(target.suffix.lower())
    if writer is None:
        raise BadInput(
            f"'{target.name}' names no format; give one of the endings {', '.join(EXPORTS)}."
        )
    writer(run, target)
    return target


def origin_sentence(run: OperateRun) -> str:
    """Say in plain words what the numbers are and are not."""
    facts, asked = run.facts, run.request
    hours = {
        "forecast": "The hours are yet to come; energy and service are means over "
        f"{asked.samples} samples of the forecast, p10 and p90 bound the middle 80 % of them",
        "backtest": f"Decided on forecasts, judged on {facts['provenance']} traffic",
    }[asked.when]
    return (
        f"{hours}. Forecast by {facts['forecaster']}, policy {asked.policy}, power "
        f"{asked.power}, {facts['city']['provenance']} city '{facts['city']['name']}'. "
        f"Seed {asked.seed}."
    )


def attribution(run: OperateRun) -> str:
    """Return whose data the schedule rests on."""
    return "; ".join(run.facts["attribution"]) or "none named"
