"""The expected change of traffic depends on the places, not on a missing part of the image."""

from types import SimpleNamespace

import numpy as np

from netspatial.city.city import City
from netspatial.city.fingerprint import city_fingerprint
from netspatial.scenario.changed_city import apply
from netspatial.scenario.response import SamePicture, expected_change
from tests.scenario.made_up_scenarios import middle, scenario_of


class Reader:
    """A context that reads the number of places and of pixels with data; it notes the cities."""

    def __init__(self) -> None:
        self.read: list[City] = []

    def embed(self, city: City, places):
        """Return (places, pixels) once for each place."""
        self.read.append(city)
        seen = city.imagery.view(city.imagery.bounds, city.crs, gsd_m=20.0).valid.sum()
        return np.tile([len(city.pois), seen], (len(places), 1)).astype(float)


def test_the_change_is_that_of_the_places(small_city):
    mall = {"change": "add_places", "kind": "mall", "count": 30, **middle(small_city)}
    after = apply(small_city, scenario_of(mall))
    context = Reader()
    generator = SimpleNamespace(level_moments=lambda z: (np.log(z).sum(axis=1), None))
    change = expected_change(small_city, after, small_city.stations, context, generator)
    np.testing.assert_allclose(change, np.log(50 / 20))
    first, second = context.read
    assert isinstance(first, SamePicture)
    assert first.stations is small_city.stations
    assert second is after
    prints = {city_fingerprint(city) for city in (small_city, first, second)}
    assert len(prints) == 3


def test_a_generator_without_a_level_expects_no_change(small_city):
    mall = {"change": "add_places", "kind": "mall", "count": 30, **middle(small_city)}
    after = apply(small_city, scenario_of(mall))
    generator = SimpleNamespace(level_moments=lambda z: (np.full(len(z), np.nan), None))
    change = expected_change(small_city, after, small_city.stations, Reader(), generator)
    assert (change == 0).all()
