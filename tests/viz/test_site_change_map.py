"""The map of before and after: colours follow loads, lines lead to the relieved stations."""

import json

import numpy as np
import pandas as pd
import pytest

from netspatial.plan.site_change import SiteChange, unknown_change
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.plan_result import PlanRun
from netspatial.viz import city_map
from netspatial.viz.plan_map import plan_view
from netspatial.viz.site_change_map import (
    LOAD,
    MAX_ROWS,
    load_chart,
    load_layer,
    relief_layer,
    relieved_stations,
)


@pytest.fixture(scope="module")
def change(planned: Run) -> SiteChange:
    run = PlanRun.open(planned.folder)
    return run.change_at(run.sites)


@pytest.fixture
def stations(change: SiteChange) -> pd.DataFrame:
    return relieved_stations(change)


def test_each_relieved_station_is_there_once_where_its_lines_end(change, stations, small_city):
    assert sorted(stations["station"]) == sorted(set(change.stations["station"]))
    assert stations["load_before_mean"].is_monotonic_decreasing
    known = small_city.stations.set_index("station_id").geometry
    for row in stations.itertuples():
        assert row.lon == pytest.approx(known[row.station].x, abs=1e-6)
        assert row.lat == pytest.approx(known[row.station].y, abs=1e-6)


@pytest.mark.parametrize("when", ["before", "after"])
def test_stations_have_the_colour_of_their_load(stations, when):
    data = pd.DataFrame(load_layer(stations, when).data)
    expected = LOAD.colours(100 * stations[f"load_{when}_mean"]).tolist()
    assert data["colour"].tolist() == expected
    assert data["detail"].str.contains("before").all()


def test_lines_lead_from_sites_to_stations_and_are_wider_for_more_traffic(change):
    data = pd.DataFrame(relief_layer(change).data)
    assert len(data) == len(change.stations)
    assert data["width"].iloc[0] == data["width"].max()
    assert (np.diff(data["width"]) <= 0).all()
    assert all(" → " in title for title in data["title"])


def test_the_layers_make_a_map_and_an_unknown_change_an_empty_one(change, stations):
    nothing = unknown_change("no stations.", "MB", change.stations.crs)
    view = plan_view((9.0, 45.0, 9.1, 45.1), "flat", None)
    for one, rows in ((change, len(stations)), (nothing, 0)):
        loads = relieved_stations(one)
        layers = [relief_layer(one), load_layer(loads, "after")]
        made = json.loads(city_map.city_map(layers, view).to_json())
        assert len(made["layers"][1]["data"]) == rows


def test_the_chart_has_a_point_before_and_after_for_each_station(stations):
    before, after = load_chart(stations).data
    shown = stations.head(MAX_ROWS).iloc[::-1]
    assert list(before.y) == shown["station"].tolist()
    np.testing.assert_allclose(before.x, 100 * shown["load_before_mean"])
    np.testing.assert_allclose(after.x, 100 * shown["load_after_mean"])
    assert (np.asarray(after.error_x.array) >= 0).all()
