"""Regression in closed form: leave-one-out, limits, and the gradient of its fit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad

from netspatial.kriging import gaussian_process
from netspatial.kriging.gaussian_process import Prior, Regression, fit_log_variances
from netspatial.randomness import stream


def kernels_of(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    apart = np.abs(x[:, None] - y[None])
    return np.stack([np.exp(-apart), np.ones_like(apart)])


def made(seed: int, n: int = 20) -> tuple[np.ndarray, np.ndarray]:
    random = stream(seed, "regression")
    x = np.sort(random.uniform(0, 10, n))
    return x, (np.sin(x) + 0.1 * random.standard_normal(n))[:, None]


PRIOR = Prior(np.array([-1.0, -1.0, -2.0]), np.full(3, 1.5))


@given(st.integers(0, 1000), st.floats(-3, 1), st.floats(-3, 1), st.floats(-3, 0))
@settings(max_examples=15)
def test_the_gradient_of_the_posterior_density_is_right(seed, a, b, noise) -> None:
    x, y = made(seed, 8)
    seen = {}

    def keep(fun, x0, **_):
        seen["fun"] = fun
        return type("Found", (), {"x": x0})

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gaussian_process, "minimize", keep)
        fit_log_variances(kernels_of(x, x), y, np.full(8, 0.01), PRIOR, 0.7)
    at = np.array([a, b, noise])
    error = check_grad(lambda t: seen["fun"](t)[0], lambda t: seen["fun"](t)[1], at)
    assert error < 1e-3 * (1 + np.linalg.norm(seen["fun"](at)[1]))


@given(st.integers(0, 1000))
@settings(max_examples=15)
def test_more_stations_never_widen_a_prediction(seed: int) -> None:
    x, y = made(seed)
    given_variances = np.array([0.0, -2.0, -3.0])
    asked = np.array([2.5, 5.0])

    def variance(n: int) -> np.ndarray:
        some = slice(0, n)
        fit = Regression.fit(
            kernels_of(x[some], x[some]), y[some], np.zeros(n), PRIOR, given_variances
        )
        found = fit.predict(kernels_of(asked, x[some]), np.ones((2, 2)))
        return found.variance / fit.inflation

    assert (variance(20) <= variance(8) + 1e-9).all()


def test_at_a_station_without_noise_the_station_is_returned() -> None:
    x, y = made(3)
    fit = Regression.fit(kernels_of(x, x), y, np.zeros(len(x)), PRIOR, np.array([0.0, -2.0, -18.0]))
    found = fit.predict(kernels_of(x, x), np.ones((2, len(x))))
    assert np.allclose(found.mean, y, atol=1e-3)


def test_far_from_all_stations_the_prior_is_returned() -> None:
    x, y = made(3)
    fit = Regression.fit(
        kernels_of(x, x)[:1],
        y,
        np.zeros(len(x)),
        Prior(PRIOR.mean[:2], PRIOR.sd[:2]),
        np.array([0.0, -3.0]),
    )
    away = np.array([1e6])
    found = fit.predict(kernels_of(away, x)[:1], np.ones((1, 1)))
    assert np.allclose(found.mean, 0)
    assert found.shrinkage[0] == pytest.approx(min(fit.inflation, 1.5) ** 0.5, abs=1e-6) or (
        found.shrinkage[0] == 1
    )


def test_leave_one_out_errors_are_those_of_refitting_without_the_station() -> None:
    x, y = made(4, 12)
    variances = np.array([0.0, -2.0, -3.0])
    kernels, error = kernels_of(x, x), np.full(12, 0.01)
    scaled = Regression.fit(kernels, y, error, PRIOR, variances).leave_one_out()
    errors = []
    for row in range(12):
        rest = np.delete(np.arange(12), row)
        fit = Regression.fit(kernels[:, rest][:, :, rest], y[rest], error[rest], PRIOR, variances)
        found = fit.predict(kernels[:, [row]][:, :, rest], np.ones((2, 1)))
        variance = found.variance / fit.inflation + error[row]
        errors.append((y[row, 0] - found.mean[0, 0]) / np.sqrt(variance[0]))
    assert np.square(scaled).mean() == pytest.approx(1)
    assert np.allclose(scaled[:, 0], errors / np.sqrt(np.square(errors).mean()), atol=1e-4)


def test_a_prediction_is_never_surer_than_its_noise() -> None:
    x, y = made(4)
    variances = np.array([0.0, 6.0, -2.0])
    found = Regression.fit(kernels_of(x, x), y, np.zeros(20), PRIOR, variances).predict(
        kernels_of(x, x), np.ones((2, 20))
    )
    assert (found.variance >= np.exp(-2.0)).all()
    assert (found.variance < 1).all()


def test_weights_reproduce_the_mean() -> None:
    x, y = made(5)
    fit = Regression.fit(kernels_of(x, x), y, np.zeros(len(x)), PRIOR)
    cross = kernels_of(np.array([1.0, 9.0]), x)
    assert np.allclose(fit.weights(cross) @ y, fit.predict(cross, np.ones((2, 2))).mean)


def test_few_stations_stay_near_the_prior_of_the_weights() -> None:
    x, y = made(1, 3)
    found = fit_log_variances(kernels_of(x, x), y, np.zeros(3), PRIOR)
    assert (np.abs(found - PRIOR.mean) < 2 * PRIOR.sd).all()
