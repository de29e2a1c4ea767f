"""The most that a user's file may hold, for uploads and for files named on the command line.

`docs/limits.md` shows these numbers.
"""

from dataclasses import asdict, dataclass
from typing import Any

from netspatial.errors import BadInput


@dataclass(frozen=True)
class Limits:
    """Upper bounds on one file, checked in its header before it is read. None: no bound.

    table_mb       : a table of places, MB on disk
    rows           : of a table of places, which is held in memory
    columns        : of any table
    values         : rows times columns of a table of places
    vertices       : of all shapes of a file
    crossings      : of the outlines of all shapes with themselves
    pixels         : read of an image
    bands          : of an image
    block_mb       : one tile or strip of an image, MB unpacked
    traffic_values : services times stations times hours
    members        : files in a zip archive
    unpacked_mb    : a zip archive or a gzip file, MB unpacked
    json_depth     : lists and objects inside each other
    text_length    : one text in a file, characters
    memory_mb      : of the process that reads, beside its libraries
    cpu_s          : of the process that reads, seconds of one core
    wall_s         : until the process that reads is ended, seconds
    open_files     : of the process that reads
    """

    table_mb: int
    rows: int
    columns: int
    values: int
    vertices: int
    crossings: int
    pixels: int
    bands: int
    block_mb: int
    traffic_values: int
    members: int
    unpacked_mb: int
    json_depth: int
    text_length: int
    memory_mb: int | None
    cpu_s: int | None
    wall_s: int | None
    open_files: int | None

    def to_json(self) -> dict[str, Any]:
        """Return the bounds by name."""
        return asdict(self)

    def check(self, name: str, found: float, subject: str, counted: str, advice: str) -> None:
        """Raise where a file holds more than the bound `name`.

        subject : the file, as the begin of the sentence
        counted : what the number counts
        advice  : what would be right, as the end of the sentence
        """
        most = getattr(self, name)
        if most is not None and found > most:
            raise BadInput(
                f"{subject} holds {found:,.0f} {counted}, more than the limit of {most:,}; "
                f"{advice}."
            )


UPLOAD = Limits(
    table_mb=100,
    rows=1_000_000,
    columns=10_000,
    values=20_000_000,
    vertices=5_000_000,
    crossings=1_000,
    pixels=200_000_000,
    bands=64,
    block_mb=100,
    traffic_values=20_000_000,
    members=64,
    unpacked_mb=500,
    json_depth=64,
    text_length=100_000,
    memory_mb=700,
    cpu_s=60,
    wall_s=600,
    open_files=256,
)
"""A file that somebody uploads to the app."""

COMMAND_LINE = Limits(
    table_mb=4_000,
    rows=10_000_000,
    columns=50_000,
    values=500_000_000,
    vertices=100_000_000,
    crossings=20_000,
    pixels=20_000_000_000,
    bands=256,
    block_mb=1_000,
    traffic_values=2_000_000_000,
    members=1_000,
    unpacked_mb=20_000,
    json_depth=64,
    text_length=1_000_000,
    memory_mb=None,
    cpu_s=None,
    wall_s=None,
    open_files=None,
)
"""A file that a user of this machine names on the command line or in Python."""
