"""Samples of neighbouring places belong together, and a place stays what it is alone."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.context.embed import Context
from netspatial.generate.dependence import LEVELS
from netspatial.generate.generator import INDEPENDENT, Generator
from netspatial.generate.spatial_noise import SharedNoise
from tests.generate.made_up_stations import made_up_places

METRES = np.array([0.0, 100.0, 700.0, 9_000.0, 9_100.0])
STRONG = dict.fromkeys(LEVELS, SharedNoise(city=0.0, near=0.8, range_m=2000.0))


def placed(n: int = 5) -> Context:
    lonlat = np.column_stack([9.19 + METRES[:n] / 78_000, np.full(n, 45.46)])
    return replace(made_up_places(n), lonlat=lonlat)


@given(st.permutations(range(5)), st.integers(1, 5))
@settings(max_examples=6)
def test_a_place_has_the_same_traffic_alone_and_among_others(
    tiny_generator: Generator, order: list[int], size: int
) -> None:
    places = placed()
    whole = tiny_generator.sample(places, samples=2, seed=4, weeks=1)
    some = tiny_generator.sample(places.take(order[:size]), samples=2, seed=4, weeks=1)
    np.testing.assert_allclose(some, whole[order[:size]], rtol=1e-4, atol=1e-5)


def test_independent_samples_are_those_of_places_without_positions(
    tiny_generator: Generator,
) -> None:
    nowhere = tiny_generator.sample(made_up_places(5), samples=2, seed=1, weeks=1)
    apart = tiny_generator.sample(placed(), 2, seed=1, weeks=1, dependence=INDEPENDENT)
    assert np.array_equal(nowhere, apart)
    assert apart.attrs["dependence"] == nowhere.attrs["dependence"] == "independent"
    shared = tiny_generator.sample(placed(), 2, seed=1, weeks=1)
    assert shared.attrs["dependence"] == "spatial"
    assert not np.allclose(shared, apart)


def test_levels_of_neighbours_rise_together(tiny_generator: Generator) -> None:
    drawn = tiny_generator.sample(placed(), 200, seed=2, weeks=1, dependence=STRONG)
    levels = np.log(drawn.mean("time").to_numpy())
    found = np.corrcoef(levels)
    assert found[0, 1] > 0.4
    assert found[3, 4] > 0.4
    assert abs(found[0, 3]) < 0.25


def test_level_scores_order_the_mean_traffic(tiny_generator: Generator) -> None:
    scores = np.tile(np.linspace(-2, 2, 9), (5, 1))
    drawn = tiny_generator.sample(placed(), 9, seed=3, level_scores=scores)
    levels = np.log(drawn.mean("time").to_numpy())
    assert np.corrcoef(levels.mean(axis=0), scores[0])[0, 1] > 0.9
