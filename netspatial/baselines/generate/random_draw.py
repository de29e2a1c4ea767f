"""A random draw of training months: right in the mix of values, and knows nothing of the place."""

import numpy as np
from numpy.typing import NDArray

from netspatial.baselines.generate.contract import Draw, Floats, on_calendar
from netspatial.generate.data import TrainingSet
from netspatial.randomness import stream


def random_draw(data: TrainingSet) -> Draw:
    """Whole measured months of stations drawn at random."""

    def draw(context: Floats, hours: NDArray[np.int16], samples: int, seed: int) -> Floats:
        chosen = stream(seed, "random draw").integers(len(data), size=(len(context), samples))
        drawn: Floats = on_calendar(data, hours[0])[chosen]
        return drawn

    return draw
