"""The limits that the docs show are those that hold."""

from pathlib import Path

import pytest

from netspatial.errors import BadInput
from netspatial.ui.cities.upload_kinds import MAX_MB
from netspatial.user_files.limits import COMMAND_LINE, UPLOAD, Limits

SHOWN = (Path(__file__).parents[2] / "docs" / "limits.md").read_text()


@pytest.mark.parametrize("name", list(UPLOAD.to_json()))
def test_the_docs_show_every_limit(name: str) -> None:
    (row,) = [line for line in SHOWN.splitlines() if f"`{name}`" in line]
    columns = [column.strip() for column in row.strip("|").split("|")][2:]
    metadata = [limits.to_json()[name] for limits in (UPLOAD, COMMAND_LINE)]
    assert columns == ["none" if most is None else f"{most:,}" for most in metadata]


def test_the_docs_show_the_sizes_of_uploads() -> None:
    assert MAX_MB == {
        "imagery": 200,
        "pois": 100,
        "stations": 50,
        "traffic": 200,
        "landuse": 100,
    }
    assert "200 MB for imagery and for traffic, 100 MB for places" in SHOWN


def test_what_reaches_a_limit_is_let_through_and_more_is_not() -> None:
    limits = Limits(**{**UPLOAD.to_json(), "rows": 10, "cpu_s": None})
    limits.check("rows", 10, "It", "rows", "cut it")
    limits.check("cpu_s", 1e9, "It", "seconds", "wait")
    with pytest.raises(BadInput, match=r"^It holds 11 rows, more than the limit of 10; cut it\.$"):
        limits.check("rows", 11, "It", "rows", "cut it")
