import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.simulate.association import associate
from netspatial.simulate.demand import Demand
from netspatial.simulate.town import Use

SIDE_M = 100.0
BLOCKS = 20


def made_up_demand(by_use):
    """Demand over 2 x 2 km; by_use is (rows, columns, uses), row 0 in the north."""
    centres = (np.arange(BLOCKS) + 0.5) * SIDE_M
    x, y = np.meshgrid(centres, centres[::-1])
    return Demand(
        x=x.ravel(),
        y=y.ravel(),
        by_use=by_use.reshape(-1, len(Use)),
        side_m=SIDE_M,
        shape=(BLOCKS, BLOCKS),
    )


def halves():
    """Homes in the west, offices in the east."""
    by_use = np.zeros((BLOCKS, BLOCKS, len(Use)))
    by_use[:, : BLOCKS // 2, Use.RESIDENTIAL] = 1.0
    by_use[:, BLOCKS // 2 :, Use.OFFICE] = 2.0
    return made_up_demand(by_use)


def at(*places, reach_m=300.0, gain=1.0):
    x, y = np.array(places, dtype=float).T
    return associate(x, y, np.full(len(x), reach_m), np.full(len(x), gain), halves())


positions = st.tuples(st.floats(0, 2000), st.floats(0, 2000))


@given(places=st.lists(positions, min_size=1, max_size=12, unique=True))
def test_mixtures_sum_to_one_and_no_station_gets_more_than_all_demand(places):
    carried = at(*places)
    assert np.allclose(carried.mix.sum(axis=1), 1)
    assert (carried.mix >= 0).all()
    assert (carried.share > 0).all()
    assert (carried.share <= 1 + 1e-12).all()


@given(place=positions, other=positions)
def test_another_station_never_increases_the_share(place, other):
    alone, together = at(place), at(place, other)
    assert alone.share[0] == pytest.approx(1)
    assert together.share[0] <= alone.share[0] + 1e-12
    assert together.density[0] == pytest.approx(alone.density[0])


def test_a_stations_mixture_is_that_of_the_land_uses_around_it():
    west, east, between = at((200, 1000), (1800, 1000), (1000, 1000)).mix
    assert west[Use.RESIDENTIAL] == pytest.approx(1)
    assert east[Use.OFFICE] == pytest.approx(1)
    assert between[Use.OFFICE] == pytest.approx(2 * between[Use.RESIDENTIAL], rel=1e-6)


def test_equal_stations_share_equally():
    carried = at((500, 900), (500, 1100))
    assert carried.share[0] == pytest.approx(carried.share[1])


def test_busier_surroundings_are_denser():
    west, east = at((200, 1000), (1800, 1000)).density
    assert east == pytest.approx(2 * west)
