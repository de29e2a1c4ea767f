"""GeoPackages of users: plain tables, without views that compute what they seem to hold."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from netspatial.errors import BadInput, reason

PLAIN = ("table", "index", "trigger")
"""What one may consist of; a trigger does nothing where nothing is written."""
COMPUTED = (2, 3)
"""How SQLite marks generated columns."""


def check_geopackage(path: Path, called: str) -> None:
    """Raise where a database holds views, virtual tables but R-trees, or computed columns.

    called : its name for people, where `path` is a link to it or a copy
    """
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            parts = database.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
            computed = [
                name for kind, name, sql in parts if _computes(database, kind, name, str(sql or ""))
            ]
    except sqlite3.Error as error:
        raise BadInput(f"'{called}' is not a GeoPackage: {reason(error)}.") from error
    if computed:
        raise BadInput(
            f"'{called}' holds '{computed[0]!s:.60}', whose rows are computed; save its layers "
            "as plain tables."
        )


def _computes(database: sqlite3.Connection, kind: str, name: str, sql: str) -> bool:
    if kind not in PLAIN:
        return True
    if kind != "table":
        return False
    if sql.lower().lstrip().startswith("create virtual"):
        return " using rtree" not in " ".join(sql.lower().split())
    columns = database.execute("SELECT hidden FROM pragma_table_xinfo(?)", (name,)).fetchall()
    return any(hidden in COMPUTED for (hidden,) in columns)
