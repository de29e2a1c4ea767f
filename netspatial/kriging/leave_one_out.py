"""Leave-one-out errors of a regression's stations, in closed form from its precision matrix."""

from dataclasses import dataclass

import numpy as np

from netspatial.arrays import Floats
from netspatial.kriging.gaussian_process import Regression, inverse_of


@dataclass(frozen=True)
class LeaveOneOut:
    """Errors of stations that are predicted from others.

    error, variance : (n,) measured minus predicted, and its variance; of several sets of others
        (sets, n)
    """

    error: Floats
    variance: Floats


def leave_one_out(regression: Regression) -> LeaveOneOut:
    """Return the errors of the first quantity at each station, predicted from all others."""
    own = 1 / np.diag(inverse_of(regression.factor))
    return LeaveOneOut(regression.alpha[:, 0] * own, regression.inflation * own)


def leave_two_out(regression: Regression) -> LeaveOneOut:
    """Return the errors (n, n) at the second station where neither it nor the first is known.

    Row i is what `leave_one_out` returns for the stations without i; its own entry is zero.
    """
    precision, alpha = inverse_of(regression.factor), regression.alpha[:, 0]
    diagonal = np.diag(precision).copy()
    towards = precision / diagonal[:, None]
    left = diagonal - towards * precision
    np.fill_diagonal(left, diagonal)
    error = (alpha - towards * alpha[:, None]) / left
    np.fill_diagonal(error, 0.0)
    return LeaveOneOut(error, regression.inflation / left)
