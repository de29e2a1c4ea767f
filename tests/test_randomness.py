"""The same seed and names give the same numbers, in any process and in any order."""

import os
import subprocess
import sys

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from netspatial.randomness import key, stream

names = st.lists(st.one_of(st.text(max_size=8), st.integers(-5, 5)), max_size=3)


@given(st.integers(-(2**63), 2**63), names)
def test_a_stream_depends_on_seed_and_names_alone(seed, words):
    first, again = stream(seed, *words), stream(seed, *words)
    stream(seed, "another").normal(size=3)
    assert (first.normal(size=5) == again.normal(size=5)).all()


@given(st.integers(0, 9), names, st.integers(0, 9), names)
def test_other_names_are_other_streams(seed, words, other_seed, other_words):
    assume((seed, words) != (other_seed, other_words))
    assert key(seed, *words) != key(other_seed, *other_words)


def test_a_number_and_its_digits_are_different_names():
    assert key(0, 1) != key(0, "1")
    assert key(0, "a", "b") != key(0, "ab")
    assert key(0, "a\x1fstr:b") != key(0, "a", "b")


def test_every_process_draws_the_same():
    code = "from netspatial.randomness import stream; print(stream(7, 'x', 3).normal(size=4))"
    drawn = {
        subprocess.run(  # noqa: S603  our own interpreter
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert drawn == {f"{stream(7, 'x', 3).normal(size=4)}\n"}


def test_neighbouring_seeds_are_uncorrelated():
    drawn = np.array([stream(seed, "x").normal(size=2000) for seed in range(5)])
    assert np.abs(np.corrcoef(drawn) - np.eye(5)).max() < 0.1
