"""JSON that is spoilt with its grammar kept: wrong types, missing members, strange numbers."""

import json
from pathlib import Path
from typing import Any

from netspatial.evaluate.robustness.spoil.contract import Chance, Spoil, one_of

DEEP = 100_000
LONG = "9" * 400
SURROGATE = "\ud800"
VALUES: tuple[object, ...] = (
    None,
    True,
    -1,
    0,
    1.5,
    float("nan"),
    float("inf"),
    -float("inf"),
    1e308,
    10**30,
    -(10**18),
    int(LONG),
    "",
    " ",
    "x",
    "[/]",
    "[bold]x",
    SURROGATE,
    "x" * 5000,
    "\x00",
    "../../up",
    "/",
    "NaN",
    "nan",
    "Europe/Nowhere",
    "EPSG:0",
    [],
    [None],
    ["x"],
    [[]],
    [1, 2, 3],
    {},
    {"": 0},
    {"type": "x"},
    "<script>alert(1)</script>",
    "\u202e",
    "\n\n",
    2**63,
    -(2**63) - 1,
)
"""What is put in the place of a value."""
TEXTS = (
    "",
    "null",
    "[]",
    "{}",
    "0",
    '"x"',
    "{",
    '{"a":',
    "[1, 2",
    "nul",
    "NaN",
    "{'a': 1}",
    "\ufeff{}",
    "[" * DEEP,
    '{"a":' * DEEP,
    "[" * DEEP + "]" * DEEP,
    '{"a":' * DEEP + "1" + "}" * DEEP,
    LONG,
    '{"type": "FeatureCollection", "features": ' + "[" * DEEP + "]" * DEEP + "}",
)
"""What is put in the place of a whole file."""

Spot = tuple[str | int, ...]


def spots(value: Any, above: Spot = ()) -> list[Spot]:
    """Return where values stand in a document, branches and leaves, its root left out."""
    pairs = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value[:20]))
        if isinstance(value, list)
        else []
    )
    found: list[Spot] = []
    for name, inner in pairs:
        found += [(*above, name), *spots(inner, (*above, name))]
    return found


def _at(document: Any, chance: Chance) -> tuple[Any, str | int] | None:
    """Return a branch of the document and the place in it of some value; None where it has none.

    Places near the root are as likely as the many below them.
    """
    found = spots(document)
    if not found:
        return None
    depths = sorted({len(spot) for spot in found})
    depth = depths[int(chance.integers(len(depths)))]
    level = [spot for spot in found if len(spot) == depth]
    *way, last = level[int(chance.integers(len(level)))]
    branch = document
    for step in way:
        branch = branch[step]
    return branch, last


def _change(path: Path, chance: Chance, how: str) -> None:
    document = json.loads(path.read_bytes())
    place = _at(document, chance)
    if place is None:
        return
    branch, last = place
    if how == "value":
        branch[last] = one_of(chance, VALUES)
    elif how == "gone":
        del branch[last]
    elif isinstance(branch, dict):
        branch[f"{last}{one_of(chance, ('_', SURROGATE, ' ', '[/]'))}"] = branch.pop(last)
    else:
        branch.append(one_of(chance, VALUES))
    path.write_text(json.dumps(document))


def _deep(path: Path, chance: Chance) -> None:
    """Put a value nested deeper than any reader goes in the place of another."""
    document = json.loads(path.read_bytes())
    place = _at(document, chance)
    if place is None:
        return
    branch, last = place
    branch[last] = "@deep@"
    brackets = (("[", "]"), ('{"a":', "}"))[int(chance.integers(2))]
    many = int(one_of(chance, (500, 990, 1100, 5000, DEEP)))  # type: ignore[call-overload]
    inner = "0" if brackets[0] != "[" else ""
    nested = brackets[0] * many + inner + brackets[1] * many
    path.write_text(json.dumps(document).replace('"@deep@"', nested))


def _twice(path: Path, chance: Chance) -> None:
    """Name the first member twice, the second time with another value."""
    text = path.read_text().lstrip()
    document = json.loads(text)
    if isinstance(document, dict) and document:
        name = json.dumps(next(iter(document)))
        other = json.dumps(one_of(chance, VALUES))
        path.write_text(f"{text.rstrip().removesuffix('}')}, {name}: {other}}}")


def _whole(path: Path, chance: Chance) -> None:
    path.write_text(TEXTS[int(chance.integers(len(TEXTS)))])


JSON = (
    Spoil("another value", lambda path, chance: _change(path, chance, "value")),
    Spoil("a member gone", lambda path, chance: _change(path, chance, "gone")),
    Spoil("a member of another name", lambda path, chance: _change(path, chance, "name")),
    Spoil("a deep value", _deep),
    Spoil("a member twice", _twice),
    Spoil("another document", _whole, refused=True),
)
