"""Our hierarchical generator with the baselines' contract: a newly trained preset, or a model."""

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Floats32
from netspatial.baselines.generate.contract import Draw, GeneratorBaseline
from netspatial.generate.data import TrainingSet
from netspatial.generate.hierarchy import HierarchicalFlow
from netspatial.generate.presets import Preset
from netspatial.generate.sampling import draw as draw_from
from netspatial.generate.training import train


def trained(preset: Preset, seed: int = 0) -> GeneratorBaseline:
    """Training of a preset on the training set of the baselines."""

    def learn(data: TrainingSet) -> Draw:
        return drawing_from(train(data, preset, seed=seed).model)

    return learn


def drawing_from(model: HierarchicalFlow) -> Draw:
    """Sampler from a trained model; places are named by their index."""

    def draw(context: Floats32, hours: NDArray[np.int16], samples: int, seed: int) -> Floats32:
        names = [str(i) for i in range(len(context))]
        blocks = draw_from(model, context, hours, names, samples, seed)
        return np.concatenate([block for _, block in blocks])

    return draw
