"""Nearest-context retrieval: the measured months of the most similar places as ensemble."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from netspatial.arrays import Floats32
from netspatial.baselines.generate.contract import Draw, on_calendar, standardised
from netspatial.errors import BadInput
from netspatial.generate.data import TrainingSet


def retrieval(data: TrainingSet) -> Draw:
    """Sampler of the nearest stations in standardised embedding space, one per sample."""

    def draw(context: Floats32, hours: NDArray[np.int16], samples: int, seed: int) -> Floats32:
        del seed
        if samples > len(data):
            raise BadInput(
                f"{samples} samples need as many neighbours; there are {len(data)} stations."
            )
        known, asked = standardised(data, context)
        _, nearest = KDTree(known).query(asked, k=samples)
        series = on_calendar(data, hours[0])
        found: Floats32 = series[nearest.reshape(len(context), samples)]
        return found

    return draw
