import json
import math

import numpy as np
import pydeck as pdk
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.city.city import City
from netspatial.viz import city_map
from netspatial.viz.city_queries import backdrop, poi_table, station_table
from netspatial.viz.colours import Scale

west = st.floats(min_value=-170, max_value=160)
south = st.floats(min_value=-60, max_value=60)
span = st.floats(min_value=0.01, max_value=5)


@pytest.fixture
def stations(small_city: City):
    return station_table(small_city.folder, "total")


def spec(*layers) -> dict:
    return json.loads(
        city_map.city_map(layers, city_map.viewpoint((9.0, 45.0, 9.1, 45.1))).to_json()
    )


def pixels(view, longitude: float, latitude: float) -> tuple[float, float]:
    world = 512 * 2**view.zoom / (2 * math.pi)
    mercator = [
        math.log(math.tan(math.pi / 4 + math.radians(y) / 2)) for y in (latitude, view.latitude)
    ]
    x = world * math.radians(longitude - view.longitude)
    return x, world * (mercator[0] - mercator[1])


def test_the_compact_json_equals_that_of_pydeck(stations) -> None:
    layer = city_map.station_layer(stations, Scale.over(stations["mean"], "MB"))
    view = city_map.viewpoint((9.0, 45.0, 9.1, 45.1))
    ours = city_map.city_map([layer], view)
    theirs = pdk.Deck.to_json(ours)
    assert json.loads(ours.to_json()) == json.loads(theirs)
    assert len(ours.to_json()) < 0.6 * len(theirs)


@given(west, south, span, span)
def test_the_initial_view_is_centred_and_has_its_size(
    left: float, bottom: float, width: float, height: float
) -> None:
    bounds = (left, bottom, left + width, bottom + height)
    view = city_map.viewpoint(bounds)
    x_low, y_low = pixels(view, bounds[0], bounds[1])
    x_high, y_high = pixels(view, bounds[2], bounds[3])
    assert max(x_high - x_low, y_high - y_low) == pytest.approx(
        city_map.LOOKS["flat"].side_px, rel=1e-6
    )
    assert (x_low + x_high, y_low + y_high) == pytest.approx((0, 0), abs=1e-3)


def test_the_map_requests_no_tiles(small_city: City, stations) -> None:
    layers = [
        city_map.image_layer(backdrop(small_city.folder)),
        city_map.poi_layer(poi_table(small_city.folder)),
        city_map.station_layer(stations, Scale.over(stations["mean"], "MB")),
    ]
    written = spec(*layers)
    assert "http" not in json.dumps(written)
    assert "mapProvider" not in written
    image = next(layer for layer in written["layers"] if layer["@@type"] == "BitmapLayer")
    assert image["image"].startswith("data:image/webp;base64,")


@pytest.mark.parametrize("look", list(city_map.LOOKS))
def test_stations_have_the_colours_of_the_scale(stations, look: str) -> None:
    scale = Scale.over(stations["mean"], "MB")
    (layer,) = spec(city_map.station_layer(stations, scale, look))["layers"]
    colours = np.array([row["colour"][:3] for row in layer["data"]])
    np.testing.assert_array_equal(colours, scale.colours(stations["mean"]))


def test_column_heights_are_proportional_to_traffic(stations) -> None:
    layer = city_map.station_layer(stations, Scale.over(stations["mean"], "MB"), "raised")
    (drawn,) = spec(layer)["layers"]
    heights = np.array([row["height"] for row in drawn["data"]])
    mean = stations["mean"].to_numpy()
    np.testing.assert_allclose(heights / heights.max(), mean / mean.max(), rtol=1e-6)


def test_stations_without_traffic_are_flat_and_labelled(stations) -> None:
    silent = stations.assign(mean=np.nan)
    (drawn,) = spec(city_map.station_layer(silent, Scale(1, 2, "MB"), "raised"))["layers"]
    assert {row["height"] for row in drawn["data"]} == {0.0}
    assert all(row["detail"].startswith("no traffic recorded") for row in drawn["data"])


def test_tooltips_describe_the_marks(small_city: City, stations) -> None:
    station_marks, poi_marks = spec(
        city_map.station_layer(stations, Scale.over(stations["mean"], "MB")),
        city_map.poi_layer(poi_table(small_city.folder)),
    )["layers"]
    assert station_marks["data"][0]["title"] == "s0"
    assert "MB on average · coverage" in station_marks["data"][0]["detail"]
    assert poi_marks["data"][0] | {"lon": 0, "lat": 0} == {
        "lon": 0,
        "lat": 0,
        "title": "cafe 0",
        "detail": "cafe",
    }


def test_clicked_station_returns_the_id_of_the_current_layer_only() -> None:
    ids = ["s0", "s1", "s2"]
    assert city_map.clicked_station({"indices": {"stations-4": [2]}}, ids, 4) == "s2"
    assert city_map.clicked_station({"indices": {"pois-4": [2]}}, ids, 4) is None
    assert city_map.clicked_station({"indices": {"stations-3": [2]}}, ids, 4) is None
    assert city_map.clicked_station({"indices": {"stations-4": [9]}}, ids, 4) is None
    assert city_map.clicked_station({"indices": {}}, ids, 4) is None


def test_the_ring_is_around_the_selected_station(stations) -> None:
    (ring,) = spec(city_map.chosen_layer(stations, "s4"))["layers"]
    ((_, s4),) = stations[stations["station_id"] == "s4"].iterrows()
    assert ring["data"] == [{"lon": s4["lon"], "lat": s4["lat"], "height": 0.0}]


def test_in_3d_the_ring_is_on_top_of_the_selected_column(stations) -> None:
    columns, ring = spec(
        city_map.station_layer(stations, Scale.over(stations["mean"], "MB"), "raised"),
        city_map.chosen_layer(stations, "s4", "raised"),
    )["layers"]
    column = next(row for row in columns["data"] if row["title"] == "s4")
    assert ring["data"][0]["height"] == column["height"] > 0
