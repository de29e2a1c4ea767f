"""How a text table is written: its separator, its header, its decimal sign.

Under every source that reads CSV. The header line decides the separator; numbers are never
guessed: a cell that is none is named with its row.
"""

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netspatial.errors import BadInput

SEPARATORS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Dialect:
    """The separator of a text table and the columns of its header."""

    separator: str
    columns: tuple[str, ...]


def sniff(path: Path) -> Dialect:
    """Read the header of a text table; `.gz` is unpacked."""
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        head = file.readline(1 << 16)
    try:
        line = head.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise BadInput(f"'{path.name}' is no text in UTF-8; save it as CSV in UTF-8.") from error
    if not line:
        raise BadInput(f"'{path.name}' has no header line.")
    separator = max(SEPARATORS, key=line.count)
    return Dialect(separator, tuple(name.strip().strip('"') for name in line.split(separator)))


def numbers(cells: pd.Series, decimal: str, where: str) -> NDArray[np.float64]:
    """Return cells as float64, empty ones as NaN; raise at the first that is no number.

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
            f"In {where} the {cells.name} of data row {row + 1} is '{text.iloc[row]}', no number "
            f"with the decimal sign '{decimal}'; the option decimal={other} names the other sign."
        )
    return values.to_numpy(dtype=np.float64, na_value=np.nan)
