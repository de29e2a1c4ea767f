"""`netspatial scenario`: files of scenarios, made and checked on the command line."""

import json

import pytest

from netspatial.scenario.files import read_scenario
from tests.scenario.made_up_scenarios import middle


@pytest.fixture
def file(call, tmp_path):
    """A new scenario."""
    path = tmp_path / "mall.json"
    assert call("scenario", "new", path, "--name", "Mall")[0] == 0
    return path


def test_changes_are_added_one_by_one(call, file, small_city):
    here = middle(small_city)
    at = f"--at={here['lon']},{here['lat']}"
    city = ("--city", small_city.folder)
    code, out, _ = call(
        "scenario", "add", file, "add_places", "--kind", "mall", "--count", 40, at, *city
    )
    assert code == 0
    assert "Change 1: A mall with 40 shops is built" in out
    code, out, _ = call("scenario", "add", file, "switch_off", "--station", "s1", *city)
    assert code == 0
    code, out, _ = call(
        "scenario", "add", file, "grow", "--factor", 1.3,
        f"--around={here['lon']},{here['lat']}", "--side-m", 400,
    )  # fmt: skip
    assert code == 0
    assert [change.change for change in read_scenario(file).changes] == [
        "add_places",
        "switch_off",
        "grow",
    ]
    code, out, _ = call("scenario", "show", file, *city)
    assert code == 0
    assert "Mall: 3 changes" in out
    assert "- Station 's1' is switched off." in out
    shown = json.loads(call("scenario", "show", file, "--json")[1])
    assert shown["name"] == "Mall"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("switch_off", "--station", "s9"), "the station 's9' is not in the city"),
        (("switch_off",), "station_id: Field required"),
        (("add_places", "--kind", "castle", "--count", "4", "--at=9.2,45.5"), "no kind 'castle'"),
        (("add_places", "--kind", "mall", "--count", "4", "--at=here"), "give lon,lat in degrees"),
        (("explode",), "explode"),
    ],
)
def test_a_wrong_change_leaves_the_file_as_it_was(call, file, small_city, words, said):
    before = file.read_bytes()
    code, _, err = call("scenario", "add", file, *words, "--city", small_city.folder)
    assert code == 2
    assert said in " ".join(err.split())
    assert file.read_bytes() == before


def test_a_file_is_not_replaced_by_a_new_scenario(call, file):
    code, _, err = call("scenario", "new", file, "--name", "Other")
    assert code == 2
    assert "exists" in err
    assert read_scenario(file).name == "Mall"
