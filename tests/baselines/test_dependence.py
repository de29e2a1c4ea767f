"""Reorderings of samples keep every place's own distribution."""

import numpy as np
import pytest

from netspatial.baselines.dependence import copula, shuffle
from netspatial.randomness import stream

HOURS = np.arange(2 * 168) % 168
RANDOM = stream(0, "reordering")
DRAWN = RANDOM.lognormal(0, 0.5, (6, 9, len(HOURS)))
EVENT = RANDOM.standard_normal(len(HOURS))
TRUTH = np.exp(0.3 * EVENT + 0.05 * RANDOM.standard_normal((6, len(HOURS))))


def test_each_hour_of_a_place_keeps_its_samples() -> None:
    found = shuffle(DRAWN, TRUTH, HOURS, 0)
    np.testing.assert_array_equal(np.sort(found, axis=1), np.sort(DRAWN, axis=1))


def test_places_whose_residuals_go_together_get_samples_that_do() -> None:
    found = shuffle(DRAWN, TRUTH, HOURS, 0)
    together = np.corrcoef(found[0].ravel(), found[1].ravel())[0, 1]
    assert together > 0.5
    assert abs(np.corrcoef(DRAWN[0].ravel(), DRAWN[1].ravel())[0, 1]) < 0.1


def test_a_week_is_long_enough_for_more_samples_than_days() -> None:
    found = shuffle(DRAWN[..., :168], TRUTH[:, :168], HOURS[:168], 0)
    assert found.shape == (6, 9, 168)


@pytest.mark.parametrize("rho", [0.0, 0.95])
def test_a_copula_moves_whole_series(rho: float) -> None:
    levels = stream(1, "levels").lognormal(0, 1, (6, 200, 1))
    series = np.concatenate([levels, 2 * levels], axis=2)
    correlation = np.full((6, 6), rho)
    np.fill_diagonal(correlation, 1.0)
    found = copula(series, correlation, 0)
    np.testing.assert_array_equal(np.sort(found, axis=1), np.sort(series, axis=1))
    np.testing.assert_array_equal(found[..., 1], 2 * found[..., 0])
    ranks = found[..., 0].argsort(axis=1).argsort(axis=1)
    assert np.corrcoef(ranks)[0, 1] == pytest.approx(rho, abs=0.2)
