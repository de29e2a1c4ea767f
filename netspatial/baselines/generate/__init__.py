"""Peers of the generator. A new one is a file with a builder and one line in `BASELINES`."""

from netspatial.baselines.generate.contract import Baseline
from netspatial.baselines.generate.mean_week import mean_week
from netspatial.baselines.generate.random_draw import random_draw
from netspatial.baselines.generate.retrieval import retrieval
from netspatial.baselines.generate.ridge import ridge

BASELINES: dict[str, Baseline] = {
    "retrieval": retrieval,
    "ridge": ridge,
    "mean-week": mean_week,
    "random-draw": random_draw,
}
"""From a row's name in the tables to what learns it."""

__all__ = ["BASELINES", "Baseline"]
