"""Leave-one-out errors in closed form are those of a regression without the stations."""

import numpy as np

from netspatial.kriging.gaussian_process import Prior, Regression, inverse_of
from netspatial.kriging.leave_one_out import leave_one_out, leave_two_out
from netspatial.randomness import stream

RANDOM = stream(5, "leave out")
N = 9
FEATURES = RANDOM.standard_normal((N, 3))
KERNELS = np.stack([FEATURES @ FEATURES.T, np.ones((N, N))])
ERROR = RANDOM.uniform(0.01, 0.1, N)
Y = RANDOM.standard_normal((N, 1))
PRIOR = Prior(np.zeros(3), np.ones(3))
LOG_VARIANCES = np.array([-0.5, -1.0, -2.0])


def fitted(rows: np.ndarray) -> Regression:
    return Regression.fit(KERNELS[:, rows][:, :, rows], Y[rows], ERROR[rows], PRIOR, LOG_VARIANCES)


def missed(known: np.ndarray, at: int) -> float:
    """Error at a station of a regression on the known ones."""
    towards = np.tensordot(np.exp(LOG_VARIANCES[:-1]), KERNELS[:, [at]][:, :, known], 1)
    return float(Y[at, 0] - (towards @ fitted(known).alpha)[0, 0])


def test_the_errors_are_those_without_the_station() -> None:
    found = leave_one_out(fitted(np.arange(N)))
    for at in range(N):
        assert np.isclose(found.error[at], missed(np.delete(np.arange(N), at), at))
    assert (found.variance > 0).all()


def test_the_errors_without_a_second_station_do_not_read_it() -> None:
    found = leave_two_out(fitted(np.arange(N)))
    for first in range(N):
        for at in range(N):
            if at != first:
                known = np.delete(np.arange(N), [first, at])
                assert np.isclose(found.error[first, at], missed(known, at))
    assert np.array_equal(np.diag(found.error), np.zeros(N))


def test_the_inverse_is_that_of_the_matrix() -> None:
    matrix = KERNELS[0] + np.eye(N)
    assert np.allclose(inverse_of(np.linalg.cholesky(matrix)), np.linalg.inv(matrix))
