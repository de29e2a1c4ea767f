"""`netspatial licences`: the licences of all packages that NetSpatial needs."""

import json
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Annotated

import typer
from packaging.requirements import Requirement
from rich import box
from rich.console import Console
from rich.table import Table

SHORT = 60
"""Maximum characters; some packages give the text of their licence as its name."""


def licences(
    extra: Annotated[
        list[str] | None, typer.Option(help="Also the packages of this extra; repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the installed packages that NetSpatial needs, with versions and licences."""
    rows = [
        {"package": it.metadata["Name"], "version": it.version, "licence": licence_of(it)}
        for it in needed("netspatial", tuple(extra or ()))
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("package", "version", "licence"):
        table.add_column(head)
    for row in rows:
        table.add_row(*row.values())
    Console().print(table)


def needed(name: str, extras: tuple[str, ...]) -> list[Distribution]:
    """Return a package and all installed packages that it needs, by name."""
    found: dict[str, Distribution] = {}
    left = [(name, extras)]
    while left:
        package, wanted = left.pop()
        known = _plain(package) in found
        if known and not wanted:
            continue
        try:
            there = distribution(package)
        except PackageNotFoundError:  # for another system, or of an extra that is not installed
            continue
        found[_plain(package)] = there
        left += [
            (need.name, tuple(need.extras))
            for need in _needs(there, wanted)
            if _plain(need.name) not in found or need.extras
        ]
    return [found[key] for key in sorted(found)]


def licence_of(package: Distribution) -> str:
    """Return a package's licence from its metadata: expression, classifiers, or first line."""
    metadata = package.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    names = [
        line.rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License :: ") and line != "License :: OSI Approved"
    ]
    lines = metadata["License"].strip().splitlines() if "License" in metadata else []
    return "; ".join(names) or (lines[0][:SHORT] if lines else "not stated")


def _needs(package: Distribution, extras: tuple[str, ...]) -> Iterator[Requirement]:
    for line in package.requires or []:
        need = Requirement(line)
        if need.marker is None or any(
            need.marker.evaluate({"extra": extra}) for extra in ("", *extras)
        ):
            yield need


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
