"""Integer programs are solved in silence, and all else is still heard."""

import ctypes
import subprocess
import sys

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint

from netspatial.highs import hushed, milp

NATIVE = """
import ctypes
from netspatial.highs import hushed
native = ctypes.CDLL(None)
print("before")
native.printf(b"native before\\n")
with hushed():
    native.printf(b"noise\\n")
print("after")
"""


def test_a_knapsack_is_filled_best() -> None:
    # worths 5, 4, 3 at weights 4, 3, 2 with room for 5: the second and the third
    found = milp(
        np.array([-5.0, -4.0, -3.0]),
        constraints=LinearConstraint(np.array([[4.0, 3.0, 2.0]]), -np.inf, 5.0),
        bounds=Bounds(0, 1),
        integrality=np.ones(3),
        options={"time_limit": 10.0},
    )
    assert found.x.round().tolist() == [0, 1, 1]


def test_what_native_code_prints_is_dropped_through_a_pipe_too() -> None:
    # through a pipe the C library buffers: its lines must neither leak late nor get lost
    ran = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-c", NATIVE], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "before\nnative before\nafter\n"


def test_an_error_ends_the_silence(capfd: pytest.CaptureFixture[str]) -> None:
    native = ctypes.CDLL(None)

    def fail() -> None:
        with hushed():
            native.puts(b"noise")
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        fail()
    native.puts(b"heard")
    native.fflush(None)
    assert capfd.readouterr().out == "heard\n"
