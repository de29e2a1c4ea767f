"""Traffic from a user's table: the common part of tidy and wide layouts.

Used by `traffic_tidy` and `traffic_wide`. CSV and Parquet are read in batches, so that memory
grows with the hours, not with the file.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from netspatial.area import Area
from netspatial.arrays import Floats, Indices, Mask
from netspatial.errors import BadInput, reason
from netspatial.progress import Progress
from netspatial.sources.clock import NOWHERE, Clock
from netspatial.sources.contract import NOT_STATED, Estimate, Fetched, SourceSettings
from netspatial.sources.csv_dialect import sniff
from netspatial.sources.gaps import GAPS
from netspatial.sources.hours import HourGrid, HourRules
from netspatial.sources.spec import Spec
from netspatial.user_files.content import check_content
from netspatial.user_files.parquet import check_streamed

BATCH_BYTES = 2 << 20
"""Arrow reads up to 32 such blocks ahead."""
BATCH_VALUES = 1_000_000
TIME = ("time", "timestamp", "datetime", "date_time", "hour", "date")

OPTIONS = (
    "time",
    "unit",
    "clock",
    "format",
    "decimal",
    "aggregate",
    "gaps",
    "duplicates",
    "service",
    "licence",
    "attribution",
)
"""Options of every table of traffic; `clock` is the time zone of stamps without an offset."""

AddAll = Callable[["TrafficFile", HourGrid, Clock, Progress], list[str]]
"""Adds all rows of a file to the hours and returns notes."""


@dataclass(frozen=True)
class TrafficFile:
    """A table of measured traffic on disk.

    add_all  : adds the rows of the layout
    services : returns the services of the file, before its values are read
    """

    path: Path
    settings: SourceSettings
    rules: HourRules
    options: dict[str, str]
    services: Callable[["TrafficFile"], list[str]]
    add_all: AddAll

    def estimate(self, area: Area) -> Estimate:
        """Size of the file."""
        del area  # stations are matched afterwards
        return Estimate(f"traffic from {self.path.name}", self.path.stat().st_size / 1e6)

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Read all rows and aggregate them to hours."""
        del area, work
        check_content(self.path, self.settings.limits)
        grid = HourGrid(self.services(self), self.settings.timezone, self.settings.limits)
        clock = Clock(self.options.get("clock", self.settings.timezone), self.options.get("format"))
        try:
            notes = self.add_all(self, grid, clock, progress)
            traffic, hour_notes = grid.traffic(self.rules, self.options.get("unit", NOT_STATED))
        except BadInput as error:
            raise BadInput(f"In '{self.path.name}': {error}") from error
        return Fetched(
            data=traffic,
            licence=self.options.get("licence", NOT_STATED),
            attribution=tuple(filter(None, [self.options.get("attribution")])),
            notes=(*notes, *hour_notes),
        )

    def batches(
        self, columns: list[str], values: list[str], progress: Progress
    ) -> Iterator[pa.RecordBatch]:
        """Yield the columns in batches: `values` as float64, the others as distinct words."""
        words = [name for name in columns if name not in values]
        read = 0
        total = max(self.path.stat().st_size, 1)
        for batch in _parts(self, columns, words, values):
            yield batch
            read += batch.nbytes
            progress(f"reading {self.path.name}", min(0.99, read / total))

    def columns(self) -> list[str]:
        """Return the file's columns."""
        if self.path.suffix == ".parquet":
            return list(check_streamed(self.path, self.settings.limits).names)
        return list(sniff(self.path, self.settings.limits).columns)


def build_traffic_file(
    spec: Spec,
    settings: SourceSettings,
    services: Callable[[TrafficFile], list[str]],
    add_all: AddAll,
    more: tuple[str, ...] = (),
) -> TrafficFile:
    """Make a source of traffic from a file, with the rules in its options."""
    options = spec.take((*OPTIONS, *more))
    rules = HourRules(
        aggregate=cast(
            'Literal["sum", "mean"]', _one_of(options, "aggregate", ("sum", "mean"), "sum")
        ),
        gaps=_one_of(options, "gaps", tuple(GAPS), "refuse"),
        duplicates=cast(
            'Literal["refuse", "sum"]', _one_of(options, "duplicates", ("refuse", "sum"), "refuse")
        ),
    )
    if options.get("decimal", ".") not in (".", ","):
        raise BadInput(f"The option decimal is '{options['decimal']}'; '.' or ',' would be right.")
    return TrafficFile(spec.file(), settings, rules, options, services, add_all)


def distinct(column: pa.Array) -> tuple[list[str], Indices]:
    """Return the distinct words of a column and the index of each row's word."""
    if column.null_count:
        raise BadInput("a row has no station, time or service.")
    coded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    words = [
        word if isinstance(word, str) else _written(word) for word in coded.dictionary.to_pylist()
    ]
    return words, np.asarray(coded.indices, dtype=np.int64)


def real_times(seconds: Indices, values: Floats) -> tuple[Mask, int]:
    """Return which times exist, (n,), and the number of the others.

    seconds : (n,), `NOWHERE` for a time that does not exist
    values  : (..., n)

    A clock that is put forward skips an hour. Rows of this hour without traffic come from calendars
    without daylight saving; rows with traffic mean that the stamps use another clock.
    """
    real = seconds != NOWHERE
    if (values[..., ~real] > 0).any():
        raise BadInput(
            "there is traffic in an hour that the local clock skips in spring; the stamps use "
            "another clock, for example clock=UTC."
        )
    return real, int((~real).sum())


def never_note(count: int) -> list[str]:
    """Return the note on rows of an hour that does not exist."""
    return [f"{count} empty rows of hours that the clock skips were left out."] if count else []


def _one_of(options: dict[str, str], name: str, known: tuple[str, ...], default: str) -> str:
    value = options.get(name, default)
    if value not in known:
        raise BadInput(f"The option {name} is '{value}'; use one of {', '.join(known)}.")
    return value


def _parts(
    file: TrafficFile, columns: list[str], words: list[str], values: list[str]
) -> Iterator[pa.RecordBatch]:
    path, decimal = file.path, file.options.get("decimal", ".")
    types = {name: pa.dictionary(pa.int32(), pa.string()) for name in words}
    types |= dict.fromkeys(values, pa.float64())
    try:
        if path.suffix == ".parquet":
            rows = max(1, BATCH_VALUES // len(columns))
            for batch in pq.ParquetFile(path).iter_batches(rows, columns=columns):
                yield pa.record_batch(
                    [
                        batch[name] if name in words else pc.cast(batch[name], pa.float64())
                        for name in columns
                    ],
                    names=columns,
                )
            return
        yield from pa.csv.open_csv(
            path,
            read_options=pa.csv.ReadOptions(block_size=BATCH_BYTES),
            parse_options=pa.csv.ParseOptions(
                delimiter=sniff(path, file.settings.limits).separator
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=types,
                include_columns=columns,
                decimal_point=decimal,
                strings_can_be_null=True,
                null_values=["", "NaN", "nan", "NA", "null"],
            ),
        )
    except (pa.ArrowException, KeyError, OSError) as error:
        other = "," if decimal == "." else "."
        advice = f"; decimal={other} sets the other sign" if "double" in str(error) else ""
        raise BadInput(f"the table cannot be read: {reason(error)}{advice}.") from error


def _written(word: object) -> str:
    return word.isoformat() if hasattr(word, "isoformat") else str(word)
