"""Which measured stations the learned correction reads for a place: at most 32 of them."""

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Floats, Indices, Mask
from netspatial.kriging.kernels import Places
from netspatial.randomness import key

NEAR, ALIKE, ANYWHERE = 12, 12, 8
"""Stations per place: nearest in space, nearest in embedding, and at random."""
TIE_BREAK = 1e-6
"""Bound on the random number that breaks ties, as of stations on one mast."""


def choose_tokens(
    stations: Places, places: Places, distance: Floats, unlike: Floats, own: Indices
) -> tuple[Indices, Mask]:
    """Return the stations that each place reads, (m, K), and which of them there are.

    distance, unlike : (m, n) metres, infinite where unknown, and distance of embeddings
    own : (m, 0 or 1) the station that a place is itself, which is not read

    The random ones depend on the coordinates of place and station, not on the order of stations.
    """
    random = _uniform(_keys(places)[:, None] ^ _keys(stations)[None])
    rows = np.arange(len(places))[:, None]
    taken = np.zeros(distance.shape, dtype=bool)
    taken[rows, own] = True
    index, known = [], []
    for cost, count in ((distance, NEAR), (unlike, ALIKE), (np.zeros_like(random), ANYWHERE)):
        left = np.where(taken, np.inf, cost + TIE_BREAK * random)
        order = np.argsort(left, axis=1, kind="stable")[:, :count]
        there = np.isfinite(left[rows, order])
        taken[rows, order] |= there
        known.append(there)
        index.append(order)
    return np.concatenate(index, axis=1), np.concatenate(known, axis=1)


def _keys(places: Places) -> NDArray[np.uint64]:
    """Return a number that depends on each place's coordinates alone, (n,)."""
    metres = np.rint(np.nan_to_num(places.xy)).astype(np.int64)
    return np.array([key(0, "support", int(x), int(y)) % 2**64 for x, y in metres], dtype=np.uint64)


def _uniform(keys: NDArray[np.uint64]) -> Floats:
    """Return numbers in [0, 1) from keys, by the finaliser of SplitMix64."""
    mixed = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    found: Floats = ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) / 2.0**53
    return found
