"""Features of existing sites: distances and counts by tier, compared with the city's stations."""

import geopandas as gpd
import numpy as np
import pytest
from pyproj import CRS

from netspatial.context.embed import load_context
from netspatial.context.features import city_relative
from netspatial.context.features import existing_site_features as features
from netspatial.context.features.city_relative import city_reference, relative_to_city
from netspatial.context.features.existing_site_features import NEAREST, RADII_M, WIDTH

METRIC = CRS("EPSG:32632")
X, Y = 500_000.0, 5_000_000.0


def stations(*places, tiers=None):
    x, y, tier = zip(*places, strict=True)
    table = gpd.GeoDataFrame(
        {"station_id": [f"s{i}" for i in range(len(x))], "tier": tier},
        geometry=gpd.points_from_xy(X + np.array(x), Y + np.array(y)),
        crs=METRIC,
    )
    return table if tiers is None else table.drop(columns="tier")


THREE = stations((0, 0, "coverage"), (500, 0, "capacity"), (0, 1000, "capacity"))


def distances(around):
    return 500 * np.exp(around[:, 1 : 1 + NEAREST])


def test_a_station_never_counts_itself():
    around = features.existing_site_features(THREE, THREE, METRIC)
    assert around.shape == (3, WIDTH)
    assert distances(around)[0, :2] == pytest.approx([500, 1000])
    assert distances(around)[1, 0] == pytest.approx(500)
    coverage_within = around[:, 1 + NEAREST + NEAREST // 2 :][:, : len(RADII_M)]
    assert np.allclose(coverage_within[0], 0)  # the only coverage station sees no other
    assert np.allclose(np.expm1(coverage_within[1]), [0, 1, 1, 1])


def test_a_place_counts_all_stations_around_it():
    place = stations((10, 0, "capacity"))
    around = features.existing_site_features(THREE, place, METRIC)
    assert distances(around)[0, 0] == pytest.approx(
        features.CLOSEST_M
    )  # nearer makes no difference
    assert around[0, 0] == 0
    capacity_within = np.expm1(around[0, -len(RADII_M) :])
    assert np.allclose(capacity_within, [0, 1, 2, 2])


def test_missing_stations_count_as_far():
    around = features.existing_site_features(THREE.iloc[:1], THREE.iloc[:1], METRIC)
    assert np.allclose(distances(around), features.FARTHEST_M)


def test_without_tiers_all_stations_are_of_one_tier():
    plain = stations((0, 0, ""), (500, 0, ""), tiers=False)
    around = features.existing_site_features(plain, plain, METRIC)
    assert not around[:, 0].any()
    assert np.allclose(np.expm1(around[:, -len(RADII_M) :]), [0, 1, 1, 1])


def embed(places):
    """Return the position of each place as its embedding."""
    return np.column_stack([places.geometry.x - X, places.geometry.y - Y]).astype(np.float32)


class Town:
    """A city with stations alone."""

    crs = METRIC

    def __init__(self, table):
        self.stations = table

    def has(self, part):
        return part == "stations" and self.stations is not None


def test_places_are_compared_with_the_mean_station():
    compared = relative_to_city(
        Town(THREE), THREE, embed(THREE), city_reference(Town(THREE), embed)
    )
    assert compared.dtype == np.float32
    assert np.allclose(compared[:, :2].mean(axis=0), 0, atol=1e-4)
    assert np.array_equal(compared[:, 2], [1, 0, 0])  # the tier is not compared
    assert np.allclose(np.median(compared[:, 3:], axis=0), 0, atol=1e-6)


def test_the_comparison_of_a_place_does_not_depend_on_the_others():
    whole = relative_to_city(Town(THREE), THREE, embed(THREE), city_reference(Town(THREE), embed))
    one = THREE.iloc[[2]]
    reference = city_reference(Town(THREE), embed)
    alone = relative_to_city(Town(THREE), one, embed(one), reference)
    assert np.array_equal(alone[0], whole[2])


def test_of_many_stations_evenly_spaced_ones_give_the_reference(monkeypatch):
    monkeypatch.setattr(city_relative, "REFERENCE_STATIONS", 2)
    embedded = []

    def recording(places):
        embedded.append(list(places["station_id"]))
        return embed(places)

    city_reference(Town(THREE), recording)
    assert embedded == [["s0", "s2"]]


def test_a_city_without_stations_has_no_comparison():
    compared = relative_to_city(Town(None), THREE, embed(THREE), city_reference(Town(None), embed))
    assert compared.shape == (3, 2 + WIDTH)
    assert np.isnan(compared).all()


def test_take_returns_all_columns_of_the_chosen_places(small_city):
    whole = load_context().embed(small_city, small_city.stations)
    some = whole.take([4, 1])
    assert list(some.ids) == [whole.ids[4], whole.ids[1]]
    assert np.array_equal(some.relative, whole.relative[[4, 1]])
    assert np.array_equal(some.embedding, whole.embedding[[4, 1]])
    assert list(some.summary.index) == list(some.ids)
