import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from netspatial.evaluate import series_features

HOURS = np.arange(4 * 168)
DAY = 1 + 0.5 * np.cos(2 * np.pi * HOURS / 24)
traffic = arrays(np.float64, (3, 336), elements=st.floats(0.1, 100)).filter(
    lambda x: (x.std(axis=1) > 0.01).all()
)


@given(x=traffic, scale=st.floats(0.1, 100))
def test_profile_features_do_not_depend_on_the_unit(x, scale):
    for measure in (
        series_features.day_shape,
        series_features.weekday_weekend_ratio,
        series_features.variation,
    ):
        assert np.allclose(measure(scale * x), measure(x))


@given(x=traffic)
def test_spectrum_shares_are_between_zero_and_one_and_day_shapes_have_mean_one(x):
    lines = [series_features.spectrum_share(x, period) for period in (168, 24, 12, 8)]
    assert (np.array(lines) >= 0).all()
    assert (np.sum(lines, axis=0) <= 1 + 1e-9).all()
    assert np.allclose(series_features.day_shape(x).mean(axis=1), 1)


def test_features_of_a_sinusoidal_day_have_closed_forms():
    x = DAY[None, :]
    assert series_features.lag_correlation(x, 24) == pytest.approx(1)
    assert series_features.lag_correlation(x, 12) == pytest.approx(-1)
    assert series_features.spectrum_share(x, 24) == pytest.approx(1)
    assert series_features.spectrum_share(x, 12) == pytest.approx(0, abs=1e-12)
    assert series_features.variation(x) == pytest.approx(0.5 / np.sqrt(2))
    assert series_features.weekday_weekend_ratio(x) == pytest.approx(1)
    assert series_features.day_shape(x)[0] == pytest.approx(DAY[:24])


def test_white_noise_has_no_autocorrelation():
    x = np.random.default_rng(0).uniform(size=(40, 672))
    assert np.median(series_features.lag_correlation(x, 24)) == pytest.approx(0, abs=0.03)


def test_the_weekday_weekend_ratio_of_a_known_series():
    weekend = (HOURS // 24) % 7 >= 5
    assert series_features.weekday_weekend_ratio(
        np.where(weekend, 1.0, 3.0)[None, :]
    ) == pytest.approx(3)


def test_log_normal_levels_are_found_log_normal():
    random = np.random.default_rng(1)
    lognormal = np.exp(0.8 * random.standard_normal(2000))[:, None] * DAY[:168]
    uniform = random.uniform(0, 1, 2000)[:, None] * DAY[:168]
    assert series_features.level_spread(lognormal) == pytest.approx(0.8, rel=0.05)
    assert series_features.level_lognormality(lognormal) < 0.03
    assert series_features.level_lognormality(uniform) > 0.1


def test_neighbour_correlation_uses_pairs_in_the_range_of_distances():
    places = np.array([[0.0, 0.0], [300.0, 0.0], [1000.0, 0.0]])
    x = np.stack([DAY, 5 * DAY, np.roll(DAY, 12)])
    near = series_features.neighbour_correlation(x, places, 200, 400)
    far = series_features.neighbour_correlation(x, places, 600, 1200)
    assert near == pytest.approx([1])
    assert far == pytest.approx([-1, -1])
