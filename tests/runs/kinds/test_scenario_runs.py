"""Runs of a changed city: the request holds the scenario, the results say it and follow it."""

import json

import numpy as np
import pytest
import shapely

import netspatial
from netspatial.errors import BadInput
from netspatial.runs.jobs import loaded_models
from netspatial.runs.kinds import place_response
from netspatial.runs.kinds.place_response import with_place_response
from netspatial.runs.kinds.plan_comparison import compare
from netspatial.scenario.changed_city import apply
from netspatial.scenario.files import write_scenario
from netspatial.scenario.scenario import Scenario
from tests.scenario.made_up_scenarios import middle, scenario_of

SHORT = {"hours": 24, "forecaster": "hour-of-week", "samples": 4}


@pytest.fixture
def doubled(small_city) -> Scenario:
    """Demand of the whole city times two."""
    everywhere = shapely.box(*small_city.record.bounds).buffer(0.01)
    area = dict(shapely.geometry.mapping(everywhere))
    return scenario_of({"change": "grow", "factor": 2.0, "area": area}, name="Doubled")


def test_growth_multiplies_the_generated_traffic(plan_here, planned, doubled, tmp_path):
    file = tmp_path / "doubled.json"
    write_scenario(doubled, file)
    grown = plan_here(tmp_path / "grown", scenario=file)
    ids = grown.cells["cell_id"].tolist()
    before = planned.traffic_of(ids).to_numpy()
    np.testing.assert_array_equal(grown.traffic_of(ids).to_numpy(), 2 * before)
    assert grown.facts["scenario"][0] == "Scenario 'Doubled'."
    assert planned.facts["scenario"] == []
    assert "is multiplied by 2." in grown.report.read_text(encoding="utf-8")
    asked = compare(planned, grown).asked
    assert [name for name, _, _ in asked] == ["scenario"]
    assert asked[0][2]["name"] == "Doubled"
    with pytest.raises(BadInput, match="has another request"):
        plan_here(tmp_path / "grown")


def test_growth_multiplies_traffic_without_measured_stations(plan_here, doubled, tmp_path):
    alone = plan_here(tmp_path / "alone", measured=False)
    grown = plan_here(tmp_path / "grown", measured=False, scenario=doubled)
    ids = grown.cells["cell_id"].tolist()
    np.testing.assert_array_equal(
        grown.traffic_of(ids).to_numpy(), 2 * alone.traffic_of(ids).to_numpy()
    )


def test_a_scenario_that_does_not_fit_is_refused_before_a_run_exists(
    plan_here, small_city, tmp_path
):
    wrong = scenario_of({"change": "switch_off", "station_id": "s9"})
    with pytest.raises(BadInput, match="'s9' is not in the city"):
        plan_here(tmp_path / "wrong", scenario=wrong)
    with pytest.raises(BadInput, match="'s9' is not in the city"):
        netspatial.schedule_sleep(small_city, out=tmp_path / "wrong", scenario=wrong, **SHORT)
    assert not (tmp_path / "wrong").exists()


def test_operation_runs_the_changed_network(small_city, doubled, tmp_path):
    changes = [
        {"change": "switch_off", "station_id": "s1"},
        {"change": "upgrade_station", "station_id": "s3", "capacity": 4000.0},
    ]
    scenario = Scenario.read(
        {"name": "Later", "changes": [*changes, *doubled.model_dump(mode="json")["changes"]]}
    )
    usual = netspatial.schedule_sleep(small_city, out=tmp_path / "usual", **SHORT)
    later = netspatial.schedule_sleep(
        small_city, out=tmp_path / "later", scenario=scenario, **SHORT
    )
    assert later.request.stations == ("s0", "s2", "s3", "s4", "s5")
    assert later.summary["notes"][:2] == ["Scenario 'Later'.", "Station 's1' is switched off."]
    assert later.facts["scenario"] == later.facts["notes"][: len(later.facts["scenario"])]
    kept = list(later.request.stations)
    before = usual.schedule["demand"].sel(station=kept).sum("time")
    after = later.schedule["demand"].sum("time")
    assert (after >= 1.9 * before).all()
    stored = json.loads((tmp_path / "later" / "manifest.json").read_text())
    assert stored["request"]["scenario"]["name"] == "Later"


def test_stations_near_changed_places_answer_as_the_generator_expects(small_city, monkeypatch):
    asked = []

    def change(_before, after, places, *_):
        asked.append(len(after.pois))
        return np.log(np.linspace(1.1, 1.5, len(places)))

    monkeypatch.setattr(place_response, "expected_change", change)
    for load in ("warm_context", "warm_generator"):
        monkeypatch.setattr(loaded_models, load, lambda: None)
    place_response._response.cache_clear()
    mall = {"change": "add_places", "kind": "mall", "count": 30, **middle(small_city)}
    off = {"change": "switch_off", "station_id": "s5"}
    city = with_place_response(apply(small_city, scenario_of(mall, off)))
    assert asked == [50]
    ratio = city.measured("total")["total"] / small_city.measured("total")["total"]
    assert float(ratio.sel(station="s0").mean()) >= 1.1 - 1e-6
    only_off = apply(small_city, scenario_of(off))
    assert with_place_response(only_off) is only_off
    assert with_place_response(small_city) is small_city
    place_response._response.cache_clear()
