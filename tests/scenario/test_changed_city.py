"""A changed city: the changes, nothing but the changes, in any order, and never on disk."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.city.city import City
from netspatial.city.fingerprint import city_fingerprint
from netspatial.context.features.categories import kind_of
from netspatial.errors import BadInput, MissingPart
from netspatial.scenario.changed_city import ChangedCity, apply, scenario_notes, with_response
from netspatial.scenario.scenario import Scenario
from tests.scenario.made_up_scenarios import every_change, middle, scenario_of, western_half


def digest(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }


def changed(city: City, *changes: dict) -> ChangedCity:
    found = apply(City.open(city.folder), scenario_of(*changes))
    assert isinstance(found, ChangedCity)
    return found


def test_an_empty_scenario_is_the_city_itself(small_city):
    assert apply(small_city, Scenario()) is small_city
    assert apply(small_city, Scenario(name="nothing yet")) is small_city
    assert scenario_notes(small_city) == []


def test_a_part_that_no_change_concerns_is_the_same_bit_for_bit(small_city):
    mall = {"change": "add_places", "kind": "mall", "count": 5, **middle(small_city)}
    with_mall = changed(small_city, mall)
    assert with_mall.stations.equals(small_city.stations)
    xr.testing.assert_identical(with_mall.measured("total"), small_city.measured("total"))
    bigger = {"change": "upgrade_station", "station_id": "s1", "capacity": 4000.0}
    upgraded = changed(small_city, bigger)
    assert upgraded.pois.equals(small_city.pois)
    xr.testing.assert_identical(upgraded.measured("data"), small_city.measured("data"))
    window = small_city.imagery.view(small_city.imagery.bounds, small_city.crs, gsd_m=20.0)
    seen = upgraded.imagery.view(small_city.imagery.bounds, small_city.crs, gsd_m=20.0)
    np.testing.assert_array_equal(seen.rgb, window.rgb)


@settings(max_examples=8)
@given(order=st.permutations(range(7)))
def test_the_order_of_changes_has_no_effect(small_city, order):
    all_changes = every_change(small_city)
    first = changed(small_city, *all_changes)
    second = changed(small_city, *(all_changes[at] for at in order))
    assert first.pois.equals(second.pois)
    assert first.stations.equals(second.stations)
    assert first.overlay == second.overlay
    assert first.scenario.sentences == second.scenario.sentences


def test_nothing_is_written_to_the_city(small_city):
    before = digest(small_city.folder)
    city = changed(small_city, *every_change(small_city))
    for read in (city.pois, city.stations, city.traffic, city.notes):
        assert len(read)
    city.imagery.view(city.imagery.bounds, city.crs, gsd_m=50.0)
    city.measured("total")
    assert digest(small_city.folder) == before


def test_the_fingerprint_is_that_of_the_city_and_its_changes(small_city):
    mall = {"change": "add_places", "kind": "mall", "count": 5, **middle(small_city)}
    prints = [
        city_fingerprint(small_city),
        city_fingerprint(changed(small_city, mall)),
        city_fingerprint(changed(small_city, {**mall, "count": 6})),
        city_fingerprint(with_response(changed(small_city, mall), {"s1": 1.1})),
    ]
    assert len(set(prints)) == 4
    again = apply(small_city, scenario_of(mall, name="another name"))
    assert city_fingerprint(again) == prints[1]


def test_a_mall_brings_its_places_and_hides_the_image_of_its_ground(small_city):
    city = changed(
        small_city, {"change": "add_places", "kind": "mall", "count": 40, **middle(small_city)}
    )
    added = city.pois.iloc[len(small_city.pois) :]
    assert len(added) == 40
    assert (added["source"] == "scenario").all()
    assert {kind_of(category) for category in added["category"]} >= {"shop", "food"}
    ground = city.scenario.ground(city.crs)
    assert added.to_crs(city.crs).within(ground.buffer(0.5)).all()
    view = city.imagery.view(city.imagery.bounds, city.crs, gsd_m=10.0)
    whole = small_city.imagery.view(city.imagery.bounds, city.crs, gsd_m=10.0)
    assert (~view.valid).sum() * 100 == pytest.approx(ground.area, rel=0.1)
    np.testing.assert_array_equal(view.rgb[view.valid], whole.rgb[view.valid])


def test_removed_places_are_gone_and_the_image_stays_where_buildings_do(small_city):
    everything = {"change": "remove_places", "radius_m": 3000.0, **middle(small_city)}
    schools = {**everything, "kind": "education"}
    city = changed(small_city, schools)
    assert set(small_city.pois["category"]) - set(city.pois["category"]) == {"school"}
    assert city.scenario.ground(city.crs).is_empty
    assert len(changed(small_city, everything).pois) == 0


def test_traffic_of_a_station_that_is_switched_off_goes_to_others(small_city):
    city = changed(small_city, {"change": "switch_off", "station_id": "s1"})
    before, after = small_city.measured("total")["total"], city.measured("total")["total"]
    assert "s1" not in after["station"]
    assert (after >= before.sel(station=after["station"]) - 1e-6).all()
    served = 1 - float(np.asarray(city.takeover.sum(axis=0)).ravel()[1])
    lost = before.sel(station="s1").sum() * served
    np.testing.assert_allclose(after.sum() + lost, before.sum(), rtol=1e-6)


def test_an_added_station_takes_over_and_none_serves_more_than_before(small_city):
    there = small_city.stations.geometry.iloc[2]
    city = changed(
        small_city,
        {
            "change": "add_station",
            "station_id": "new",
            "capacity": 900.0,
            "lon": there.x,
            "lat": there.y,
        },
    )
    before, after = small_city.measured("total")["total"], city.measured("total")["total"]
    assert after["station"].to_numpy().tolist() == [*before["station"].to_numpy(), "new"]
    assert float(after.sel(station="new").sum()) > 0
    assert (after.sel(station=before["station"]) <= before + 1e-6).all()
    np.testing.assert_allclose(after.sum("station"), before.sum("station"), rtol=1e-6)
    assert city.stations.iloc[-1]["tier"] == "capacity"


def test_growth_multiplies_the_traffic_of_the_stations_inside(small_city):
    city = changed(small_city, {"change": "grow", "factor": 1.5, "area": western_half(small_city)})
    inside = city.scenario.demand_factor(
        np.column_stack([small_city.stations.geometry.x, small_city.stations.geometry.y])
    )
    assert sorted(set(inside)) == [1.0, 1.5]
    ratio = city.measured("total")["total"] / small_city.measured("total")["total"]
    np.testing.assert_allclose(ratio.mean("time"), inside, rtol=1e-6)


def test_the_response_of_stations_multiplies_their_traffic(small_city):
    mall = {"change": "add_places", "kind": "mall", "count": 5, **middle(small_city)}
    city = with_response(changed(small_city, mall), {"s2": 1.25})
    ratio = city.measured("total")["total"] / small_city.measured("total")["total"]
    np.testing.assert_allclose(ratio.sel(station="s2"), 1.25, rtol=1e-6)
    np.testing.assert_allclose(ratio.drop_sel(station="s2"), 1.0)
    assert any("1 stations near changed places" in note for note in city.notes)


HERE = {"lon": 9.19, "lat": 45.46}
UNFIT = {
    "a missing station": (
        {"change": "move_station", "station_id": "s9", **HERE},
        "the station 's9' is not in the city 'Tinytown'; it has 6 stations, 's0' to 's5'",
    ),
    "a station that is there already": (
        {"change": "add_station", "station_id": "s1", "capacity": 5, **HERE},
        "already has a station 's1'",
    ),
    "a place outside": (
        {"change": "add_places", "kind": "mall", "count": 4, "lon": 0.0, "lat": 0.0},
        "is outside the city 'Tinytown'",
    ),
    "nothing to remove": (
        {"change": "remove_places", "radius_m": 3000.0, "kind": "worship"},
        "there are no places of the kind 'worship' within 3000 m",
    ),
    "a district elsewhere": (
        {
            "change": "grow",
            "factor": 2,
            "area": {
                "type": "Polygon",
                "coordinates": [[[0, 0], [0.01, 0], [0.01, 0.01], [0, 0.01], [0, 0]]],
            },
        },
        "the district that grows is outside",
    ),
}


@pytest.mark.parametrize("mistake", UNFIT)
def test_a_change_that_does_not_fit_the_city_is_one_sentence(mistake, small_city):
    change, said = UNFIT[mistake]
    if "lon" not in change and change["change"] == "remove_places":
        change = {**change, **middle(small_city)}
    with pytest.raises(BadInput) as raised:
        apply(small_city, scenario_of(change))
    sentence = str(raised.value)
    assert said in sentence
    assert sentence.startswith("In the scenario 'made up', ")
    assert sentence.endswith(".")


def test_a_city_without_stations_or_places_cannot_change_them(own_city):
    (own_city.folder / "pois.parquet").unlink()
    mall = {"change": "add_places", "kind": "mall", "count": 4, **middle(own_city)}
    with pytest.raises(MissingPart, match="changes the pois of 'Tinytown', which has none"):
        apply(City.open(own_city.folder), scenario_of(mall))


def test_a_city_keeps_a_station(small_city):
    off = [{"change": "switch_off", "station_id": f"s{number}"} for number in range(6)]
    assert len(changed(small_city, *off[:5]).stations) == 1
    with pytest.raises(BadInput, match="without a station; keep at least one"):
        apply(small_city, scenario_of(*off))
