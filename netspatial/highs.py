"""Integer programs by HiGHS, without what it prints: the one door to `scipy.optimize.milp`.

HiGHS writes some lines straight to the process's standard output, whatever it is told, where they
would stand amid the JSON that a command prints. Ground floor, for planning and operation alike.
"""

import ctypes
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Floats = NDArray[np.float64]

STDOUT = 1
_ONE = Lock()


def milp(
    price: Floats,
    *,
    constraints: optimize.LinearConstraint,
    bounds: optimize.Bounds,
    integrality: Floats,
    options: Mapping[str, float],
) -> optimize.OptimizeResult:
    """Minimise price @ x as `scipy.optimize.milp` does, printing nothing."""
    with hushed():
        return optimize.milp(
            price,
            constraints=constraints,
            bounds=bounds,
            integrality=integrality,
            options=dict(options),
        )


@contextmanager
def hushed() -> Iterator[None]:
    """Drop what is written to the standard output's file descriptor, by native code too.

    The descriptor is the process's: threads that hush take turns, and what others print meanwhile
    is dropped as well. What native code has buffered is flushed on both sides of the silence.
    """
    native = ctypes.CDLL(None)
    with _ONE:
        sys.stdout.flush()
        native.fflush(None)
        kept = os.dup(STDOUT)
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, STDOUT)
            os.close(nowhere)
            yield
        finally:
            native.fflush(None)
            os.dup2(kept, STDOUT)
            os.close(kept)
