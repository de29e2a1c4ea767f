"""The hour-of-week mean of all training stations, the same for every place and sample."""

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Floats32
from netspatial.baselines.generate.contract import Draw, on_calendar
from netspatial.generate.data import TrainingSet
from netspatial.timeline import HOURS_PER_WEEK


def mean_week(data: TrainingSet) -> Draw:
    """Sampler that repeats the mean week."""

    def draw(context: Floats32, hours: NDArray[np.int16], samples: int, seed: int) -> Floats32:
        del seed, context
        mean = on_calendar(data, hours[0]).mean(0)
        total = np.bincount(hours[0], mean, HOURS_PER_WEEK)
        week = total / np.maximum(np.bincount(hours[0], minlength=HOURS_PER_WEEK), 1)
        series = week[hours].astype(np.float32)
        return np.repeat(series[:, None], samples, axis=1)

    return draw
