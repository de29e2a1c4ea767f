"""Domain randomisation: the ranges from which every simulated city is drawn, in two families.

`train` and `unseen` have disjoint ranges in each parameter that is split, so that a model trained
on one family meets the other for the first time.
"""

from dataclasses import dataclass
from typing import Literal

from netspatial.randomness import stream

Family = Literal["train", "unseen"]
Range = tuple[float, float]


@dataclass(frozen=True)
class Drawn:
    """One parameter: its unit, what it does, and the range of each family."""

    meaning: str
    train: Range
    unseen: Range


Section = Literal["land", "image", "pois", "stations", "traffic"]

RANGES: dict[Section, dict[str, Drawn]] = {
    "land": {},
    "image": {},
    "pois": {},
    "stations": {},
    "traffic": {},
}


def draw(seed: int, family: Family, section: Section) -> dict[str, float]:
    """Draw one section's parameters, each from its own named stream."""
    drawn = {}
    for name, parameter in RANGES[section].items():
        low, high = parameter.train if family == "train" else parameter.unseen
        drawn[name] = float(stream(seed, "parameters", section, name).uniform(low, high))
    return drawn
