"""JSON from outside: missing, unknown, too deep or wrongly typed members are refused."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.checked import as_kind, from_json, read_json
from netspatial.errors import BadInput


@dataclass(frozen=True)
class Inner:
    width: int
    rings: tuple[float, ...] = (1.0,)


@dataclass(frozen=True)
class Outer:
    inner: Inner
    facts: dict[str, Any]


GOOD = {"inner": {"width": 3, "rings": [1, 2.5]}, "facts": {"anything": [None, "x"]}}


def test_good_json_becomes_the_dataclass() -> None:
    found = from_json(json.dumps(GOOD), Outer, "it")
    assert found == Outer(Inner(3, (1.0, 2.5)), {"anything": [None, "x"]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[" * 100_000, "recursion limit"),
        ('{"a":' * 100_000, "recursion limit"),
        ('{"inner": "\\ud800"}', "not valid JSON"),
        ("NaN", "not valid JSON"),
        ("null", "Input should be"),
        ('{"facts": {}}', "inner: Field required"),
        ('{"inner": {"width": 1}, "facts": {}, "more": 1}', "more: Unexpected"),
        ('{"inner": {"width": 1, "more": 1}, "facts": {}}', "inner.more: Unexpected"),
        ('{"inner": {"width": true}, "facts": {}}', "inner.width: Input should be a valid integer"),
        ('{"inner": {"width": "1"}, "facts": {}}', "inner.width"),
        ('{"inner": {"width": 1, "rings": [1e999]}, "facts": {}}', "finite number"),
        ('{"inner": {"width": 1, "rings": [' + "9" * 400 + ']}, "facts": {}}', "finite number"),
    ],
)
def test_the_error_has_the_place_of_the_problem(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=r"^The file is not valid.*\.$") as refused:
        from_json(text, Outer, "The file")
    assert message in str(refused.value)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_a_document_that_is_not_an_object_is_refused(document: object) -> None:
    with pytest.raises(BadInput, match=r"^it is not valid"):
        as_kind(document, Inner, "it")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.json"):
        with pytest.raises(BadInput, match=path.name):
            read_json(path, dict)
