"""Baseline generators. A new one is a file with a builder and one line in `BASELINES`."""

from netspatial.baselines.generate.contract import GeneratorBaseline
from netspatial.baselines.generate.mean_week import mean_week
from netspatial.baselines.generate.random_draw import random_draw
from netspatial.baselines.generate.retrieval import retrieval
from netspatial.baselines.generate.ridge import ridge

BASELINES: dict[str, GeneratorBaseline] = {
    "retrieval": retrieval,
    "ridge": ridge,
    "mean-week": mean_week,
    "random-draw": random_draw,
}
"""From a row's name in the tables to its training function."""

__all__ = ["BASELINES", "GeneratorBaseline"]
