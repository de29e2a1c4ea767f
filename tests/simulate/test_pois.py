import numpy as np
import pytest

from netspatial.simulate.categories import KINDS
from netspatial.simulate.parameters import draw
from netspatial.simulate.pois import scatter_pois
from netspatial.simulate.town import Use, make_town, use_at
from netspatial.simulate.words import WORDS

COUNT = 4000


@pytest.fixture(scope="module")
def town():
    return make_town(5, "train", 5000.0)


@pytest.fixture(scope="module")
def drawn():
    return draw(5, "train", "pois")


@pytest.fixture(scope="module")
def pois(town, drawn):
    return scatter_pois(town, COUNT, drawn)


def share_of(pois, category):
    return (pois["category"] == category).mean()


def on(pois, town, use):
    return pois[use_at(town, pois.geometry.x, pois.geometry.y) == use]


def test_the_given_number_lies_inside_the_town(town, pois):
    assert len(pois) == COUNT
    west, south, east, north = pois.total_bounds
    assert town.left <= west < east <= town.left + town.size_m
    assert town.bottom <= south < north <= town.bottom + town.size_m


def test_columns_and_categories_are_those_of_a_map(pois):
    assert list(pois.columns) == ["name", "category", "address", "source", "geometry"]
    assert set(pois["category"]) <= set(KINDS)
    assert set(pois["source"]) == {"simulated"}
    assert pois["name"].nunique() > 500
    assert 0 < (pois["name"] == "").mean() < 0.3
    assert 0 < (pois["address"] == "").mean() < 0.5
    assert not pois["name"].str.contains("[{}]").any()


def test_categories_depend_on_land_use(town, pois):
    offices, shops = on(pois, town, Use.OFFICE), on(pois, town, Use.COMMERCIAL)
    homes = on(pois, town, Use.RESIDENTIAL)
    assert share_of(offices, "office=company") > 3 * share_of(shops, "office=company")
    assert share_of(shops, "shop=clothes") > 5 * share_of(homes, "shop=clothes")
    assert share_of(homes, "amenity=kindergarten") > share_of(shops, "amenity=kindergarten")
    assert len(on(pois, town, Use.WATER)) == 0


def test_some_quarters_are_not_mapped_at_all(town, drawn):
    """Drop-out is spatially correlated: with it, more of the town has no places."""
    side = 20

    def empty(dropout):
        places = scatter_pois(town, COUNT, {**drawn, "dropout": dropout}).geometry
        counts, _, _ = np.histogram2d(places.x, places.y, bins=side)
        return (counts == 0).mean()

    assert empty(0.6) > empty(0.0)


def test_the_same_seed_names_the_same_places(town, drawn, pois):
    assert scatter_pois(town, COUNT, drawn).equals(pois)


def test_zero_places_can_be_drawn(town, drawn):
    assert len(scatter_pois(town, 0, drawn)) == 0


def test_every_language_has_names_for_every_kind():
    needed = {kind.named for kind in KINDS.values()}
    for words in WORDS:
        assert needed <= set(words.forms)
