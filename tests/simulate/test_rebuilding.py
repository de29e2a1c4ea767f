"""A built quarter changes the land under it and the traffic of the stations around it."""

import numpy as np
import pytest

from netspatial.simulate.growth import Grown, grow
from netspatial.simulate.rebuilding import RebuiltQuarter, rebuild, rebuild_town
from netspatial.simulate.town import Use, use_at


@pytest.fixture(scope="module")
def grown() -> Grown:
    return grow(5, "unseen", 2.0, 10)


def at_station(grown: Grown, use: Use, number: int = 0) -> RebuiltQuarter:
    return RebuiltQuarter(
        float(grown.network.x[number]), float(grown.network.y[number]), 250.0, use
    )


def test_only_the_ground_of_the_quarter_changes(grown):
    quarter = at_station(grown, Use.COMMERCIAL)
    town = rebuild_town(grown.town, quarter)
    different = town.use != grown.town.use
    assert different.any()
    dry = grown.town.use != Use.WATER
    assert (dry[different]).all()
    assert use_at(town, quarter.x, quarter.y) == Use.COMMERCIAL
    assert different.sum() * town.step_m**2 <= np.pi * (quarter.radius_m + town.step_m) ** 2
    assert (town.intensity[different] == 1.0).all()


def test_a_mall_raises_and_a_park_lowers_the_traffic_of_its_station(grown):
    for use, sign in ((Use.COMMERCIAL, 1), (Use.PARK, -1)):
        after = rebuild(grown, at_station(grown, use)).sites.expected
        change = np.log(after / grown.sites.expected)
        assert np.sign(change[0]) == sign
        assert (
            np.abs(change).argmax()
            in np.argsort(
                np.hypot(grown.network.x - grown.network.x[0], grown.network.y - grown.network.y[0])
            )[:4]
        )


def test_stations_stay(grown):
    again = rebuild(grown, at_station(grown, Use.OFFICE))
    assert again.network is grown.network
    assert again.drawn is grown.drawn
