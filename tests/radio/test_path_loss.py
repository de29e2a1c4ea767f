"""TR 38.901's curves: their values, continuity at the breakpoint, and bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.errors import BadInput
from netspatial.radio import path_loss
from netspatial.radio.path_loss import SCENARIOS, breakpoint_m, free_space_db

CARRIERS = st.floats(0.5, 6.0)
DISTANCES = st.floats(10.0, 5_000.0)
HEIGHT = {"uma": 25.0, "umi": 10.0}


def test_free_space_at_one_kilometre_and_one_gigahertz_is_the_textbook_92_45_db():
    assert free_space_db(1_000, 1.0) == pytest.approx(92.45, abs=0.01)


def test_street_canyon_in_sight_starts_from_free_space():
    # PL1 with 21 instead of 20 per decade: one dB a decade above free space
    d = np.array([10.0, 30.0, 60.0])
    slant = np.hypot(d, 8.5)
    above = path_loss.umi_los_db(d, 3.5) - free_space_db(slant, 3.5)
    assert np.allclose(above, np.log10(slant) - 0.05, atol=0.02)


def test_macro_in_sight_stays_within_a_few_db_of_free_space_up_to_the_breakpoint():
    d = np.geomspace(10, float(breakpoint_m(2.0, 25, 1.5)), 50)
    above = path_loss.uma_los_db(d, 2.0) - free_space_db(np.hypot(d, 23.5), 2.0)
    assert (above > -2).all()
    assert (above < 1).all()


@pytest.mark.parametrize(
    ("loss", "distance", "carrier", "db"),
    [
        # worked by hand from Table 7.4.1-1 at the table's own heights
        (path_loss.uma_los_db, 100, 2.0, 78.28),
        (path_loss.uma_nlos_db, 500, 2.0, 125.06),
        (path_loss.umi_los_db, 50, 3.5, 79.09),
        (path_loss.umi_nlos_db, 200, 3.5, 115.23),
        # beyond the breakpoint of 320 m: 28 + 120.00 + 6.02 - 9 log10(320² + 23.5²)
        (path_loss.uma_los_db, 1000, 2.0, 108.91),
    ],
)
def test_worked_values(loss, distance, carrier, db):
    assert loss(distance, carrier) == pytest.approx(db, abs=0.02)


def test_breakpoint_of_the_tables_macro_at_two_gigahertz():
    # 4 · 24 m · 0.5 m · 2e9 Hz / c
    assert breakpoint_m(2.0, 25.0, 1.5) == pytest.approx(320.2, abs=0.1)


@given(CARRIERS, st.sampled_from(list(SCENARIOS)))
def test_the_two_slopes_meet_at_the_breakpoint(carrier, name):
    height = HEIGHT[name]
    corner = float(breakpoint_m(carrier, height, 1.5))
    if not 11 < corner < 4_900:
        return
    near, far = SCENARIOS[name].los(corner * np.array([1 - 1e-9, 1 + 1e-9]), carrier, height, 1.5)
    assert near == pytest.approx(far, abs=1e-6)


@given(DISTANCES, DISTANCES, CARRIERS, st.sampled_from(list(SCENARIOS)))
def test_loss_grows_with_distance_and_is_greater_out_of_sight(a, b, carrier, name):
    near, far = sorted([a, b])
    scenario, height = SCENARIOS[name], HEIGHT[name]
    for loss in (scenario.los, scenario.nlos):
        assert loss(near, carrier, height, 1.5) <= loss(far, carrier, height, 1.5) + 1e-9
    assert scenario.nlos(far, carrier, height, 1.5) >= scenario.los(far, carrier, height, 1.5)


@given(st.floats(0, 5_000), st.sampled_from(list(SCENARIOS)))
def test_sight_is_certain_within_18_m_and_lost_far_away(distance, name):
    probability = SCENARIOS[name].los_probability(distance, 1.5)
    assert 0 < probability <= 1
    if distance <= 18:
        assert probability == 1
    assert SCENARIOS[name].los_probability(distance + 50, 1.5) <= probability


def test_sight_values_from_the_table():
    # 18/100 + exp(-100/63) · 0.82 and 18/100 + exp(-100/36) · 0.82
    assert path_loss.uma_los_probability(100) == pytest.approx(0.3477, abs=1e-3)
    assert path_loss.umi_los_probability(100) == pytest.approx(0.2310, abs=1e-3)


def test_high_users_see_macro_stations_more_often():
    assert path_loss.uma_los_probability(200, 22.5) > path_loss.uma_los_probability(200, 13.0)


def test_within_ten_metres_counts_as_ten():
    assert path_loss.umi_los_db(0.0, 3.5) == path_loss.umi_los_db(10.0, 3.5)


@pytest.mark.parametrize(
    ("distance", "carrier", "user", "message"),
    [
        (6_000, 2.0, 1.5, "6000 m"),
        (100, 0.1, 1.5, "0.1 GHz"),
        (100, 2.0, 20.0, "20 m"),
    ],
)
def test_values_outside_the_models_range_are_refused(distance, carrier, user, message):
    with pytest.raises(BadInput, match=message):
        path_loss.uma_los_db(distance, carrier, 25.0, user)
