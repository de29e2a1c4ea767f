"""Simulated towns use real time zones: months may include a DST change, and profiles follow it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.simulate.events import draw_events
from netspatial.simulate.simulation import grow
from netspatial.simulate.time_zones import DAYLIGHT_SAVING_FROM, ZONES, zone_at
from netspatial.simulate.traffic import SimulationCalendar, draw_calendar, draw_traffic
from netspatial.timeline import on_local_clock

ROME = ZoneInfo("Europe/Rome")
CHANGES = {
    "spring": datetime(2025, 3, 17, tzinfo=ROME),
    "autumn": datetime(2025, 10, 13, tzinfo=ROME),
}
WEEKS = 4
FOLLOWED = {
    "noise_sd": 0.02,
    "noise_spread": 0.0,
    "drift_sd": 0.0,
    "day_sd": 0.0,
    "growth_per_month": 0.0,
    "events_per_month": 0.0,
    "outages_per_month": 0.0,
}


@pytest.fixture(scope="module")
def grown():
    return grow(21, "train", 3.0, 12)


def month(grown, start, holidays=0.0):
    """A low-noise month on Rome's clock: total (stations, hours), its calendar, holidays."""
    calendar = SimulationCalendar(start, WEEKS)
    drawn = {**grown.drawn["traffic"], **FOLLOWED, "holidays_per_month": holidays}
    services, days = draw_traffic(21, 0, grown.network, grown.sites, calendar, drawn)
    return services["total"], calendar, days


@pytest.mark.parametrize("season", CHANGES)
def test_a_stations_day_stays_at_its_local_hours_across_a_change(grown, season):
    total, calendar, _ = month(grown, CHANGES[season])
    local = calendar.utc.tz_localize("UTC").tz_convert("Europe/Rome")
    weekday = local.day_of_week < 5
    changed = local[0].utcoffset() != np.array([time.utcoffset() for time in local])
    assert changed.any()
    for series in total:
        before, after = (
            [series[weekday & (changed == late) & (local.hour == h)].mean() for h in range(24)]
            for late in (False, True)
        )
        apart, early, late = (
            np.abs(np.subtract(before, np.roll(after, shift))).sum() for shift in (0, -1, 1)
        )
        assert apart < 0.3 * min(early, late)


@pytest.mark.parametrize("season", CHANGES)
def test_a_holiday_after_a_change_is_a_sunday_on_its_local_day(grown, season):
    total, calendar, days = month(grown, CHANGES[season], holidays=30.0)
    late = [day for day in days if day > 14]
    assert late
    plain, _, _ = month(grown, CHANGES[season])
    moved = np.flatnonzero(np.abs(total / np.maximum(plain, 1e-9) - 1).max(axis=0) > 0.02)
    changed_days = {int(step - 4) // 24 for step in calendar.steps[moved]}
    assert changed_days <= set(days.tolist())
    assert set(late) <= changed_days


@pytest.mark.parametrize("season", CHANGES)
def test_noon_of_every_day_is_noon(season):
    calendar = SimulationCalendar(CHANGES[season], WEEKS)
    noons = calendar.utc[calendar.noons].tz_localize("UTC").tz_convert("Europe/Rome")
    assert (noons.hour == 12).all()
    assert len(set(noons.date)) == 7 * WEEKS


@given(seed=st.integers(0, 1000))
def test_events_begin_at_their_local_hours_after_a_change(seed):
    calendar = SimulationCalendar(CHANGES["autumn"], WEEKS)
    events = draw_events(seed, np.zeros((3, 2)), calendar.noons, calendar.weekend, 3.0)
    for event in events:
        begun = calendar.utc[int(event.begin)].tz_localize("UTC").tz_convert("Europe/Rome")
        assert 12 <= begun.hour <= 20


@pytest.mark.parametrize("zone", [zone for pair in ZONES.values() for zone in pair])
def test_every_zone_is_whole_hours_from_utc_and_of_its_longitude(zone):
    standard = next(offset for offset, pair in ZONES.items() if zone in pair)
    clock = ZoneInfo(zone)
    offsets = {
        datetime(year, m, 15, tzinfo=clock).utcoffset().total_seconds() / 3600
        for year in (2024, 2025)
        for m in range(1, 13)
    }
    assert offsets in ({standard}, {standard, standard + 1})


@given(st.floats(-120, 145), st.floats(10, 58))
def test_daylight_saving_is_kept_in_the_north_up_to_eastern_europe(longitude, latitude):
    clock = ZoneInfo(zone_at(longitude, latitude))
    winter, summer = (datetime(2025, m, 15, tzinfo=clock).utcoffset() for m in (1, 7))
    kept = latitude >= DAYLIGHT_SAVING_FROM and round(longitude / 15) <= 2
    assert (winter != summer) == kept


def test_some_seeds_draw_a_month_with_a_change_and_all_have_whole_local_days():
    found = 0
    for seed in range(60):
        calendar = draw_calendar(seed, "Europe/Rome", WEEKS)
        steps = calendar.steps
        found += len(np.unique(np.diff(steps))) > 1
        assert steps[0] == 0
        assert (np.unique(steps // 24) <= 7 * WEEKS).all()
    assert found >= 3


def test_a_month_without_a_change_is_drawn_as_on_a_fixed_clock(grown):
    fixed = datetime(2025, 5, 12, tzinfo=ZoneInfo("Etc/GMT-2"))
    one = month(grown, fixed)[0]
    other = month(grown, fixed.replace(tzinfo=ROME))[0]
    assert np.array_equal(one, other)


def test_on_the_local_clock_doubled_hours_are_averaged_and_skipped_ones_are_missing():
    x = np.array([[1.0, 2.0, 4.0, 8.0, np.nan]])
    local = on_local_clock(x, np.array([0, 1, 1, 3, 3]), 5)
    assert np.array_equal(local, [[1, 3, np.nan, 8, np.nan]], equal_nan=True)
