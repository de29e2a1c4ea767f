import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.simulate.residuals import ar1_coefficient, city_factor, own_factor, shared_factor

STEPS = 4000


def lag_one(series):
    return np.mean([np.corrcoef(one[1:], one[:-1])[0, 1] for one in series])


@given(memory=st.floats(0, 0.9), tails=st.floats(4, 9))
def test_own_factors_have_unit_variance_and_the_given_coefficient(memory, tails):
    factor = own_factor(1, "own", 20, STEPS, memory, tails)
    assert factor.std() == pytest.approx(1, abs=0.12)
    assert lag_one(factor) == pytest.approx(memory, abs=0.05)


def test_the_first_hour_has_the_variance_of_the_last():
    factor = own_factor(2, "own", STEPS, 30, 0.95, 6.0)
    assert factor[:, 0].std() == pytest.approx(factor[:, -1].std(), rel=0.1)


def test_few_degrees_of_freedom_mean_heavy_tails():
    light, heavy = (own_factor(3, "own", 20, STEPS, 0.0, tails) for tails in (50.0, 4.0))
    assert np.percentile(np.abs(heavy), 99.9) > 1.3 * np.percentile(np.abs(light), 99.9)


def test_correlation_falls_with_distance():
    range_m = 500.0
    places = np.array([[0.0, 0.0], [0.5, 0], [1, 0], [2, 0], [8, 0]]) * range_m
    factor = shared_factor(4, "shared", places, range_m, STEPS, 0.5)
    correlation = np.corrcoef(factor)[0]
    expected = np.exp(-((places[:, 0] / range_m) ** 2) / 4)
    assert correlation == pytest.approx(expected, abs=0.1)
    assert factor.std(axis=1) == pytest.approx(1, abs=0.12)


def test_the_city_factor_is_common_to_all_stations():
    assert city_factor(5, "city", 24, 0.6).shape == (1, 24)


def test_factors_of_other_names_differ():
    one, other = (own_factor(6, name, 2, 50, 0.5, 5.0) for name in ("a", "b"))
    assert not np.allclose(one, other)


@given(hours=st.floats(0.1, 1000))
def test_correlation_falls_to_one_over_e_after_the_given_hours(hours):
    assert ar1_coefficient(hours) ** hours == pytest.approx(np.exp(-1))
