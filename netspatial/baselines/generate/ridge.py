"""Ridge regression from the embedding to the weekly profile, with bootstrapped residual months."""

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Floats32
from netspatial.baselines.generate.contract import Draw, on_calendar, standardised
from netspatial.generate.data import TrainingSet
from netspatial.randomness import stream
from netspatial.timeline import HOURS_PER_WEEK

STRENGTHS = np.geomspace(1e-2, 1e5, 22)
"""Candidate penalties, times the number of stations over 100; selected by leave-one-out."""


def ridge(data: TrainingSet) -> Draw:
    """Sampler of the predicted week plus a random training station's leave-one-out residuals."""

    def draw(context: Floats32, hours: NDArray[np.int16], samples: int, seed: int) -> Floats32:
        known, asked = standardised(data, context)
        series = on_calendar(data, hours[0])
        weeks = series.reshape(len(series), -1, HOURS_PER_WEEK).mean(1)
        predicted, left_out = _fit(known, weeks, asked)
        repeats = series.shape[1] // HOURS_PER_WEEK
        residuals = series - np.tile(left_out, repeats)
        chosen = stream(seed, "ridge").integers(len(data), size=(len(context), samples))
        drawn: Floats32 = np.maximum(np.tile(predicted, repeats)[:, None] + residuals[chosen], 0)
        return drawn.astype(np.float32)

    return draw


def _fit(known: Floats32, weeks: Floats32, asked: Floats32) -> tuple[Floats32, Floats32]:
    """Predictions for the target places and leave-one-out predictions for the training stations."""
    centre, mean = known.mean(0), weeks.mean(0)
    left, values, right = np.linalg.svd(known - centre, full_matrices=False)
    best: tuple[float, Floats32, Floats32] | None = None
    for strength in STRENGTHS * len(known) / 100:
        shrink = values**2 / (values**2 + strength)
        fitted = (left * shrink) @ (left.T @ (weeks - mean)) + mean
        leverage = (left**2 * shrink).sum(1) + 1 / len(known)
        left_out = weeks - (weeks - fitted) / (1 - leverage)[:, None].clip(1e-3)
        error = float(np.square(weeks - left_out).mean())
        if best is None or error < best[0]:
            weight = (right.T * (shrink / values.clip(1e-9))) @ (left.T @ (weeks - mean))
            best = (error, (asked - centre) @ weight + mean, left_out)
    if best is None:
        raise ValueError("no penalty was tried")
    return best[1], best[2]
