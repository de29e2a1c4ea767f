"""A scenario's file and checks: what is read is what was written, and one sentence per mistake."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.errors import BadInput
from netspatial.scenario.files import given_scenario, read_scenario, write_scenario
from netspatial.scenario.place_kinds import PLACE_KINDS
from netspatial.scenario.scenario import CHANGES, MAX_CHANGES, Scenario
from tests.scenario.made_up_scenarios import every_change, scenario_of

HERE = {"lon": 9.19, "lat": 45.46}
MALL = {"change": "add_places", "kind": "mall", "count": 40, **HERE}
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[9.18, 45.46], [9.19, 45.46], [9.19, 45.47], [9.18, 45.46]]],
}

WRONG = {
    "an unknown change": ([{"change": "explode"}], "explode"),
    "an unknown kind": ([{**MALL, "kind": "castle"}], "there is no kind 'castle'; the kinds are"),
    "an unknown kind to remove": (
        [{"change": "remove_places", "radius_m": 50, "kind": "castles", **HERE}],
        "there is no kind 'castles'",
    ),
    "no places": ([{**MALL, "count": 0}], "count: Input should be greater than or equal to 1"),
    "no place": ([{k: v for k, v in MALL.items() if k != "lon"}], "lon: Field required"),
    "another field": ([{**MALL, "colour": "red"}], "colour: Extra inputs are not permitted"),
    "negative growth": (
        [{"change": "grow", "factor": -0.5, "area": SQUARE}],
        "factor: Input should be greater than 0",
    ),
    "growth of no area": ([{"change": "grow", "factor": 2, "area": {"type": "Dot"}}], ""),
    "moved twice": (
        [{"change": "move_station", "station_id": "s1", **HERE}] * 2,
        "the station 's1' is moved more than once",
    ),
    "removed and upgraded": (
        [
            {"change": "switch_off", "station_id": "s1"},
            {"change": "upgrade_station", "station_id": "s1", "capacity": 5},
        ],
        "the station 's1' is both switched off and upgraded",
    ),
    "added and switched off": (
        [
            {"change": "add_station", "station_id": "n", "capacity": 5, **HERE},
            {"change": "switch_off", "station_id": "n"},
        ],
        "the station 'n' is both added and switched off",
    ),
    "no capacity": (
        [{"change": "upgrade_station", "station_id": "s1", "capacity": 0}],
        "capacity: Input should be greater than 0",
    ),
    "too many changes": ([MALL] * (MAX_CHANGES + 1), f"at most {MAX_CHANGES} items"),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_is_one_sentence(mistake, tmp_path):
    changes, said = WRONG[mistake]
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps({"name": "wrong", "changes": changes}))
    with pytest.raises(BadInput) as raised:
        read_scenario(file)
    sentence = str(raised.value)
    assert said in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_changes_need_a_name_and_the_empty_scenario_does_not():
    assert given_scenario(None) == Scenario()
    with pytest.raises(BadInput, match="needs a name"):
        Scenario.read({"changes": [MALL]})
    with pytest.raises(BadInput, match="needs a name"):
        write_scenario(Scenario(), "nowhere.json")


def test_a_scenario_is_read_as_it_was_written(small_city, tmp_path):
    scenario = scenario_of(*every_change(small_city), name="Alles neu")
    assert {change.change for change in scenario.changes} == set(CHANGES)
    file = tmp_path / "scenario.json"
    write_scenario(scenario, file)
    assert read_scenario(file) == scenario == given_scenario(file)
    assert Scenario.read(scenario.model_dump(mode="json")) == scenario
    assert len(scenario.sentences) == len(scenario.changes)
    assert all(sentence.endswith(".") for sentence in scenario.sentences)


@given(kind=st.sampled_from(list(PLACE_KINDS)), count=st.integers(1, 3000))
def test_places_have_the_mix_of_their_kind(kind, count):
    described = PLACE_KINDS[kind]
    places = described.places(count)
    assert len(places) == max(1, round(count / described.units_per_place))
    weights = described.categories
    total = sum(weights.values())
    for category, weight in weights.items():
        expected = len(places) * weight / total
        assert abs((places == category).sum() - expected) <= 1.5
