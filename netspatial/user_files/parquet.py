"""Parquet files of users: how much they hold unpacked, by their own account."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from netspatial.errors import BadInput, reason
from netspatial.user_files.content import check_content
from netspatial.user_files.limits import Limits


def check_parquet(path: Path, limits: Limits) -> pa.Schema:
    """Return the schema of a table that is held in memory; raise where it is too large."""
    schema, rows, columns = _header(path, limits)
    limits.check("rows", rows, f"'{path.name}'", "rows", "cut it to the area")
    limits.check(
        "values", rows * columns, f"'{path.name}'", "values", "keep the columns that are needed"
    )
    return schema


def check_streamed(path: Path, limits: Limits) -> pa.Schema:
    """Return the schema of a table that is read in batches, whatever its count of rows."""
    return _header(path, limits)[0]


def _header(path: Path, limits: Limits) -> tuple[pa.Schema, int, int]:
    """Return the schema, and how many rows and columns there are."""
    check_content(path, limits)
    try:
        with pq.ParquetFile(path.absolute()) as opened:
            columns, rows = opened.metadata.num_columns, opened.metadata.num_rows
            schema = opened.schema_arrow
    except (pa.ArrowException, OSError, ValueError) as error:
        raise BadInput(f"'{path.name}' is no Parquet file: {reason(error)}.") from error
    limits.check("columns", columns, f"'{path.name}'", "columns", "keep those that are needed")
    return schema, rows, columns
