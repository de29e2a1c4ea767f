"""What neighbours share is found again from their correlation against distance."""

from pathlib import Path

import numpy as np
import pytest

from netspatial.errors import BadInput
from netspatial.generate.dependence import (
    EDGES_M,
    FEWEST_STATIONS,
    LEVELS,
    MAX_SHARED,
    LearntNoise,
    correlogram,
    fit_shared,
    load_dependence,
    pooled,
    save_dependence,
)
from netspatial.generate.spatial_noise import SharedNoise
from netspatial.randomness import stream
from netspatial.weights import save_weights

PLANTED = SharedNoise(city=0.1, near=0.45, range_m=900.0)


def residuals(
    count: int, hours: int = 1500, seed: int = 0, planted: SharedNoise = PLANTED
) -> tuple[np.ndarray, np.ndarray]:
    """Deviations (n, T) with the planted correlation, and places in 6 km, metres."""
    random = stream(seed, "stations", count)
    xy = random.uniform(0, 6000, (count, 2))
    apart = np.linalg.norm(xy[:, None] - xy[None], axis=2)
    covariance = planted.correlation(apart)
    np.fill_diagonal(covariance, 1.0)
    root = np.linalg.cholesky(covariance)
    return root @ random.standard_normal((count, hours)), xy


def test_planted_shares_are_found() -> None:
    found = fit_shared(correlogram(*residuals(120)))
    metres = np.array([100.0, 400.0, 1000.0, 3000.0])
    np.testing.assert_allclose(found.correlation(metres), PLANTED.correlation(metres), atol=0.04)


def test_half_of_the_correlation_reaching_the_traffic_doubles_the_shares() -> None:
    halved = SharedNoise(PLANTED.city / 2, PLANTED.near / 2, PLANTED.range_m)
    found = fit_shared(correlogram(*residuals(120, planted=halved)), transfer=0.5)
    metres = np.array([100.0, 1000.0])
    np.testing.assert_allclose(found.correlation(metres), PLANTED.correlation(metres), atol=0.06)


def test_shares_stay_below_one() -> None:
    x, xy = residuals(60)
    same = np.tile(x[:1], (60, 1))
    found = fit_shared(correlogram(same, xy), transfer=0.3)
    assert found.near + found.city <= MAX_SHARED + 1e-9


def test_independent_places_share_nearly_nothing() -> None:
    x, xy = residuals(80)
    own = stream(1, "own").standard_normal(x.shape)
    found = fit_shared(correlogram(own, xy))
    assert found.near + found.city < 0.05


def test_gaps_are_left_out() -> None:
    x, xy = residuals(60)
    holes = np.where(stream(2, "gaps").random(x.shape) < 0.3, np.nan, x)
    whole, partial = correlogram(x, xy), correlogram(holes, xy)
    np.testing.assert_allclose(partial.value, whole.value, atol=0.05)


def test_several_cities_are_weighted_by_pairs() -> None:
    few, many = correlogram(*residuals(20)), correlogram(*residuals(100, seed=1))
    both = pooled([few, many])
    np.testing.assert_allclose(both.pairs, few.pairs + many.pairs)
    seen = both.pairs > 0
    low, high = np.minimum(few.value, many.value), np.maximum(few.value, many.value)
    assert (both.value[seen] >= low[seen] - 1e-12).all()
    assert (both.value[seen] <= high[seen] + 1e-12).all()


def test_a_city_fits_its_own_residuals_from_twenty_stations_on() -> None:
    learnt = load_dependence()
    x, xy = residuals(100)
    few = FEWEST_STATIONS - 1
    assert learnt.for_city(x[:few], xy[:few]) == learnt
    fitted = learnt.for_city(x, xy)
    metres = np.array([300.0, 800.0])
    planted = PLANTED.correlation(metres)
    before, after = (
        np.abs(one.levels["residual"].correlation(metres) - planted).max()
        for one in (learnt, fitted)
    )
    assert after < 0.6 * before
    assert fitted.levels["daily"] == learnt.levels["daily"]


def test_every_level_has_bundled_values() -> None:
    learnt = load_dependence()
    assert set(learnt.levels) == set(LEVELS)
    for name, one in learnt.levels.items():
        assert 0 < one.near + one.city <= MAX_SHARED
        assert EDGES_M[0] < one.range_m < EDGES_M[-1]
        assert 0 < learnt.transfer[name] <= 1


def test_values_are_read_as_they_were_written(tmp_path: Path) -> None:
    learnt = LearntNoise(
        {name: SharedNoise(0.125, 0.25, 500.0 + at) for at, name in enumerate(LEVELS)},
        dict.fromkeys(LEVELS, 0.75),
    )
    mark = save_dependence(learnt, tmp_path / "values", ["a city"], ["CC0-1.0"])
    found = load_dependence(tmp_path / "values")
    assert (found.levels, found.transfer, found.fingerprint) == (
        learnt.levels,
        learnt.transfer,
        mark,
    )
    assert "a city" in (tmp_path / "values" / "card.md").read_text()


def test_values_of_other_levels_are_refused(tmp_path: Path) -> None:
    save_weights(tmp_path / "values", "dependence", {"level": np.zeros(4)}, {}, "# Card")
    with pytest.raises(BadInput, match="train-dependence"):
        load_dependence(tmp_path / "values")
