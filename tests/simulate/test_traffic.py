import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.simulate.services import UNITS
from netspatial.simulate.simulation import grow
from netspatial.simulate.town import Use
from netspatial.simulate.traffic import NOISE_SHARES, as_dataset, draw_calendar, draw_traffic
from netspatial.timeline import weekly_profile

SEED, WEEKS, STATIONS = 21, 4, 80


@pytest.fixture(scope="module")
def grown():
    return grow(SEED, "train", 5.0, STATIONS)


@pytest.fixture(scope="module")
def calendar(grown):
    return draw_calendar(SEED, grown.town.timezone, WEEKS)


@pytest.fixture(scope="module")
def drawn_twice(grown, calendar):
    return [
        draw_traffic(SEED, k, grown.network, grown.sites, calendar, grown.drawn["traffic"])[0]
        for k in (0, 1)
    ]


def profiles(traffic):
    return traffic.reshape(len(traffic), WEEKS, 168).mean(axis=1)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), weeks=st.integers(1, 6))
def test_calendars_hold_whole_weeks_from_a_local_monday(seed, weeks):
    calendar = draw_calendar(seed, "America/New_York", weeks)
    assert len(calendar.utc) == calendar.hours == 168 * weeks
    first = calendar.utc[0].tz_localize("UTC").tz_convert("America/New_York")
    assert (first.day_of_week, first.hour) == (0, 0)
    assert (np.diff(calendar.utc) == pd.Timedelta(hours=1)).all()


def test_traffic_stays_within_capacity_and_above_zero(grown, drawn_twice):
    for services in drawn_twice:
        total = services["total"]
        assert (total >= 0).all()
        assert (total <= grown.sites.capacity[:, None] + 0.001).all()


def test_a_redraw_keeps_the_profile_and_changes_the_rest(drawn_twice):
    one, other = (services["total"] for services in drawn_twice)
    same = [np.corrcoef(a, b)[0, 1] for a, b in zip(profiles(one), profiles(other), strict=True)]
    assert np.median(same) > 0.88
    apart = np.log(one.mean(axis=1)) - np.log(other.mean(axis=1))
    assert 0.2 < apart.std() < 1.2
    unlike = (one / one.mean(axis=1, keepdims=True)) - (other / other.mean(axis=1, keepdims=True))
    assert np.abs(unlike).mean() > 0.05


def test_surroundings_explain_part_of_the_levels(grown, drawn_twice):
    known = np.log(grown.sites.expected)
    real = np.log(drawn_twice[0]["total"].mean(axis=1))
    assert 0.2 < np.corrcoef(known, real)[0, 1] ** 2 < 0.95


def test_profiles_follow_the_land_use_around(grown, drawn_twice):
    week = profiles(drawn_twice[0]["total"])
    week /= week.mean(axis=1, keepdims=True)
    mix = grown.sites.carried.mix
    weekend_share = week[:, 120:].mean(axis=1)
    office, shops = mix[:, Use.OFFICE] > 0.6, mix[:, Use.COMMERCIAL] > 0.6
    assert office.any()
    assert shops.any()
    assert weekend_share[office].max() < weekend_share[shops].mean()


def test_the_noise_shares_sum_to_one():
    assert sum(NOISE_SHARES.values()) == pytest.approx(1)


def test_series_are_labelled_as_simulated_with_units_and_timezone(grown, calendar, drawn_twice):
    ids = grown.network.station_ids
    dataset = as_dataset(drawn_twice[0], ids, calendar, grown.town.timezone)
    assert {name: dataset[name].attrs["units"] for name in dataset.data_vars} == UNITS
    assert dataset.attrs["provenance"] == "simulated"
    assert dataset["total"].dims == ("station", "time")
    by_hour = weekly_profile(dataset["total"]).transpose("station", "hour_of_week").to_numpy()
    assert by_hour == pytest.approx(profiles(drawn_twice[0]["total"]), rel=1e-4)
