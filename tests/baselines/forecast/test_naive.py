"""Rules that learn nothing: exact where their assumption holds, with intervals of their errors."""

from dataclasses import replace

import numpy as np
import pytest

from netspatial.baselines.forecast import RULES
from netspatial.baselines.forecast.naive import Naive
from netspatial.errors import BadInput
from netspatial.forecast.forecaster import LEVELS, MEDIAN
from netspatial.forecast.windows import Shape, Windows
from tests.baselines.made_up_history import made_up_history

SHAPE = Shape(48, 24)
WEEKS = made_up_history(days=21, noise=0.3)


def forecaster(name: str, shape: Shape = SHAPE) -> Naive:
    return Naive(name, RULES[name], shape, WEEKS.tasks)


def fitted(name: str, windows: Windows) -> Naive:
    return forecaster(name, windows.shape).fit(windows, windows)


def repeated(period: int, shape: Shape = SHAPE) -> Windows:
    """Windows of a history that repeats itself."""
    first = WEEKS.values[:, :period]
    values = np.tile(first, (1, 504 // period, 1))
    return Windows.cut([replace(WEEKS, values=values)], shape, first=24 * 15, every=5)


@pytest.mark.parametrize(
    ("name", "windows"),
    [
        ("persistence", repeated(1)),
        ("seasonal-naive", repeated(24)),
        ("hour-of-week", repeated(168)),
        ("seasonal-naive", repeated(168, Shape(168, 24))),
    ],
)
def test_a_rule_is_exact_where_history_repeats_itself(name: str, windows: Windows) -> None:
    np.testing.assert_allclose(
        fitted(name, windows).predict(windows), windows.truth(), rtol=1e-4, atol=1e-3
    )


def test_without_a_week_the_mean_is_of_days_of_the_same_kind() -> None:
    windows = Windows.cut([WEEKS], SHAPE, first=96, last=120)  # a Friday
    truth = WEEKS.values[:, :96].reshape(11, 4, 24, 2).mean(axis=1)
    np.testing.assert_allclose(fitted("hour-of-week", windows).predict(windows), truth, rtol=1e-4)


def test_persistence_skips_what_was_not_measured() -> None:
    values = WEEKS.values.copy()
    values[:, 90:96] = np.nan
    windows = Windows.cut([replace(WEEKS, values=values)], SHAPE, first=96, last=120)
    last = np.repeat(values[:, 89:90], 24, axis=1)
    np.testing.assert_allclose(fitted("persistence", windows).predict(windows), last, rtol=1e-4)


@pytest.mark.parametrize("name", list(RULES))
def test_intervals_hold_the_errors_that_they_were_measured_on(name: str) -> None:
    windows = Windows.cut([WEEKS], SHAPE, first=24 * 15, every=5)
    quantiles = fitted(name, windows).predict_quantiles(windows)
    truth = windows.truth()
    assert (np.diff(quantiles, axis=-1) >= 0).all()
    covered = (quantiles[..., 0] <= truth) & (truth <= quantiles[..., -1])
    assert covered.mean() == pytest.approx(0.9, abs=0.03)


@pytest.mark.parametrize("name", list(RULES))
def test_the_rule_stays_the_median(name: str) -> None:
    windows = Windows.cut([WEEKS], SHAPE, first=24 * 15, every=9)
    naive = fitted(name, windows)
    assert naive.errors is not None
    assert (naive.errors[:, MEDIAN] == 0).all()
    assert naive.errors.shape == (2, len(LEVELS))


def test_errors_are_saved_and_read(tmp_path) -> None:
    windows = Windows.cut([WEEKS], SHAPE, first=24 * 15, every=9)
    naive = fitted("persistence", windows)
    naive.save(tmp_path / "model")
    again = Naive.load(tmp_path / "model", RULES["persistence"])
    assert np.array_equal(again.predict_quantiles(windows), naive.predict_quantiles(windows))


def test_a_rule_that_was_not_fitted_has_no_intervals() -> None:
    windows = Windows.cut([WEEKS], SHAPE, first=24 * 15, every=9)
    with pytest.raises(BadInput, match="'persistence' has not been fitted yet"):
        forecaster("persistence").predict_quantiles(windows)
