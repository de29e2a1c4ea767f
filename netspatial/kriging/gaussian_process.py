"""Gaussian-process regression with a weighted sum of kernels, in closed form.

Weights maximise the marginal likelihood times a log-normal prior, so that five stations do not
overfit. Exact by Cholesky factorisation in float64.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, cholesky, lapack, solve_triangular
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
    """Normal prior of the log variances; the last is the noise's.

    Attributes
    ----------
    mean, sd : ndarray of float64, (kernels + 1,)
        Mean and standard deviation.
    """

    mean: Floats
    sd: Floats


@dataclass(frozen=True)
class Posterior:
    """What the stations say of m places.

    Attributes
    ----------
    mean : ndarray of float64, (m, J)
        Posterior mean of J quantities.
    variance, prior_variance : ndarray of float64, (m,)
        Variance with and without the stations, the place's own noise included.
    """

    mean: Floats
    variance: Floats
    prior_variance: Floats

    @classmethod
    def join(cls, parts: Sequence["Posterior"]) -> "Posterior":
        """Put those of several groups of places into one.

        Parameters
        ----------
        parts : sequence of Posterior
            Posteriors of disjoint groups.

        Returns
        -------
        Posterior
            All places, in order.
        """
        return cls(
            np.concatenate([part.mean for part in parts]),
            np.concatenate([part.variance for part in parts]),
            np.concatenate([part.prior_variance for part in parts]),
        )

    def take(self, rows: slice) -> "Posterior":
        """Return that of some places.

        Parameters
        ----------
        rows : slice
            Rows to return.

        Returns
        -------
        Posterior
            The posterior of these places.
        """
        return Posterior(self.mean[rows], self.variance[rows], self.prior_variance[rows])

    @property
    def shrinkage(self) -> Floats:
        """Ratio of posterior to prior standard deviation, (m,), at most one."""
        return np.sqrt(np.minimum(self.variance / self.prior_variance, 1.0))


@dataclass(frozen=True)
class Regression:
    """A fitted regression, ready for other places.

    Attributes
    ----------
    log_variances : ndarray of float64, (kernels + 1,)
        Log weights of the kernels, and log variance of the noise.
    factor : ndarray of float64, (n, n)
        Lower Cholesky factor of the covariance K.
    alpha : ndarray of float64, (n, J)
        K^-1 y.
    inflation : float
        Factor on variances from the leave-one-out errors.
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

        Parameters
        ----------
        kernels : ndarray of float64, (G, n, n)
            Kernels between the stations.
        y : ndarray of float64, (n, J)
            Measured values.
        error : ndarray of float64, (n,)
            Variance of each measurement.
        prior : Prior
            Prior of the log variances.
        log_variances : ndarray of float64, (G + 1,), optional
            Given instead of fitted.
        independent : float, optional
            How many of the J columns count as independent; all by default.

        Returns
        -------
        Regression
            The fitted regression.

        Notes
        -----
        K = Σ_g exp(θ_g) k_g + diag(exp(θ_noise) + error). θ maximises the marginal likelihood times
        the prior.

        Examples
        --------
        >>> prior, same = Prior(np.zeros(2), np.ones(2)), np.ones((1, 1, 1))
        >>> one = Regression.fit(same, np.ones((1, 1)), np.zeros(1), prior, np.zeros(2))
        >>> one.predict(same, np.ones((1, 1))).mean.round(3).tolist()
        [[0.5]]
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
        """Return the posterior at m places.

        Parameters
        ----------
        cross : ndarray of float64, (G, m, n)
            Kernels from the places to the stations.
        diagonal : ndarray of float64, (G, m)
            Kernels of each place with itself.

        Returns
        -------
        Posterior
            Mean k K^-1 y and variance of the places.
        """
        variances = np.exp(self.log_variances)
        weighted = np.tensordot(variances[:-1], cross, 1)
        explained = np.square(solve_triangular(self.factor, weighted.T, lower=True)).sum(axis=0)
        prior = variances[:-1] @ diagonal + variances[-1]
        # never below the place's own noise, however large the variance of an unknown offset is
        variance = np.clip(
            self.inflation * (prior - explained), variances[-1], MAX_OF_PRIOR * prior
        )
        return Posterior(weighted @ self.alpha, variance, prior)

    def leave_one_out(self) -> Floats:
        """Return each station's error when predicted from the others, over its deviation.

        Returns
        -------
        ndarray (n, J)
            Scaled to a mean square of one: how far off the deviations are is the `inflation`.
        """
        own = 1 / np.square(self._inverse_factor()).sum(axis=0)
        errors = self.alpha * np.sqrt(own)[:, None]
        scaled: Floats = errors / max(float(np.sqrt(np.square(errors).mean())), 1e-12)
        return scaled

    def _inverse_factor(self) -> Floats:
        found: Floats = solve_triangular(self.factor, np.eye(len(self.factor)), lower=True)
        return found

    def weights(self, cross: Floats) -> Floats:
        """Return the kriging weights of the stations at places, (m, n).

        Parameters
        ----------
        cross : ndarray of float64, (G, m, n)
            Kernels from the places to the stations.

        Returns
        -------
        ndarray of float64, (m, n)
            Weights k K^-1.
        """
        weighted = np.tensordot(np.exp(self.log_variances[:-1]), cross, 1)
        found: Floats = cho_solve((self.factor, True), weighted.T).T
        return found


def fit_log_variances(
    kernels: Floats, y: Floats, error: Floats, prior: Prior, independent: float | None = None
) -> Floats:
    """Return the log variances (G + 1,) of the largest posterior density."""
    columns = y.shape[1]
    per_column = 1.0 if independent is None else independent / columns

    def objective(theta: Floats) -> tuple[float, Floats]:
        factor = cholesky(_covariance(theta, kernels, error), lower=True, check_finite=False)
        inverse = inverse_of(factor)
        alpha = inverse @ y
        value = 0.5 * float((y * alpha).sum()) + columns * np.log(np.diag(factor)).sum()
        slope = columns * inverse - alpha @ alpha.T
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


def inverse_of(factor: Floats) -> Floats:
    """Return the inverse of a matrix from its lower Cholesky factor, (n, n)."""
    lower = np.tril(lapack.dpotri(factor, lower=1)[0])
    found: Floats = lower + np.tril(lower, -1).T
    return found


def _covariance(theta: Floats, kernels: Floats, error: Floats) -> Floats:
    variances = np.exp(theta)
    covariance: Floats = np.tensordot(variances[:-1], kernels, 1)
    covariance[np.diag_indices(len(error))] += variances[-1] + error + 1e-8
    return covariance
