import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.simulate.templates import (
    PER_HOUR,
    WEEKS,
    DiurnalParameters,
    hourly,
    rhythm,
    rhythms,
)
from netspatial.simulate.town import Use

WEEKDAYS, WEEKEND = slice(0, 5), slice(5, 7)
diurnal = st.builds(
    DiurnalParameters,
    clock_h=st.floats(-1, 1),
    night=st.floats(0, 0.3),
    sharpness=st.floats(0.7, 1.3),
    weekend=st.floats(0.8, 1.2),
)


@pytest.fixture(scope="module")
def weeks():
    """(uses, 7 days, 24 hours) of an average city."""
    return hourly(rhythms(DiurnalParameters())).reshape(len(Use), 7, 24)


@given(parameters=diurnal, use=st.sampled_from(list(Use)))
def test_a_profile_has_mean_one_and_is_at_least_the_night_share(parameters, use):
    shape = rhythm(WEEKS[use], parameters)
    assert shape.mean() == pytest.approx(1)
    assert shape.min() >= parameters.night


@given(later=st.integers(-2 * PER_HOUR, 2 * PER_HOUR))
def test_a_delay_moves_traffic_and_keeps_its_mean(later):
    shapes = rhythms(DiurnalParameters())
    moved = hourly(shapes, later)
    assert np.allclose(moved.mean(axis=1), 1)
    if later % PER_HOUR == 0:
        assert np.allclose(moved, np.roll(hourly(shapes), later // PER_HOUR, axis=1))


def test_offices_are_busy_on_working_days(weeks):
    office = weeks[Use.OFFICE]
    assert office[WEEKDAYS].mean() > 2 * office[WEEKEND].mean()
    assert set(office[WEEKDAYS].argmax(axis=1)) <= set(range(9, 17))


def test_homes_peak_in_the_evening(weeks):
    assert set(weeks[Use.RESIDENTIAL].argmax(axis=1)) <= {20, 21, 22}


def test_shops_are_busier_at_weekends_and_at_noon(weeks):
    shops = weeks[Use.COMMERCIAL]
    assert shops[WEEKEND].mean() > 1.2 * shops[WEEKDAYS].mean()
    assert (shops[:, 11:14].mean(axis=1) > 1.1 * shops.mean(axis=1)).all()


def test_entertainment_peaks_on_friday_evening_and_at_weekends(weeks):
    fun = weeks[Use.ENTERTAINMENT]
    assert set(np.argsort(fun.mean(axis=1))[-2:]) == {5, 6}
    assert fun[4, 20:].mean() > 1.2 * fun[:4, 20:].mean()


def test_traffic_hubs_have_two_rush_hours_on_working_days_only(weeks):
    rush = weeks[Use.TRANSPORT]
    for day in range(5):
        assert rush[day, 8] > 2 * rush[day, 11]
        assert rush[day, 18] > 2 * rush[day, 14]
    assert rush[WEEKEND].max() < 0.6 * rush[WEEKDAYS].max()


def test_parks_are_busy_by_day_and_most_at_weekends(weeks):
    park = weeks[Use.PARK]
    assert park[WEEKEND].mean() > 1.3 * park[WEEKDAYS].mean()
    assert park[:, 9:20].mean() > 4 * park[:, :5].mean()


def test_industry_has_traffic_at_night(weeks):
    assert weeks[Use.INDUSTRIAL][:5, 2].mean() > 1.5 * weeks[Use.OFFICE][:5, 2].mean()
