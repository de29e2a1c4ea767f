"""Tables and markup in text, spoilt by cell, by row and by character."""

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

from netspatial.evaluate.robustness.spoil.contract import Chance, Spoil, one_of

CELLS = (
    "",
    " ",
    "x",
    "nan",
    "inf",
    "-inf",
    "1e308",
    "-1",
    "9" * 400,
    "0x10",
    "1,5",
    "1.2.3",
    "[/]",
    "x" * 5000,
    "\x00",
    "é",
    "\u202e",
    "'",
    '"',
    "=1+1",
    "2024-02-30T00:00:00Z",
    "1e400",
    "999999-01-01",
    "0000-00-00",
    "2024-01-01T00:00:00+99:00",
    "١٢",
    "NULL",
    "None",
    "true",
)
Rows = list[list[str]]


def _read(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def _rows(change: Callable[[Rows, Chance], None]) -> Callable[[Path, Chance], None]:
    """Make of a change of rows one of a file."""

    def work(path: Path, chance: Chance) -> None:
        text = _read(path).decode()
        tab = "\t" if path.suffix == ".txt" else ","
        rows = [*csv.reader(io.StringIO(text), delimiter=tab)]
        change(rows, chance)
        out = io.StringIO()
        csv.writer(out, delimiter=tab, lineterminator="\n").writerows(rows)
        _write(path, out.getvalue().encode())

    return work


def _pick(chance: Chance, count: int) -> int:
    return int(chance.integers(max(count, 1)))


def _cell(rows: Rows, chance: Chance) -> None:
    row = rows[_pick(chance, min(len(rows), 50))]
    row[_pick(chance, len(row))] = str(one_of(chance, CELLS))


def _column(rows: Rows, chance: Chance) -> None:
    at, value = _pick(chance, len(rows[0])), str(one_of(chance, CELLS))
    for row in rows[1:]:
        row[at] = value


def _no_column(rows: Rows, chance: Chance) -> None:
    at = _pick(chance, len(rows[0]))
    for row in rows:
        del row[at]


def _same_names(rows: Rows, chance: Chance) -> None:
    rows[0][_pick(chance, len(rows[0]))] = rows[0][0]


def _ragged(rows: Rows, chance: Chance) -> None:
    for _ in range(3):
        row = rows[_pick(chance, len(rows))]
        row += ["x"] * _pick(chance, 5)
        del row[_pick(chance, len(row) + 1) :]


def _head_only(rows: Rows, chance: Chance) -> None:
    del rows[_pick(chance, 2) :]


def _rows_twice(rows: Rows, chance: Chance) -> None:
    first = 1 + _pick(chance, len(rows) - 1)
    rows += [list(row) for row in rows[first:]]


def _many_columns(rows: Rows, chance: Chance) -> None:
    many = int(chance.integers(1000, 30_000))
    rows[0] += [f"c{number}" for number in range(many)]
    del rows[3:]
    for row in rows[1:]:
        row.extend(["1"] * many)


def _character(path: Path, chance: Chance) -> None:
    content = bytearray(_read(path))
    for _ in range(int(chance.integers(1, 6))):
        at = _pick(chance, len(content) + 1)
        content[at:at] = (b'"', b"\xff", b"\x00", b"\r", b"<", b"&", b">", b",", b"\n\n")[
            int(chance.integers(9))
        ]
    _write(path, bytes(content))


def _encoding(path: Path, chance: Chance) -> None:
    name = ("utf-16", "utf-16-le", "utf-32", "cp037")[int(chance.integers(4))]
    _write(path, _read(path).decode(errors="replace").encode(name, errors="replace"))


TEXT = (Spoil("characters put in", _character), Spoil("another encoding", _encoding))
CSV = (
    Spoil("another cell", _rows(_cell)),
    Spoil("a column of one value", _rows(_column)),
    Spoil("a column gone", _rows(_no_column)),
    Spoil("two columns of one name", _rows(_same_names)),
    Spoil("rows of other lengths", _rows(_ragged)),
    Spoil("no rows", _rows(_head_only)),
    Spoil("rows twice", _rows(_rows_twice)),
    Spoil("many columns", _rows(_many_columns)),
    *TEXT,
)
