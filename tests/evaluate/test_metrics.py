"""Metrics compared with closed forms, and their invariances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from netspatial.evaluate.metrics import (
    acf_distance,
    autocorrelation,
    eq18,
    js_distance,
    js_divergence,
    level_spread,
    lineage_jsd,
    peak_hour_error,
    score,
    shared_edges,
    shares,
    wasserstein,
    weekly_correlation,
    weekly_profiles,
)
from netspatial.randomness import stream
from netspatial.scores import coverage, crps, depth

seeds = st.integers(0, 10_000)
HOURS = np.broadcast_to(np.arange(336) % 168, (4, 336))


def two_laws(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = stream(seed, "laws")
    p, q = rng.dirichlet(np.full(20, 0.3), size=2)
    return p, q


@given(seeds)
def test_js_is_a_bounded_symmetric_distance_and_equals_that_of_scipy(seed: int) -> None:
    p, q = two_laws(seed)
    assert js_distance(p, p) == 0
    assert js_distance(p, q) == pytest.approx(js_distance(q, p))
    assert 0 <= js_divergence(p, q) <= np.log(2)
    assert js_distance(p, q) == pytest.approx(jensenshannon(p, q), abs=1e-9)


@given(seeds)
def test_js_satisfies_the_triangle_inequality(seed: int) -> None:
    p, q = two_laws(seed)
    r, _ = two_laws(seed + 1)
    assert js_distance(p, q) <= js_distance(p, r) + js_distance(r, q) + 1e-12


def test_disjoint_values_saturate_js_at_the_root_of_ln_2() -> None:
    edges = shared_edges(np.array([0.0, 10.0]))
    p, q = shares(np.full(50, 1.0), edges), shares(np.full(50, 9.0), edges)
    assert js_distance(p, q) == pytest.approx(0.8326, abs=1e-4)
    assert eq18(p, q) > 3  # as printed it has no bound


@given(seeds)
def test_eq18_is_twice_js_for_similar_distributions(seed: int) -> None:
    p = stream(seed, "p").dirichlet(np.full(20, 5.0))
    q = p * (1 + 0.01 * stream(seed, "q").normal(size=20))
    q /= q.sum()
    assert eq18(p, q) == pytest.approx(2 * js_distance(p, q), rel=0.02)


@given(seeds)
def test_every_value_falls_into_a_bin_even_beyond_the_training_range(seed: int) -> None:
    rng = stream(seed, "bins")
    edges = shared_edges(rng.normal(size=100))
    share = shares(rng.normal(0, 10, size=500), edges)
    assert len(share) == len(edges) - 1
    assert share.sum() == pytest.approx(1)


def test_the_jsd_of_earlier_papers_is_invariant_to_scale_and_shift() -> None:
    real = stream(0, "real").gamma(2.0, size=5000)
    edges = shared_edges(real)
    for changed in (10 * real, real + 5):
        assert lineage_jsd(changed, real) < 1e-6
        assert js_distance(shares(changed, edges), shares(real, edges)) > 0.3


@given(seeds, st.floats(0.1, 5))
def test_wasserstein_of_a_shift_is_the_shift(seed: int, shift: float) -> None:
    x = stream(seed, "x").normal(size=1000)
    assert wasserstein(x + shift, x) == pytest.approx(shift)


@given(seeds, st.integers(2, 8))
@settings(max_examples=25)
def test_crps_is_the_sum_over_all_pairs(seed: int, size: int) -> None:
    rng = stream(seed, "crps")
    samples, truth = rng.normal(size=(3, size, 5)), rng.normal(size=(3, 5))
    pairs = np.abs(samples[:, :, None] - samples[:, None]).sum((1, 2)) / (2 * size * (size - 1))
    direct = np.abs(samples - truth[:, None]).mean(1) - pairs
    assert crps(samples, truth) == pytest.approx(direct)


def test_crps_of_a_gaussian_is_its_closed_form() -> None:
    # y = 0 under N(0, 1): (√2 - 1)/√π = 0.23370
    samples = stream(0, "gauss").normal(size=(1, 200_000, 1))
    assert float(crps(samples, np.zeros((1, 1)))[0, 0]) == pytest.approx(0.2337, abs=2e-3)


def test_the_expected_crps_does_not_depend_on_the_size_of_the_ensemble() -> None:
    rng = stream(1, "fair")
    truth = rng.normal(size=(40_000, 1))
    means = [float(crps(rng.normal(size=(40_000, s, 1)), truth).mean()) for s in (2, 19)]
    assert means[0] == pytest.approx(means[1], rel=0.03)


@pytest.mark.parametrize("size", [19, 39, 99])
def test_order_statistics_cover_ninety_per_cent_of_a_perfect_sampler(size: int) -> None:
    rng = stream(2, "cover")
    samples, truth = rng.gamma(1.0, size=(20_000, size, 1)), rng.gamma(1.0, size=(20_000, 1))
    assert float(coverage(samples, truth).mean()) == pytest.approx(0.9, abs=0.01)


@given(seeds)
def test_depth_is_the_narrowest_interval_that_holds_the_truth(seed: int) -> None:
    rng = stream(seed, "depth")
    samples, truth = rng.integers(0, 6, (3, 19, 5)), rng.integers(0, 6, (3, 5))
    ordered, found = np.sort(samples, axis=1), depth(samples, truth)
    for k in range(1, 10):
        inside = (truth >= ordered[:, k - 1]) & (truth <= ordered[:, 19 - k])
        np.testing.assert_array_equal(inside, found >= k)


def test_coverage_refuses_ensembles_without_exact_90_percent_intervals() -> None:
    with pytest.raises(ValueError, match="20 samples"):
        coverage(np.zeros((1, 20, 1)), np.zeros((1, 1)))


def test_autocorrelation_of_a_daily_cycle_is_one_at_lag_24() -> None:
    x = np.sin(2 * np.pi * np.arange(24 * 200) / 24)[None]
    acf = autocorrelation(x)[0]
    assert acf[23] == pytest.approx(1, abs=0.01)
    assert acf[11] == pytest.approx(-1, abs=0.01)
    assert autocorrelation(np.ones((1, 400))).max() == 0


def test_acf_distance_is_zero_for_the_truth_and_large_for_shuffled_hours() -> None:
    x = np.sin(2 * np.pi * np.arange(336) / 24)[None].repeat(4, 0)
    assert acf_distance(x[:, None], x) == 0
    shuffled = stream(0, "shuffle").permuted(x, axis=1)
    assert acf_distance(shuffled[:, None], x) > 0.3


@given(st.integers(0, 23), st.integers(0, 23))
def test_the_peak_hour_error_is_circular(a: int, b: int) -> None:
    x, y = ((hour == HOURS % 24).astype(float) for hour in (a, b))
    assert peak_hour_error(x, y, HOURS) == min((a - b) % 24, (b - a) % 24)


def test_weekly_correlation_is_invariant_to_scale_and_offset() -> None:
    x = weekly_profiles(stream(0, "w").gamma(2.0, size=(4, 336)), HOURS)
    week = np.tile(x, 2)
    assert weekly_correlation(3 * week + 1, week, HOURS) == pytest.approx(1)
    assert weekly_correlation(np.ones_like(week), week, HOURS) == 0


@given(st.floats(0.1, 3))
def test_level_spread_is_the_ratio_of_log_deviations(power: float) -> None:
    means = stream(0, "levels").lognormal(size=(50, 1)) * np.ones((1, 10))
    assert level_spread((means**power)[:, None], means) == pytest.approx(power)


def test_swapping_sites_changes_the_crps_and_not_the_pooled_js() -> None:
    rng = stream(3, "swap")
    truth = rng.lognormal(size=(60, 1)) * rng.lognormal(0, 0.1, size=(60, 168))
    right = truth[:, None] * rng.lognormal(0, 0.1, size=(60, 19, 168))
    hours = np.broadcast_to(np.arange(168), truth.shape)
    a, b = (score(s, truth, hours, truth) for s in (right, right[::-1]))
    assert a.js == pytest.approx(b.js)
    assert a.crps < 0.5 * b.crps
