"""Shared noise is standard normal at every place, alike among neighbours, and keyed by place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from netspatial.generate.spatial_noise import (
    CITY_RANGE_M,
    METRES_PER_DEGREE,
    NoiseFields,
    SharedNoise,
    SpatialNoise,
    matern,
    mixed_noise,
)
from netspatial.randomness import stream

SHARED = SharedNoise(city=0.1, near=0.4, range_m=800.0)
LAT = 45.46


def beside(metres: np.ndarray, lat: float = LAT, lon: float = 9.19) -> np.ndarray:
    """Degrees of places so many metres east of a point."""
    east = lon + metres / (METRES_PER_DEGREE * np.cos(np.radians(lat)))
    return np.column_stack([east, np.full(len(metres), lat)])


def noise(lonlat: np.ndarray, samples: int = 3, size: int = 5, seed: int = 1) -> np.ndarray:
    names = [f"{lon:.9f} {lat:.9f}" for lon, lat in lonlat]
    own = np.array(
        [stream(seed, name).standard_normal((samples, size), dtype=np.float32) for name in names]
    ).reshape(len(lonlat), samples, size)
    return NoiseFields(seed, "test").mix("level", own, SpatialNoise(lonlat, {"level": SHARED}))


def test_every_marginal_is_standard_normal() -> None:
    places = beside(np.array([0.0, 300.0, 5000.0]))
    drawn = noise(places, 40, 500)
    for one in drawn:
        assert kstest(one.ravel(), "norm").pvalue > 1e-3
    assert kstest(drawn[:, :, 0].ravel(), "norm").pvalue > 1e-3


@pytest.mark.parametrize("lat", [-33.0, 0.0, 45.46, 64.0])
@pytest.mark.parametrize("range_m", [300.0, 2000.0])
def test_correlation_is_matern_and_falls_with_distance(lat: float, range_m: float) -> None:
    apart = np.array([0.25, 0.5, 1.0, 2.0, 4.0])
    found = np.zeros((4, len(apart)))
    for at, origin in enumerate((0.0, 0.31, 0.77, 1.9)):
        metres = range_m * (origin + np.concatenate([[0.0], apart]))
        field = NoiseFields(at).field("level", beside(metres, lat), range_m, (1, 4000))[:, 0]
        found[at] = np.corrcoef(field)[0, 1:]
    mean = found.mean(axis=0)
    np.testing.assert_allclose(mean, matern(apart), atol=0.04)
    assert (np.diff(mean) < 0).all()


def test_mixed_noise_is_correlated_as_stated() -> None:
    metres = np.array([0.0, 400.0, 2000.0])
    drawn = noise(beside(metres), 20, 2000).reshape(3, -1)
    expected = SHARED.near * matern(metres / SHARED.range_m) + SHARED.city * matern(
        metres / CITY_RANGE_M
    )
    found = np.corrcoef(drawn)[0, 1:]
    np.testing.assert_allclose(found, expected[1:], atol=0.03)
    np.testing.assert_allclose(SHARED.correlation(metres), expected)


PLACES = beside(np.array([0.0, 120.0, 121.0, 900.0, 40_000.0, 41_000.0]))


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6))
@settings(max_examples=20)
def test_a_place_gets_the_same_noise_in_any_selection_and_order(rows: list[int]) -> None:
    assert np.array_equal(noise(PLACES[rows]), noise(PLACES)[rows])


def test_more_samples_begin_with_the_same_samples() -> None:
    assert np.array_equal(noise(PLACES, 2), noise(PLACES, 6)[:, :2])


def test_levels_and_seeds_have_fields_of_their_own() -> None:
    fields = NoiseFields(1)
    one, other = (fields.field(name, PLACES, 500.0, (1, 50)) for name in ("daily", "weekly"))
    again = NoiseFields(2).field("daily", PLACES, 500.0, (1, 50))
    assert not np.allclose(one, other)
    assert not np.allclose(one, again)


def test_nothing_shared_is_a_place_s_own_noise_bit_for_bit() -> None:
    own = {"level": stream(0, "own").standard_normal((6, 2, 3), dtype=np.float32)}
    fields = NoiseFields(3)
    nothing = {"level": SharedNoise(0.0, 0.0, 500.0)}
    for spatial in (None, SpatialNoise(PLACES, {}), SpatialNoise(PLACES, nothing)):
        assert np.array_equal(mixed_noise(own, fields, spatial)["level"], own["level"])


def test_the_field_goes_on_across_the_date_line() -> None:
    places = np.array([[179.9999, 10.0], [-179.9999, 10.0]])
    east, west = NoiseFields(4).field("level", places, 2000.0, (1, 400))[:, 0]
    assert np.corrcoef(east, west)[0, 1] > 0.99


def test_no_places_have_no_noise() -> None:
    assert NoiseFields(0).field("level", np.empty((0, 2)), 500.0, (2, 3)).shape == (0, 2, 3)
