from dataclasses import replace

import numpy as np
import pytest

from netspatial.radio.sites import SMALL_PANEL, Radio
from netspatial.simulate.demand import Demand
from netspatial.simulate.radio_association import associate_by_radio
from netspatial.simulate.stations import StationLayout
from netspatial.simulate.town import Use

BLOCKS, SIDE_M = 16, 100.0


def halves():
    """Homes in the west, offices in the east, over 1.6 x 1.6 km."""
    centres = (np.arange(BLOCKS) + 0.5) * SIDE_M
    x, y = np.meshgrid(centres, centres[::-1])
    by_use = np.zeros((BLOCKS, BLOCKS, len(Use)))
    by_use[:, : BLOCKS // 2, Use.RESIDENTIAL] = 1.0
    by_use[:, BLOCKS // 2 :, Use.OFFICE] = 1.0
    return Demand(x.ravel(), y.ravel(), by_use.reshape(-1, len(Use)), SIDE_M, (BLOCKS, BLOCKS))


def network(*places, height_m=15.0):
    x, y = np.array(places, dtype=float).T
    count = len(x)
    return StationLayout(
        x=x,
        y=y,
        coverage=np.zeros(count, dtype=bool),
        reach_m=np.full(count, 300.0),
        gain=np.ones(count),
        height_m=np.full(count, height_m),
        technology=np.full(count, "NR"),
    )


def capacity_radio(**changed):
    return Radio(capacity=replace(Radio().capacity, **changed))


WEST, EAST = (250.0, 800.0), (1350.0, 800.0)


def test_mixtures_are_shares_of_the_land_uses_around_a_station():
    carried = associate_by_radio(network(WEST, EAST), halves(), Radio(), seed=1)
    assert np.allclose(carried.mix.sum(axis=1), 1)
    assert carried.mix[0, Use.RESIDENTIAL] > 0.7
    assert carried.mix[1, Use.OFFICE] > 0.7
    assert ((carried.share > 0) & (carried.share <= 1)).all()


def test_alone_a_station_serves_all_demand_and_beside_others_less():
    alone = associate_by_radio(network(WEST), halves(), Radio(), seed=1)
    beside = associate_by_radio(network(WEST, EAST, (400, 800)), halves(), Radio(), seed=1)
    assert alone.share[0] == pytest.approx(1)
    assert beside.share[0] < 0.9


@pytest.mark.parametrize(
    "changed",
    [
        {"antenna": replace(SMALL_PANEL, tilt_deg=12.0)},
        {"carrier_ghz": 0.8},
        {"power_dbm": 30.0, "antenna": replace(SMALL_PANEL, gain_dbi=2.0)},
    ],
)
def test_antenna_and_carrier_change_the_associated_demand(changed):
    usual = associate_by_radio(network(WEST, EAST), halves(), capacity_radio(), seed=1)
    other = associate_by_radio(network(WEST, EAST), halves(), capacity_radio(**changed), seed=1)
    assert np.abs(usual.mix - other.mix).max() > 1e-4


def test_height_changes_the_associated_demand():
    low = associate_by_radio(network(WEST, EAST), halves(), Radio(), seed=1)
    high = associate_by_radio(network(WEST, EAST, height_m=45.0), halves(), Radio(), seed=1)
    assert np.abs(low.mix - high.mix).max() > 1e-3


def test_a_tracer_replaces_the_statistical_path_loss():
    """With a wall before every eastern block, a western station serves the west only."""
    demand = halves()

    def walls(_sites, pixels, _radio):
        return lambda _server, pixel: np.where(pixels.places[pixel, 0] > 800, 200.0, 80.0)

    carried = associate_by_radio(network(WEST, (700.0, 800.0)), demand, Radio(), 1, walls)
    assert (carried.mix[:, Use.OFFICE] < 1e-3).all()
