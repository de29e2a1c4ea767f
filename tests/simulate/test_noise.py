import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.simulate.noise import (
    Fields,
    gaussian_field,
    grid_noise,
    hashed,
    line_noise,
    redrawn,
    salt,
    uniform,
)

LATTICE = np.arange(300, dtype=np.int64)


@given(
    seed=st.integers(0, 2**63),
    left=st.integers(-4000, 4000),
    top=st.integers(-4000, 4000),
    wavelength=st.floats(3.0, 900.0),
)
def test_noise_depends_on_the_place_alone_and_not_on_the_window(seed, left, top, wavelength):
    salted = salt(seed, "noise")
    x = (left + np.arange(40) + 0.5) * 2.5
    y = (top - np.arange(30) + 0.5) * 2.5
    whole = grid_noise(salted, x, y, wavelength)
    part = grid_noise(salted, x[13:], y[7:21], wavelength)
    assert np.array_equal(whole[7:21, 13:], part)


@given(seed=st.integers(0, 2**63))
def test_lattice_noise_has_about_unit_variance(seed):
    ticks = np.arange(0, 4000, 9.7)
    field = grid_noise(salt(seed, "a"), ticks, ticks, 40.0)
    line = line_noise(salt(seed, "a"), np.arange(0, 400_000, 13.0), 40.0)
    assert abs(float(field.mean())) < 0.15
    assert 0.85 < float(field.std()) < 1.15
    assert 0.9 < float(line.std()) < 1.1


@given(seed=st.integers(0, 2**63))
def test_hashes_are_uniform_and_differ_between_names(seed):
    one = uniform(salt(seed, "one"), LATTICE[:, None], LATTICE[None, :])
    other = uniform(salt(seed, "other"), LATTICE[:, None], LATTICE[None, :])
    for values in (one, other):
        assert float(values.min()) >= 0
        assert float(values.max()) < 1
        assert np.allclose(np.quantile(values, [0.1, 0.5, 0.9]), [0.1, 0.5, 0.9], atol=0.01)
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.02
    assert abs(np.corrcoef(one[1:].ravel(), one[:-1].ravel())[0, 1]) < 0.02
    assert abs(np.corrcoef(one[:, 1:].ravel(), one[:, :-1].ravel())[0, 1]) < 0.02


@given(seed=st.integers(0, 2**63))
def test_a_redrawn_hash_is_uniform_and_independent_of_the_first(seed):
    bits = hashed(salt(seed, "bits"), LATTICE[:, None], LATTICE[None, :])
    draws = [redrawn(salt(seed, "again", k), bits).ravel() for k in range(3)]
    for values in draws:
        assert np.allclose(np.quantile(values, [0.1, 0.5, 0.9]), [0.1, 0.5, 0.9], atol=0.02)
    assert np.abs(np.corrcoef(draws) - np.eye(3)).max() < 0.05


def test_a_gaussian_field_is_smooth_over_its_correlation_length():
    field = gaussian_field(3, "hills", (200, 300), (16.0, 16.0))
    assert field.shape == (200, 300)
    assert abs(float(field.mean())) < 1e-5
    assert float(field.std()) == pytest.approx(1, abs=1e-5)
    near = np.corrcoef(field[:, :-2].ravel(), field[:, 2:].ravel())[0, 1]
    far = np.corrcoef(field[:, :-60].ravel(), field[:, 60:].ravel())[0, 1]
    assert near > 0.9
    assert abs(far) < 0.5


def test_fields_of_other_names_and_seeds_differ():
    field = Fields(1, 1000.0, 20.0)
    assert not np.array_equal(field("a", 100.0), field("b", 100.0))
    assert not np.array_equal(field("a", 100.0), Fields(2, 1000.0, 20.0)("a", 100.0))
    assert np.array_equal(field("a", 100.0), Fields(1, 1000.0, 20.0)("a", 100.0))
