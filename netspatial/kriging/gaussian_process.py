"""Gaussian-process regression with a weighted sum of kernels, in closed form.

Weights maximise the marginal likelihood times a log-normal prior, so that five stations do not
overfit. Exact by Cholesky factorisation in float64.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.optimize import minimize

from netspatial.arrays import Floats

BOUNDS = (-9.0, 6.0)
"""Least and largest log variance of a kernel."""
ITERATIONS = 50
PRIOR_STATIONS = 20.0
"""Stations that the prior of the calibration counts for."""
PRIOR_INFLATION = 1.15
MIN_INFLATION = 0.8
MAX_OF_PRIOR = 1.5
"""Bound on the posterior variance, as a multiple of the prior one."""


@dataclass(frozen=True)
class Prior:
    """Normal prior of the log variances, (kernels + 1,); the last is the noise's."""

    mean: Floats
    sd: Floats


@dataclass(frozen=True)
class Posterior:
    """What the stations say of m places.

    mean : (m, J); variance, prior_variance : (m,), the place's own noise included
    """

    mean: Floats
    variance: Floats
    prior_variance: Floats

    @classmethod
    def join(cls, parts: Sequence["Posterior"]) -> "Posterior":
        """Put those of several groups of places into one."""
        return cls(
            np.concatenate([part.mean for part in parts]),
            np.concatenate([part.variance for part in parts]),
            np.concatenate([part.prior_variance for part in parts]),
        )

    def take(self, rows: slice) -> "Posterior":
        """Return that of some places."""
        return Posterior(self.mean[rows], self.variance[rows], self.prior_variance[rows])

    @property
    def shrinkage(self) -> Floats:
        """Ratio of posterior to prior standard deviation, (m,), at most one."""
        return np.sqrt(np.minimum(self.variance / self.prior_variance, 1.0))


@dataclass(frozen=True)
class Regression:
    """A fitted regression, ready for other places.

    log_variances : (kernels + 1,); factor : (n, n) lower Cholesky factor; alpha : (n, J) K^-1 y;
    inflation : factor on variances from the leave-one-out errors
    """

    log_variances: Floats
    factor: Floats
    alpha: Floats
    inflation: float

    @classmethod
    def fit(
        cls,
        kernels: Floats,
        y: Floats,
        error: Floats,
        prior: Prior,
        log_variances: Floats | None = None,
        independent: float | None = None,
    ) -> "Regression":
        """Fit kernels (G, n, n) to y (n, J) measured with variance `error` (n,).

        log_variances : given instead of fitted
        independent   : how many of the J columns count as independent; all by default
        """
        if log_variances is None:
            log_variances = fit_log_variances(kernels, y, error, prior, independent)
        covariance = _covariance(log_variances, kernels, error)
        factor = cholesky(covariance, lower=True)
        alpha = cho_solve((factor, True), y)
        # leave-one-out errors over their variances: one where the ranges are right
        own = 1 / np.square(solve_triangular(factor, np.eye(len(y)), lower=True)).sum(axis=0)
        squared = float((np.square(alpha * own[:, None]) / own[:, None]).mean())
        n = len(y)
        inflation = (n * squared + PRIOR_STATIONS * PRIOR_INFLATION) / (n + PRIOR_STATIONS)
        return cls(log_variances, factor, alpha, max(inflation, MIN_INFLATION))

    def predict(self, cross: Floats, diagonal: Floats) -> Posterior:
        """Predict at places. cross : kernels (G, m, n) to the stations; diagonal : (G, m)."""
        variances = np.exp(self.log_variances)
        weighted = np.tensordot(variances[:-1], cross, 1)
        explained = np.square(solve_triangular(self.factor, weighted.T, lower=True)).sum(axis=0)
        prior = variances[:-1] @ diagonal + variances[-1]
        least = 1e-3 * prior
        variance = np.clip(self.inflation * (prior - explained), least, MAX_OF_PRIOR * prior)
        return Posterior(weighted @ self.alpha, variance, prior)

    def weights(self, cross: Floats) -> Floats:
        """Return the kriging weights of the stations at places, (m, n)."""
        weighted = np.tensordot(np.exp(self.log_variances[:-1]), cross, 1)
        found: Floats = cho_solve((self.factor, True), weighted.T).T
        return found


def fit_log_variances(
    kernels: Floats, y: Floats, error: Floats, prior: Prior, independent: float | None = None
) -> Floats:
    """Return the log variances (G + 1,) of the largest posterior density."""
    n, columns = y.shape
    per_column = 1.0 if independent is None else independent / columns
    gram = y @ y.T

    def objective(theta: Floats) -> tuple[float, Floats]:
        factor = cholesky(_covariance(theta, kernels, error), lower=True, check_finite=False)
        inverse = cho_solve((factor, True), np.eye(n), check_finite=False)
        fitted = inverse @ gram
        value = 0.5 * np.trace(fitted) + columns * np.log(np.diag(factor)).sum()
        slope = columns * inverse - fitted @ inverse
        gradient = np.append(np.tensordot(kernels, slope, 2), np.trace(slope))
        away = (theta - prior.mean) / prior.sd
        return (
            per_column * value + 0.5 * float(away @ away),
            per_column * 0.5 * gradient * np.exp(theta) + away / prior.sd,
        )

    found = minimize(
        objective,
        np.clip(prior.mean, *BOUNDS),
        jac=True,
        method="L-BFGS-B",
        bounds=[BOUNDS] * len(prior.mean),
        options={"maxiter": ITERATIONS},
    )
    best: Floats = found.x
    return best


def _covariance(theta: Floats, kernels: Floats, error: Floats) -> Floats:
    variances = np.exp(theta)
    covariance: Floats = np.tensordot(variances[:-1], kernels, 1)
    covariance[np.diag_indices(len(error))] += variances[-1] + error + 1e-8
    return covariance
