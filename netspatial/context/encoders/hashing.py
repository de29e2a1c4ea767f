"""`hash`: text features without weights, by signed hashing of words and word pairs.

A baseline without a model; texts with common words have similar features, synonyms do not.
"""

import hashlib
import re
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from netspatial.arrays import Floats32
from netspatial.context.encoders.fingerprint import fingerprint_of_settings
from netspatial.errors import BadInput

WORD = re.compile(r"[^\W_]+")


class HashEncoder:
    """Each n-gram adds +1 or -1 to one of D features; signed square root, then L2 norm one."""

    name = "hash"
    licence = "MIT"

    def __init__(self, dim: int = 512) -> None:
        self.dim = dim
        self.fingerprint = fingerprint_of_settings({"kind": "hash-1-2-grams-v1", "dim": dim})

    def encode(self, texts: list[str]) -> Floats32:
        """Encode n texts to (n, D); an empty text is the zero vector."""
        features = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(features, texts, strict=True):
            for gram in _grams(text):
                value = int.from_bytes(hashlib.blake2b(gram.encode(), digest_size=8).digest())
                row[(value >> 1) % self.dim] += 1 if value & 1 else -1
        damped = np.sign(features) * np.sqrt(np.abs(features))
        norms = np.linalg.norm(damped, axis=1, keepdims=True)
        return (damped / np.where(norms > 0, norms, 1)).astype(np.float32)


def build(argument: str) -> HashEncoder:
    """Build `hash`; it takes no argument."""
    if argument:
        raise BadInput(f"The encoder 'hash' takes no argument, not '{argument}'.")
    return HashEncoder()


def _grams(text: str) -> Iterator[str]:
    words = WORD.findall(text.casefold())
    yield from words
    yield from (f"{a} {b}" for a, b in pairwise(words))
