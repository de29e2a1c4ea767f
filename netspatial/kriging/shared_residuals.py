"""What unmeasured places share with the residuals of stations in the very same hours.

Events and weather reach neighbours together. Only for hours that were measured around the place:
virtual measurement, not planning.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, cholesky

from netspatial.arrays import Floats, Indices
from netspatial.kriging.gaussian_process import Prior, fit_log_variances
from netspatial.kriging.kernels import NAMES, Kernels, Places
from netspatial.kriging.series import Parts

USED = tuple(
    at for at, name in enumerate(NAMES) if name.startswith("distance") or name in ("tier", "offset")
)
"""Kernels that decide how residuals are shared: distance, tier, and what the city shares."""
PRIOR_MEAN, PRIOR_NOISE, PRIOR_SD = -3.0, -0.5, 3.0
FITTED_HOURS = 224
"""Hours from which the weights are fitted, evenly spread."""
INDEPENDENT_HOURS = 60.0
MAX_SHARED = 0.98


@dataclass(frozen=True)
class SharedResiduals:
    """Residuals at m places given those of n stations.

    mean : (m, T) in deviations of each place's own residual; share : (m,) of variance explained
    own  : (n, T) what each station does not share with the others, of unit variance
    """

    mean: Floats
    share: Floats
    own: Floats

    def take(self, rows: slice) -> "SharedResiduals":
        """Return those of some places."""
        return SharedResiduals(self.mean[rows], self.share[rows], self.own)

    def apply(self, residual: Floats) -> Floats:
        """Correct residuals (m, S, T): the shared part is common to the samples."""
        deviation = residual.std(axis=-1, keepdims=True)
        own = np.sqrt(1 - self.share)[:, None, None]
        corrected: Floats = deviation * self.mean[:, None] + own * residual
        return corrected


def share_residuals(
    kernels: Kernels, stations: Places, residual: Floats, places: Places
) -> SharedResiduals:
    """Regress residuals (n, T) of stations on other places, in the same hours."""
    deviation = np.maximum(residual.std(axis=1, keepdims=True), 1e-6)
    y = residual / deviation
    known = kernels.between(stations, stations)[list(USED)]
    cross = kernels.between(places, stations)[list(USED)]
    step = max(1, y.shape[1] // FITTED_HOURS)
    prior = Prior(
        np.append(np.full(len(USED), PRIOR_MEAN), PRIOR_NOISE), np.full(len(USED) + 1, PRIOR_SD)
    )
    theta = fit_log_variances(known, y[:, ::step], np.zeros(len(y)), prior, INDEPENDENT_HOURS)
    variances = np.exp(theta) / np.exp(theta).sum()
    covariance = np.tensordot(variances[:-1], known, 1)
    covariance[np.diag_indices(len(y))] += variances[-1] + 1e-8
    towards = np.tensordot(variances[:-1], cross, 1)
    inverse = cho_solve((cholesky(covariance, lower=True), True), np.eye(len(y)))
    weights = towards @ inverse
    share = np.clip((weights * towards).sum(axis=1), 0.0, MAX_SHARED)
    own = inverse @ y / np.sqrt(np.diag(inverse))[:, None]
    return SharedResiduals(weights @ y, share, own)


def unshared_residuals(residual: Floats, places: int) -> SharedResiduals:
    """Return residuals (n, T) of stations as those of hours that the places share with none."""
    own = residual / np.maximum(residual.std(axis=1, keepdims=True), 1e-6)
    return SharedResiduals(np.zeros((places, residual.shape[1])), np.zeros(places), own)


def residuals(x: Floats, hours: Indices) -> Floats:
    """Log residuals (n, T) of complete series along hours of the week (T,)."""
    return Parts.of(x, hours).residual
