"""Dialect of a text table: separator, header and decimal sign.

Used by every source that reads CSV. The header line decides the separator; numbers are never
guessed: a cell that is not a number is reported with its row.
"""

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from netspatial.arrays import Floats
from netspatial.errors import BadInput, reason
from netspatial.user_files.content import check_content
from netspatial.user_files.limits import Limits

SEPARATORS = (",", ";", "\t", "|")
LONGEST_NAME = 100
"""Bytes of a column's name, on average."""


@dataclass(frozen=True)
class Dialect:
    """The separator of a text table and the columns of its header."""

    separator: str
    columns: tuple[str, ...]


def sniff(path: Path, limits: Limits) -> Dialect:
    """Read the header of a text table; `.gz` is unpacked."""
    longest = limits.columns * LONGEST_NAME
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            head = file.readline(longest + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"'{path.name}' cannot be unpacked: {reason(error)}.") from error
    if len(head) > longest:
        raise BadInput(
            f"The header of '{path.name}' is longer than {longest / 1e6:g} MB; give a table."
        )
    try:
        line = head.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise BadInput(f"'{path.name}' is not UTF-8 text; save it as CSV in UTF-8.") from error
    if not line:
        raise BadInput(f"'{path.name}' has no header line.")
    separator = max(SEPARATORS, key=line.count)
    columns = tuple(name.strip().strip('"') for name in line.split(separator))
    limits.check("columns", len(columns), f"'{path.name}'", "columns", "keep those that are needed")
    return Dialect(separator, columns)


def read_texts(path: Path, limits: Limits) -> pd.DataFrame:
    """Return a table whose cells are all texts."""
    check_content(path, limits)
    dialect = sniff(path, limits)
    most = min(limits.rows, limits.values // len(dialect.columns))
    try:
        table = pd.read_csv(
            path,
            sep=dialect.separator,
            dtype="string",
            encoding="utf-8-sig",
            on_bad_lines="error",
            nrows=most + 1,
        )
    except (OSError, ValueError, EOFError) as error:
        raise BadInput(f"'{path.name}' cannot be read as a table: {reason(error)}.") from error
    if len(table) > most:
        raise BadInput(
            f"'{path.name}' holds more than {most:,} rows of {len(dialect.columns)} columns; cut "
            "it to the area."
        )
    return table


def numbers(cells: pd.Series, decimal: str, where: str) -> Floats:
    """Return cells as float64, empty ones as NaN; raise at the first that is not a number.

    decimal : the decimal sign, '.' or ','
    """
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return cells.to_numpy(dtype=np.float64, na_value=np.nan)
    text = cells.astype("string").str.strip()
    written = text if decimal == "." else text.str.replace(".", "?").str.replace(",", ".")
    values = pd.to_numeric(written, errors="coerce")
    wrong = values.isna() & text.notna() & (text != "") & (text.str.lower() != "nan")
    if wrong.any():
        row = int(np.flatnonzero(wrong.to_numpy())[0])
        other = "." if decimal == "," else ","
        raise BadInput(
            f"In {where} the {cells.name} of data row {row + 1} is '{text.iloc[row]}', not a "
            f"number with the decimal sign '{decimal}'; decimal={other} sets the other sign."
        )
    return values.to_numpy(dtype=np.float64, na_value=np.nan)
