"""Telecom Italia's Milano and Trento activity, in its original format, streamed.

`--traffic telecom-italia:FOLDER` reads the provider's daily files (or one file): square, begin of
ten minutes in ms since 1970, country code, SMS in and out, calls in and out, internet; separated by
tabs, empty where nothing was recorded. Country codes are summed. Squares are stations; their places
come from `--stations milano-grid.geojson`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from netspatial.area import Area
from netspatial.errors import BadInput, reason
from netspatial.progress import Progress
from netspatial.sources.contract import Estimate, Fetched, SourceSettings
from netspatial.sources.hours import HourGrid, HourRules
from netspatial.sources.spec import Spec, on_disk
from netspatial.user_files.content import check_content

COLUMNS = ("square", "begin", "country", "sms_in", "sms_out", "call_in", "call_out", "internet")
SERVICES: dict[str, tuple[str, ...]] = {
    "internet": ("internet",),
    "call": ("call_in", "call_out"),
    "sms": ("sms_in", "sms_out"),
}
"""Services of a city and the provider's columns that are summed to them."""

UNIT = "activity"
"""Proportional to call detail records; the provider does not state the factor."""
CHUNK = 250_000
STEP_MS = 600_000


@dataclass(frozen=True)
class TelecomItalia:
    """The provider's files on disk, and the services to read."""

    files: tuple[Path, ...]
    services: tuple[str, ...]
    settings: SourceSettings

    def estimate(self, area: Area) -> Estimate:
        """Number and size of the files."""
        del area  # squares are matched with stations afterwards
        size = sum(file.stat().st_size for file in self.files) / 1e6
        return Estimate(f"{', '.join(self.services)} from {len(self.files)} files", size)

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Sum the rows to hours."""
        del area, work
        traffic, notes = self.hours(progress)
        return Fetched(
            data=traffic,
            licence="ODbL-1.0",
            attribution=("Telecom Italia, Big Data Challenge, ODbL 1.0",),
            notes=(
                "Rows of all country codes were summed; a square without a row has no traffic.",
                "Activity is proportional to call detail records, by an unstated factor.",
                *notes,
            ),
        )

    def hours(self, progress: Progress) -> tuple[xr.Dataset, list[str]]:
        """Hourly activity (station, time) of all squares, and notes on the rules applied.

        Only the hours stay in memory.
        """
        grid = HourGrid(self.services, self.settings.timezone, self.settings.limits)
        for number, file in enumerate(self.files):
            progress(f"reading {file.name}", number / len(self.files))
            check_content(file, self.settings.limits)
            for rows in _chunks(file, self.services):
                _add(rows, file, grid)
        return grid.traffic(HourRules(gaps="zero", duplicates="sum"), UNIT)


def build_telecom_italia(spec: Spec, settings: SourceSettings) -> TelecomItalia:
    """Make the source `telecom-italia:PATH` with the option services=internet,call,sms."""
    options = spec.take(("services",))
    services = tuple(options.get("services", ",".join(SERVICES)).split(","))
    unknown = [name for name in services if name not in SERVICES]
    if unknown:
        raise BadInput(f"There is no service '{unknown[0]}'; use {', '.join(SERVICES)}.")
    path = on_disk(spec.where)
    if path is not None and path.is_dir():
        kinds = (".txt", ".tsv", ".gz")
        files = tuple(file for file in sorted(path.iterdir()) if file.suffix in kinds)
        if not files:
            raise BadInput(f"There are no .txt, .tsv or .gz files in '{spec.where}'.")
    else:
        files = (spec.file(),)
    return TelecomItalia(files, services, settings)


def _chunks(file: Path, services: tuple[str, ...]) -> Iterator[pd.DataFrame]:
    """Yield rows with one column per service, missing values as 0; rows may end early."""
    types = {"square": "int32", "begin": "int64", "country": "int32"}
    types |= dict.fromkeys(COLUMNS[3:], "float64")
    try:
        with pd.read_csv(
            file,
            sep="\t",
            header=None,
            names=list(COLUMNS),
            dtype=types,
            chunksize=CHUNK,
            index_col=False,
        ) as reader:
            for chunk in reader:
                sums = {name: chunk[list(SERVICES[name])].sum(axis=1) for name in services}
                yield pd.DataFrame({"square": chunk["square"], "begin": chunk["begin"]} | sums)
    except (ValueError, OSError, EOFError) as error:
        raise BadInput(
            f"'{file.name}' is not in the format of Telecom Italia (square, ms since 1970, country "
            f"code, five values, by tabs): {reason(error)}."
        ) from error


def _add(rows: pd.DataFrame, file: Path, grid: HourGrid) -> None:
    begin = rows["begin"].to_numpy()
    if (begin % STEP_MS).any():
        raise BadInput(
            f"In '{file.name}' some rows do not begin at full ten minutes, in ms since 1970."
        )
    squares, which = np.unique(rows["square"].to_numpy(), return_inverse=True)
    station = grid.codes([str(square) for square in squares])[which]
    for number, name in enumerate(grid.services):
        grid.add(number, station, begin // 1000, rows[name].to_numpy(dtype=np.float64))
