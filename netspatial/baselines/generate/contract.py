"""Contract of baseline generators: trained on a training set, they sample ensembles."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Floats32, Indices
from netspatial.errors import BadInput
from netspatial.generate.data import TrainingSet
from netspatial.timeline import HOURS_PER_WEEK


class Draw(Protocol):
    """Samples traffic for places."""

    def __call__(
        self, context: Floats32, hours: NDArray[np.int16], samples: int, seed: int
    ) -> Floats32:
        """Return (n, samples, T) for embeddings (n, D) and hours of the week (n, T)."""


class GeneratorBaseline(Protocol):
    """Trains on measured stations."""

    def __call__(self, data: TrainingSet) -> Draw:
        """Return the sampler for unseen places."""


def on_calendar(data: TrainingSet, hours: NDArray[np.int16]) -> Floats32:
    """Training series (stations, T) rotated to the hours of the week `hours` (T,).

    Whole weeks are rotated; series are repeated if `hours` is longer. The first hour of a series is
    the one that most of its hours imply, because hours of holidays count as those of a Sunday.
    """
    length = data.x.shape[1]
    offsets = (_first_hour(hours[None]) - _first_hour(data.hours)) % HOURS_PER_WEEK
    at = (np.arange(len(hours)) + offsets[:, None]) % length
    if len(hours) < HOURS_PER_WEEK:
        raise BadInput(
            f"The period has {len(hours)} hours; at least one week (168 hours) is needed."
        )
    turned: Floats32 = np.take_along_axis(data.x, at, axis=1)
    return turned


def _first_hour(hours: NDArray[np.int16]) -> Indices:
    """Hour of the week (n,) at which series with these hours (n, T) begin."""
    begins = (hours.astype(np.int64) - np.arange(hours.shape[1])) % HOURS_PER_WEEK
    row = HOURS_PER_WEEK * np.arange(len(hours))[:, None]
    count = np.bincount((begins + row).ravel(), minlength=HOURS_PER_WEEK * len(hours))
    first: Indices = count.reshape(len(hours), HOURS_PER_WEEK).argmax(axis=1)
    return first


def standardised(data: TrainingSet, context: Floats32) -> tuple[Floats32, Floats32]:
    """Training and target embeddings, standardised by the training set and clipped at ±5."""
    mean, deviation = data.context.mean(0), np.maximum(data.context.std(0), 1e-6)
    known, asked = ((z - mean) / deviation for z in (data.context, context))
    return np.clip(known, -5, 5), np.clip(asked, -5, 5)
