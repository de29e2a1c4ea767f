"""Random training months: the marginal distribution of the training set, without context."""

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Floats32
from netspatial.baselines.generate.contract import Draw, on_calendar
from netspatial.generate.data import TrainingSet
from netspatial.randomness import stream


def random_draw(data: TrainingSet) -> Draw:
    """Sampler of whole measured months of random stations."""

    def draw(context: Floats32, hours: NDArray[np.int16], samples: int, seed: int) -> Floats32:
        chosen = stream(seed, "random draw").integers(len(data), size=(len(context), samples))
        drawn: Floats32 = on_calendar(data, hours[0])[chosen]
        return drawn

    return draw
