"""Shadowing is Gaussian in dB, alike nearby, and a function of place."""

import numpy as np

from netspatial.radio.shadowing import field, link_field

PLACES = np.column_stack([np.linspace(0, 300, 31), np.zeros(31)])


def test_mean_variance_and_correlation_over_many_fields():
    fields = np.array([field(PLACES, seed, "f") for seed in range(1500)])
    assert np.abs(fields.mean(0)).max() < 0.12
    assert np.abs(fields.var(0) - 1).max() < 0.15
    correlation = (fields * fields[:, :1]).mean(0)
    assert np.abs(correlation - np.exp(-PLACES[:, 0] / 50)).max() < 0.1


def test_tails_are_gaussian():
    fields = np.array([field(PLACES[::5], seed, "g") for seed in range(1500)])
    assert abs((np.abs(fields) > 1.96).mean() - 0.05) < 0.01


def test_a_place_has_its_value_whoever_else_is_asked():
    every = field(PLACES, 3, "station")
    some = field(PLACES[[20, 4]], 3, "station")
    assert np.allclose(some, every[[20, 4]], atol=1e-12)


def test_stations_share_half_of_the_variance():
    pairs = []
    for seed in range(1500):
        common = field(PLACES[:1], seed, "shadowing")
        pairs.append([link_field(PLACES[:1], common, seed, name)[0] for name in ("a", "b")])
    assert abs(np.corrcoef(np.array(pairs).T)[0, 1] - 0.5) < 0.08


def test_seeds_and_names_give_other_fields():
    assert not np.allclose(field(PLACES, 1, "a"), field(PLACES, 2, "a"))
    assert not np.allclose(field(PLACES, 1, "a"), field(PLACES, 1, "b"))
