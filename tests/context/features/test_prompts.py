import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from netspatial.context.features.categories import KIND_NAMES, in_words, kind_of
from netspatial.context.features.neighbourhood import (
    Pois,
    kinds_around,
    nearest_pois,
    read_pois,
    tally_kinds,
)
from netspatial.context.features.prompts import street_kind, word
from netspatial.errors import BadInput
from netspatial.randomness import stream

UTM = CRS.from_epsg(32632)


def some_pois(count, side=1000.0, seed=0):
    rng = stream(seed, "pois")
    kinds = rng.integers(0, 5, count)
    return Pois(
        xy=rng.uniform(0, side, (count, 2)),
        kind=kinds,
        name=np.array([f"number {at}" for at in range(count)], dtype=np.str_),
        category=np.array([KIND_NAMES[kind] for kind in kinds], dtype=np.str_),
        address=np.array([f"{at % 90} Mill Street" for at in range(count)], dtype=np.str_),
    )


def table(**columns):
    count = len(next(iter(columns.values())))
    points = shapely.points(np.linspace(9.1, 9.2, count), 45.4)
    return gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:4326")


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("amenity=restaurant", "food"),
        ("amenity=fire_station", "public"),
        ("amenity=post_office", "public"),
        ("amenity=charging_station", "motoring"),
        ("railway=station", "transport"),
        ("shop=never_heard_of", "shop"),
        ("tourism=hotel", "hotel"),
        ("leisure=park", "green"),
        ("tourism=theme_park", "leisure"),
        ("Sports Centre", "sport"),
        ("Restaurants", "food"),
        ("food_and_drink", "food"),
        ("quux", "other"),
        ("", "other"),
    ],
)
def test_categories_of_all_sources_are_mapped_to_kinds(category, kind):
    assert kind_of(category) == kind


def test_categories_in_words():
    assert in_words("shop=clothes") == "clothes shop"
    assert in_words("amenity=place_of_worship") == "place of worship"
    assert in_words("building=yes") == "building"
    assert in_words("") == "place"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("12 Mill Street", "a street"),
        ("Plaza Mayor 3", "a square"),
        ("5th Ave", "an avenue"),
        ("Quai de Seine", "a quay"),
        ("Hauptstraße 9", "a street"),
        ("Nowhere 7", "a street"),
        ("17", ""),
        ("", ""),
    ],
)
def test_addresses_are_mapped_to_kinds_of_streets(address, kind):
    assert street_kind(address) == kind


def test_prompts_repeat_across_places():
    pois = some_pois(2000)
    coarse, verbatim = (word(pois, np.arange(2000), how) for how in ("coarse", "verbatim"))
    assert coarse.unique_share < 0.1
    assert verbatim.unique_share > 0.9


def test_prompts_describe_category_street_and_surroundings():
    pois = Pois(
        xy=np.array([[0.0, 0.0], [10.0, 0.0], [20.0, 0.0], [9000.0, 0.0]]),
        kind=np.array([KIND_NAMES.index(kind) for kind in ("food", "shop", "shop", "food")]),
        name=np.array(["A", "B", "C", "D"]),
        category=np.array(["amenity=cafe", "shop=clothes", "shop=books", "amenity=cafe"]),
        address=np.array(["1 Mill Avenue", "", "", ""]),
    )
    prompts = word(pois, np.arange(4))
    addresses = [prompts.texts[at] for at in prompts.address]
    assert addresses == ["cafe on an avenue", "clothes shop", "books shop", "cafe"]
    around = [prompts.texts[at] for at in prompts.surroundings]
    assert around[0] == "surrounded by a few places: several shops"
    assert around[1] == "surrounded by a few places: one place to eat and one shop"
    assert around[3] == "surrounded by nothing"


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 60), st.integers(0, 2**31), st.floats(1, 800))
def test_the_nearest_pois_equal_those_of_brute_force(count, seed, radius):
    pois = some_pois(count, seed=seed)
    xy = stream(seed, "places").uniform(0, 1000, (5, 2))
    rows = nearest_pois(xy, pois, radius, 7)
    for place, found in zip(xy, rows, strict=True):
        distance = np.hypot(*(pois.xy - place).T)
        expected = [at for at in np.argsort(distance, kind="stable") if distance[at] <= radius][:7]
        assert found[found >= 0].tolist() == expected


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 60), st.integers(0, 2**31))
def test_rings_add_up_to_discs(count, seed):
    pois = some_pois(count, seed=seed)
    xy = stream(seed, "places").uniform(0, 1000, (5, 2))
    rings = tally_kinds(xy, pois, (100.0, 300.0, 2000.0))
    assert rings.shape == (5, 3, len(KIND_NAMES))
    assert (rings.sum(axis=(1, 2)) == count).all()
    for place, mine in zip(xy, rings, strict=True):
        distance = np.hypot(*(pois.xy - place).T)
        assert mine[:2].sum() == (distance <= 300).sum()


def test_a_poi_does_not_count_itself():
    pois = some_pois(1)
    assert kinds_around(pois, np.array([0])).sum() == 0


def test_many_pois_at_one_position_are_bounded_to_the_nearest():
    count = 300_000
    pois = Pois(
        xy=np.zeros((count, 2)),
        kind=np.zeros(count, dtype=np.int64),
        name=np.full(count, "one"),
        category=np.full(count, "cafe"),
        address=np.full(count, ""),
    )
    rows = nearest_pois(np.zeros((3, 2)), pois, 300.0, 48)
    assert rows.shape == (3, 48)
    assert (rows >= 0).all()
    assert tally_kinds(np.zeros((1, 2)), pois, (300.0,))[0, 0, 0] == count
    prompts = word(pois, rows[0])
    assert prompts.texts == ["cafe", "surrounded by a crowded centre: many places to eat"]


def test_missing_names_and_addresses_are_empty():
    pois = read_pois(table(name=["A", None], category=["cafe", None]), UTM)
    assert pois.name.tolist() == ["A", ""]
    assert pois.address.tolist() == ["", ""]
    assert KIND_NAMES[pois.kind[1]] == "other"


@pytest.mark.parametrize("column", ["name", "category"])
def test_pois_without_a_needed_column_are_refused(column):
    with pytest.raises(BadInput, match=f"no column '{column}'"):
        read_pois(table(name=["A"], category=["cafe"]).drop(columns=column), UTM)


def test_pois_without_coordinates_are_refused():
    pois = table(name=["A", "B"], category=["cafe", "cafe"])
    pois.loc[1, "geometry"] = shapely.Point(float("nan"), float("nan"))
    with pytest.raises(BadInput, match="1 POIs have no finite coordinates, the first in row 1"):
        read_pois(pois, UTM)


def test_pois_without_a_coordinate_system_are_refused():
    with pytest.raises(BadInput, match="coordinate system"):
        read_pois(table(name=["A"], category=["cafe"]).set_crs(None, allow_override=True), UTM)


def test_pois_that_are_areas_are_refused():
    pois = table(name=["A"], category=["park"])
    pois["geometry"] = [shapely.box(9.1, 45.4, 9.2, 45.5)]
    with pytest.raises(BadInput, match="not all points"):
        read_pois(pois, UTM)
