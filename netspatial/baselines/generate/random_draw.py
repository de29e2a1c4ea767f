"""A random draw of training months: right in the mix of values, and knows nothing of the place."""

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Floats32
from netspatial.baselines.generate.contract import Draw, on_calendar
from netspatial.generate.data import TrainingSet
from netspatial.randomness import stream


def random_draw(data: TrainingSet) -> Draw:
    """Whole measured months of stations drawn at random."""

    def draw(context: Floats32, hours: NDArray[np.int16], samples: int, seed: int) -> Floats32:
        chosen = stream(seed, "random draw").integers(len(data), size=(len(context), samples))
        drawn: Floats32 = on_calendar(data, hours[0])[chosen]
        return drawn

    return draw
