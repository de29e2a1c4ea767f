"""Every package that NetSpatial needs is listed with its licence, and so are the weights."""

import json
import re
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from netspatial.cli.licences import licence_of, needed
from netspatial.weights import licence_of_weights

ASSETS = Path(__file__).parents[2] / "assets"


def test_all_that_is_needed_is_listed_once_with_a_licence(call) -> None:
    code, out, _ = call("licences", "--json")
    assert code == 0
    rows = {row["package"].lower(): row["licence"] for row in json.loads(out)}
    assert len(rows) == len(json.loads(out)) > 50
    assert rows["netspatial"] == "MIT"
    assert {"torch", "streamlit", "numpy", "starlette"} <= rows.keys()
    assert "pytest" not in rows
    assert all(rows.values())


def test_an_extra_adds_its_packages() -> None:
    names = {it.metadata["Name"].lower() for it in needed("netspatial", ("web",))}
    assert "osmnx" in names
    assert "osmnx" not in {it.metadata["Name"].lower() for it in needed("netspatial", ())}


@pytest.mark.parametrize(
    ("line", "licence"),
    [
        ("License-Expression: MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("Classifier: License :: OSI Approved :: BSD License", "BSD License"),
        ("License: MIT\n Permission is hereby granted", "MIT"),
        ("Summary: a package", "not stated"),
    ],
)
def test_a_licence_is_read_from_the_metadata_of_a_package(tmp_path: Path, line, licence) -> None:
    (tmp_path / "METADATA").write_text(f"Metadata-Version: 2.4\nName: one\nVersion: 1\n{line}\n")
    assert licence_of(PathDistribution(tmp_path)) == licence


@pytest.mark.parametrize("card", sorted(ASSETS.glob("*/*/card.md")), ids=lambda p: p.parent.name)
def test_the_card_of_bundled_weights_states_their_licence(card: Path) -> None:
    assert re.search(r"^(- )?Licence of the weights: MIT", card.read_text(), re.MULTILINE)


def test_weights_are_as_free_as_their_data() -> None:
    assert licence_of_weights(["CC0-1.0"]) == "Licence of the weights: MIT, as NetSpatial."
    assert "ODbL" in licence_of_weights(["CC0-1.0", "ODbL"])
