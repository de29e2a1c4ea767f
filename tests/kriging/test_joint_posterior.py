"""Joint samples of the level have the covariance of the posterior in closed form."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest

from netspatial.kriging.conditioning import FittedFields
from netspatial.kriging.joint_posterior import level_scores, prior_features
from netspatial.kriging.kernels import Kernels, Places
from netspatial.kriging.series import Moments
from netspatial.kriging.stations import MeasuredStations
from tests.kriging.made_up_field import made_up_level, made_up_places, zero_shot

KNOWN, ASKED = made_up_places(60, 1), made_up_places(12, 2)
IDS = [f"cell {at}" for at in range(len(ASKED))]
THETA = np.log(
    [0.1, 0.2, 0.05, 0.1, 1e-9, 1e-9, 0.05, 0.1, 0.1, 0.1, 0.3, 0.3, 0.1, 0.05, 0.1, 0.1]
)


@pytest.fixture(scope="module")
def fields() -> FittedFields:
    level = made_up_level(KNOWN)
    moments: Moments = zero_shot(KNOWN)
    n = len(KNOWN)
    stations = MeasuredStations(
        tuple(f"s{at}" for at in range(n)),
        KNOWN,
        moments,
        level,
        np.full(n, 0.02),
        np.full((n, 168), np.nan),
        np.full(n, np.nan),
        "GB/h",
    )
    theta = {"level": THETA, "shape": THETA, "scatter": THETA}
    return FittedFields(stations, Kernels.of(KNOWN), theta)


def posterior(fields: FittedFields, places: Places) -> np.ndarray:
    """Covariance of the levels of places given the stations, own noise included."""
    variances, kernels = np.exp(THETA), fields.kernels
    inside, cross, among = (
        np.tensordot(variances[:-1], kernels.between(a, b), 1)
        for a, b in ((KNOWN, KNOWN), (places, KNOWN), (places, places))
    )
    inside[np.diag_indices(len(KNOWN))] += variances[-1] + fields.stations.level_error + 1e-8
    found = among - cross @ np.linalg.solve(inside, cross.T)
    found[np.diag_indices(len(places))] += variances[-1]
    return found


@pytest.mark.parametrize("square_m", [0.0, 235.0])
def test_features_have_the_prior_covariance(fields: FittedFields, square_m: float) -> None:
    places = replace(ASKED, square_m=square_m)
    expected = np.tensordot(np.exp(THETA)[:-1], fields.kernels.between(places, places), 1)
    found = np.mean(
        [
            (features := prior_features(fields.kernels, places, THETA, seed, smooth=square_m > 0))
            @ features.T
            for seed in range(12)
        ],
        axis=0,
    )
    np.testing.assert_allclose(np.diag(found), np.diag(expected), rtol=1e-6)
    np.testing.assert_allclose(found, expected, atol=0.06)


def test_scores_are_normal_and_correlated_as_the_posterior(fields: FittedFields) -> None:
    drawn = np.hstack([level_scores(fields, ASKED, IDS, 500, seed) for seed in range(8)])
    for one in drawn:
        assert kstest(one, "norm").pvalue > 1e-3
    covariance = posterior(fields, ASKED)
    sd = np.sqrt(np.diag(covariance))
    expected = covariance / np.outer(sd, sd)
    found = drawn @ drawn.T / drawn.shape[1]
    np.testing.assert_allclose(found, expected, atol=0.1)
    upper = np.triu_indices(len(ASKED), 1)
    assert np.abs(found - expected)[upper].mean() < 0.03
    assert np.abs(expected[upper]).max() > 0.15


def test_places_without_coordinates_have_the_covariance_of_their_surroundings(
    fields: FittedFields,
) -> None:
    nowhere = replace(ASKED, xy=np.full_like(ASKED.xy, np.nan))
    features = prior_features(fields.kernels, nowhere, THETA, 0)
    expected = np.exp(THETA)[:-1] @ fields.kernels.diagonal(nowhere)
    np.testing.assert_allclose(np.square(features).sum(axis=1), expected, rtol=1e-6)


def test_a_place_gets_the_same_scores_in_any_selection(fields: FittedFields) -> None:
    whole = level_scores(fields, ASKED, IDS, 4, 7)
    rows = np.array([8, 2, 5])
    some = level_scores(fields, ASKED.take(rows), [IDS[row] for row in rows], 4, 7)
    np.testing.assert_allclose(some, whole[rows], rtol=1e-9, atol=1e-12)


def test_more_samples_begin_with_the_same_scores(fields: FittedFields) -> None:
    few, many = (level_scores(fields, ASKED, IDS, samples, 7) for samples in (2, 9))
    np.testing.assert_allclose(few, many[:, :2], rtol=1e-9, atol=1e-12)
