"""Selection methods: optimality, spacing, approximation guarantee and determinism."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from netspatial.plan.catchment import Catchment
from netspatial.plan.siting import METHODS, Problem
from netspatial.plan.siting.exact import best_sites
from netspatial.plan.siting.greedy import covered, lazy_greedy
from netspatial.randomness import stream

NONE = np.array([], dtype=np.int64)


def problem(seed: int, n: int = 12, k: int = 3, **changes) -> Problem:
    """Return random places on a square of 1 km, with two stations."""
    random = stream(seed, "siting")
    xy = random.uniform(0, 1000, (n, 2))
    made = Problem(
        score=random.integers(0, 6, n).astype(float),  # ties are common
        coverage_weight=random.uniform(0, 1, n),
        candidates=random.random(n) < 0.9,
        must=NONE,
        sites=k,
        spacing_m=250.0,
        catchment=Catchment(
            xy, np.full(n, 1e4), 250.0, random.uniform(0, 1000, (2, 2)), np.array([250.0, 400.0])
        ),
        time_limit_s=20.0,
    )
    return replace(made, **changes)


problems = st.builds(problem, st.integers(0, 10_000), st.integers(6, 14), st.integers(1, 4))


def best_of_all(value, asked: Problem) -> float:
    """Return the largest value over all sets of K candidates."""
    sets = combinations(np.flatnonzero(asked.candidates), asked.sites)
    return max(value(np.array(chosen)) for chosen in sets)


@given(problems)
def test_top_k_is_optimal_for_a_modular_utility(asked):
    assume(asked.candidates.sum() >= asked.sites)
    chosen = METHODS["top-k"].choose(asked).sites
    assert asked.score[chosen].sum() == best_of_all(lambda s: asked.score[s].sum(), asked)
    # ties go to the lower position
    for site in chosen:
        equal = asked.candidates & (asked.score == asked.score[site])
        assert set(np.flatnonzero(equal)[:1]) <= set(chosen.tolist())


@given(problems, st.floats(50, 600))
def test_the_spacing_holds_and_no_better_cell_was_skipped(asked, radius):
    asked = replace(asked, spacing_m=radius)
    chosen = METHODS["exclusion"].choose(asked).sites
    xy = asked.catchment.xy
    apart = [np.hypot(*(xy[a] - xy[b])) for a, b in combinations(chosen, 2)]
    assert all(distance >= radius for distance in apart)
    for cell in set(np.flatnonzero(asked.candidates)) - set(chosen.tolist()):
        better = [s for s in chosen if (asked.score[s], -s) > (asked.score[cell], -cell)]
        blocked = any(np.hypot(*(xy[cell] - xy[s])) < radius for s in better)
        assert blocked or len(better) == asked.sites


@given(problems)
def test_lazy_greedy_is_plain_greedy(asked):
    gain = asked.catchment.service
    chosen: list[int] = []
    for _ in range(asked.sites):
        left = [int(c) for c in np.flatnonzero(asked.candidates) if c not in chosen]
        if not left:
            break
        values = [covered(gain, asked.coverage_weight, np.array([*chosen, c])) for c in left]
        chosen.append(left[int(np.argmax(np.round(values, 12)))])
    lazy = lazy_greedy(gain, asked)
    assert covered(gain, asked.coverage_weight, lazy.sites) == pytest.approx(
        covered(gain, asked.coverage_weight, np.array(chosen, dtype=np.int64)), rel=1e-9
    )
    assert lazy.gains.sum() == pytest.approx(covered(gain, asked.coverage_weight, lazy.sites))
    assert (np.diff(lazy.gains) <= 1e-12).all()


@pytest.mark.parametrize("name", ["max-coverage", "p-median"])
@settings(max_examples=15)
@given(asked=problems)
def test_exact_methods_are_optimal_and_greedy_keeps_its_guarantee(name, asked):
    assume(asked.candidates.sum() >= asked.sites)
    matrix = asked.catchment.service if name == "max-coverage" else asked.catchment.nearness

    def value(sites):
        return covered(matrix, asked.coverage_weight, sites)

    best = best_of_all(value, asked)
    exact = METHODS[name].choose(asked)
    assert value(exact.sites) == pytest.approx(best, rel=2e-4)
    assert "proven" in exact.notes[0]
    assert value(METHODS[name].in_sample(asked).sites) >= (1 - 1 / np.e) * best - 1e-12


@settings(max_examples=20)
@given(problems, st.sampled_from(list(METHODS)))
def test_excluded_cells_stay_out_and_required_cells_are_in(asked, name):
    must = np.flatnonzero(asked.candidates)[-1:]
    assume(len(must))
    chosen = METHODS[name].choose(replace(asked, must=must)).sites
    assert set(must) <= set(chosen.tolist())
    assert set(chosen.tolist()) <= set(np.flatnonzero(asked.candidates))
    assert len(set(chosen.tolist())) == len(chosen) <= asked.sites
    without = asked.candidates.copy()
    without[METHODS[name].choose(asked).sites] = False
    again = METHODS[name].choose(replace(asked, candidates=without)).sites
    assert without[again].all()


@pytest.mark.parametrize("name", list(METHODS))
@given(asked=problems)
@settings(max_examples=5)
def test_where_no_cell_may_be_chosen_none_is(name, asked):
    none = np.zeros_like(asked.candidates)
    assert not len(METHODS[name].choose(replace(asked, candidates=none)).sites)


def test_max_coverage_beats_greedy_where_greedy_is_known_to_err():
    """Textbook case: after the largest set, one more cannot cover both remaining halves."""
    gain = csr_array(np.array([[0, 1, 1, 1, 1, 0], [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1.0]]))
    trap = problem(
        0, 3, 2, coverage_weight=np.ones(6), candidates=np.ones(3, dtype=bool), score=np.zeros(3)
    )
    assert covered(gain, trap.coverage_weight, lazy_greedy(gain, trap).sites) == 5
    assert sorted(best_sites(gain, trap).sites) == [1, 2]


def test_a_stopped_search_reports_its_optimality_gap():
    hard = problem(1, 400, 12, candidates=np.ones(400, dtype=bool), time_limit_s=0.1)
    stopped = best_sites(hard.catchment.nearness, hard)
    assert len(stopped.sites) == 12
    assert "stopped at its limit of 0.1 s" in stopped.notes[0]
    assert "% more" in stopped.notes[0]


def test_demand_served_by_stations_adds_no_gain():
    """A cell at a station adds nothing; without the station it adds the most."""
    xy = np.array([[0.0, 0.0], [2000.0, 0.0]])
    asked = problem(
        0, 2, 1, coverage_weight=np.array([5.0, 1.0]), candidates=np.ones(2, dtype=bool)
    )

    def chosen(*stations):
        known = np.array(stations, dtype=float).reshape(-1, 2)
        near = Catchment(xy, np.full(2, 1e4), 250.0, known, np.full(len(known), 250.0))
        return METHODS["greedy"].choose(replace(asked, catchment=near)).sites.tolist()

    assert chosen() == [0]
    assert chosen((0, 0)) == [1]


@pytest.mark.parametrize("name", list(METHODS))
def test_the_challenger_is_the_best_replacement(name):
    asked = problem(5, 14, 3, spacing_m=300.0)
    method = METHODS[name]
    sites = method.choose(asked).sites
    runner_up = method.runner_up(asked, sites)
    matrix = asked.catchment.nearness if name == "p-median" else asked.catchment.service
    for number, site in enumerate(sites):
        others = np.delete(sites, number)

        def coverage_weight(cell, others=others):
            if not method.covers:
                return asked.score[cell]
            return covered(matrix, asked.coverage_weight, np.append(others, cell)) - covered(
                matrix, asked.coverage_weight, others
            )

        def fits(cell, others=others):
            distance = np.hypot(*(asked.catchment.xy[others] - asked.catchment.xy[cell]).T)
            return name != "exclusion" or (distance >= 300).all()

        free = [c for c in np.flatnonzero(asked.candidates) if c not in sites and fits(c)]
        assert runner_up.own[number] == pytest.approx(coverage_weight(site))
        assert runner_up.value[number] == pytest.approx(max(map(coverage_weight, free)))
        assert runner_up.cell[number] in free
