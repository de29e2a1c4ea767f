"""What a peer of the generator is: it learns from a training set and then draws ensembles."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Floats32, Indices
from netspatial.errors import BadInput
from netspatial.generate.data import TrainingSet
from netspatial.timeline import HOURS_PER_WEEK


class Draw(Protocol):
    """Draw traffic for places."""

    def __call__(
        self, context: Floats32, hours: NDArray[np.int16], samples: int, seed: int
    ) -> Floats32:
        """Return (n, samples, T) for embeddings (n, D) and hours of the week (n, T)."""


class Baseline(Protocol):
    """Learn from measured stations."""

    def __call__(self, data: TrainingSet) -> Draw:
        """Return what draws for unseen places."""


def on_calendar(data: TrainingSet, hours: NDArray[np.int16]) -> Floats32:
    """Training series (stations, T) turned so that hour by hour the week is that of `hours` (T,).

    Whole weeks are rotated; a longer request than the training length repeats the series. Where
    a series begins in its week say most of its hours, for a holiday's count as a Sunday's.
    """
    length = data.x.shape[1]
    offsets = (_first_hour(hours[None]) - _first_hour(data.hours)) % HOURS_PER_WEEK
    at = (np.arange(len(hours)) + offsets[:, None]) % length
    if len(hours) < HOURS_PER_WEEK:
        raise BadInput("At least one week of hours is needed.")
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
    """Training and asked embeddings by the training mean and deviation, held at five deviations."""
    mean, deviation = data.context.mean(0), np.maximum(data.context.std(0), 1e-6)
    known, asked = ((z - mean) / deviation for z in (data.context, context))
    return np.clip(known, -5, 5), np.clip(asked, -5, 5)
