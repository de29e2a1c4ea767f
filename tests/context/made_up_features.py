"""Synthetic frozen features of places for the tests of the fusion."""

import numpy as np

from netspatial.context.features.extractor import Features
from netspatial.randomness import stream


def made_up_features(count=64, seed=0):
    """Return places whose image, prompts and counts depend on three hidden numbers."""
    rng = stream(seed, "features")
    hidden = rng.normal(size=(count, 3))
    meaning = stream(0, "meaning")
    nearest = np.where(rng.random((count, 6)) < 0.7, rng.integers(0, 40, (count, 6)), -1)
    nearest = -np.sort(-nearest, axis=1)
    nearest[0] = -1
    share = np.ones(count)
    share[1] = 0.2
    return Features(
        image=(hidden @ meaning.normal(size=(3, 12)) + 3.0).astype(np.float32),
        image_share=share,
        nearest=nearest,
        tally=rng.poisson(np.exp(hidden @ meaning.normal(size=(3, 8)) * 0.5)),
        address=rng.integers(0, 9, 40),
        surroundings=rng.integers(0, 9, 40),
        text=meaning.normal(size=(9, 10)).astype(np.float32),
    )
