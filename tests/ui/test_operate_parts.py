"""The parts of the operation page: states, sleep intervals, flows on the map, downloads."""

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from netspatial.city.city import City
from netspatial.operate.power import POWER
from netspatial.runs.kinds.operating_result import OperateRun
from netspatial.ui.components.estimate import OVERHEAD_S, schedule_counts, schedule_pace
from netspatial.ui.operate.choices import power_name
from netspatial.ui.operate.downloads import offers
from netspatial.viz.schedule_charts import (
    ASLEEP,
    AWAKE,
    OVERLOADED,
    intervals,
    schedule_chart,
    states,
)
from netspatial.viz.schedule_map import FLOW_LAYER, flow_layer, state_layer
from netspatial.viz.schedule_picture import map_picture
from tests.ui.operate_runs import write_schedule


@pytest.fixture(scope="module")
def shown(small_city: City, tmp_path_factory: pytest.TempPathFactory) -> OperateRun:
    run = write_schedule(small_city, tmp_path_factory.mktemp("schedules") / "operate-parts")
    return OperateRun(run)


@given(arrays(bool, st.integers(0, 40)))
def test_spells_are_the_runs_of_true(mask: np.ndarray) -> None:
    again = np.zeros_like(mask)
    found = intervals(mask)
    for first, last in found:
        again[first : last + 1] = True
        assert first == 0 or not mask[first - 1]
        assert last == len(mask) - 1 or not mask[last + 1]
    np.testing.assert_array_equal(again, mask)


def test_a_station_is_asleep_awake_or_overloaded() -> None:
    schedule = xr.Dataset(
        {
            "asleep": (("station", "time"), [[True, False, False]]),
            "load_after": (("station", "time"), [[0.0, 0.5, 0.95]]),
        }
    )
    np.testing.assert_array_equal(states(schedule), [[ASLEEP, AWAKE, OVERLOADED]])


def test_the_heatmap_shows_each_station_and_hour_once(shown: OperateRun) -> None:
    heat = schedule_chart(shown.schedule).data[0]
    assert heat.z.shape == (6, 24)
    assert sorted(heat.y) == shown.ids
    place = [list(heat.y).index(name) for name in shown.ids]
    np.testing.assert_array_equal(np.asarray(heat.z)[place], states(shown.schedule))


def test_flows_connect_the_locations_of_their_stations(shown: OperateRun) -> None:
    table = shown.flow_table
    assert len(table)
    place = shown.places.set_index("station_id")
    np.testing.assert_allclose(table["from_lon"], place.loc[table["source"], "lon"])
    np.testing.assert_allclose(table["to_lat"], place.loc[table["target"], "lat"])
    layer = flow_layer(table, float(table["traffic"].max()), shown.unit)
    assert layer.id == FLOW_LAYER


def test_names_of_stations_are_not_escaped_twice() -> None:
    # Streamlit escapes tooltips; escaping twice would show as &lt;
    places = pd.DataFrame({"station_id": ["<b>x</b>"], "lon": [1.0], "lat": [2.0]})
    one = np.ones(1)
    layer = state_layer(places, np.array([AWAKE]), one, one, "GB<i>")
    row = pd.DataFrame(layer.data).iloc[0]
    assert row["title"] == "<b>x</b>"
    assert row["detail"].endswith("1.00 GB<i>")


def test_every_download_has_content(shown: OperateRun, small_city: City) -> None:
    made = {offer.title: offer.make() for offer in offers(shown, small_city)}
    assert len(made) == len(offers(shown, small_city))
    assert all(made.values())
    assert made["Schedule (CSV)"].count(b"\n") == 1 + 6 * 24


def test_the_map_picture_shows_every_station(shown: OperateRun, small_city: City) -> None:
    svg = "{http://www.w3.org/2000/svg}"
    picture = ET.fromstring(map_picture(shown, small_city, 3))  # noqa: S314  our own
    titles = [title.text or "" for title in picture.iter(f"{svg}title")]
    assert sorted(text.partition(":")[0] for text in titles) == shown.ids
    assert "simulated" in "".join(picture.itertext())
    assert len(list(picture.iter(f"{svg}image"))) == 1


@pytest.mark.parametrize("name", [name for name in POWER if name.startswith("itu")])
def test_models_fitted_to_challenge_data_are_not_labelled_as_itu_recommendation(name: str) -> None:
    shown_as = power_name(name)
    assert "ITU-R" not in shown_as
    assert "5G energy consumption challenge" in shown_as
    assert "Huawei" in shown_as
    assert name[-1] in shown_as[:8]


def test_the_duration_of_a_schedule_is_estimated_from_earlier_ones(shown: OperateRun) -> None:
    pace = schedule_pace([shown.run])
    spent = sum(stage.seconds for stage in shown.run.manifest.stages.values())
    assert pace.measured
    took = pace.seconds(schedule_counts(6, 24))
    assert took == pytest.approx(OVERHEAD_S + spent)
