"""Reproducible randomness: every stream is named, so results do not depend on drawing order.

The same seed and the same names give the same numbers in any process, for any batch size and
number of workers.
"""

import hashlib

import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the random generator of this seed and these names."""
    return np.random.Generator(np.random.Philox(key=key(seed, *names)))


def key(seed: int, *names: str | int) -> int:
    """Return a 128-bit number that depends on the seed and on every name, and on nothing else."""
    text = "\x1f".join([str(int(seed)), *map(_word, names)])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")


def _word(name: str | int) -> str:
    """Return a name with its type and without the separator: no two lists of names collide."""
    escaped = str(name).replace("\\", "\\\\").replace("\x1f", "\\u")
    return f"{type(name).__name__}:{escaped}"
