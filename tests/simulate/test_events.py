import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.simulate.events import (
    Event,
    availability,
    draw_events,
    draw_holidays,
    event_multiplier,
)

WEEKEND = np.arange(28) % 7 >= 5
seeds = st.integers(0, 2**32)


def test_an_event_raises_traffic_near_it_while_it_lasts():
    concert = Event(x=0, y=0, begin=20.0, hours=3.0, times=4.0, radius_m=500.0)
    here, near, far = event_multiplier([concert], np.array([0, 500, 5000]), np.zeros(3), 48)
    assert here[21] == pytest.approx(4, abs=0.2)
    assert near[21] == pytest.approx(1 + 3 / np.e, abs=0.1)
    assert np.allclose(far, 1)
    assert np.allclose(here[[10, 30]], 1, atol=1e-3)


@given(seed=seeds)
def test_events_fall_into_the_month_and_only_add(seed):
    places = np.array([[0.0, 0.0], [3000.0, 0.0]])
    events = draw_events(seed, places, 24 * np.arange(28) + 12, WEEKEND, 1.5)
    assert all(0 <= event.begin < 28 * 24 and 2 <= event.hours <= 5 for event in events)
    assert (event_multiplier(events, places[:, 0], places[:, 1], 28 * 24) >= 1).all()


@given(seed=seeds, per_month=st.floats(0, 5))
def test_holidays_are_different_working_days(seed, per_month):
    holidays = draw_holidays(seed, WEEKEND, per_month)
    assert not WEEKEND[holidays].any()
    assert len(set(holidays)) == len(holidays)
    assert per_month > 0 or len(holidays) == 0


@given(seed=seeds)
def test_outages_stop_stations_for_hours(seed):
    share = availability(seed, 50, 672, 2.0)
    assert ((share >= 0) & (share <= 1)).all()
    lost = (1 - share).sum(axis=1)
    assert (lost > 0).mean() > 0.5
    assert lost.max() < 100


def test_without_outages_everything_runs():
    assert (availability(1, 5, 100, 0.0) == 1).all()
