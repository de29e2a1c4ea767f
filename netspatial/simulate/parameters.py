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
    "land": {
        "latitude": Drawn("degrees north", (10.0, 58.0), (10.0, 58.0)),
        "longitude": Drawn("degrees east", (-120.0, 145.0), (-120.0, 145.0)),
        "spread_m": Drawn(
            "metres over which centrality falls to 1/e", (2300.0, 3300.0), (1700.0, 2200.0)
        ),
        "edge": Drawn("centrality at which the built-up body ends", (0.08, 0.15), (0.08, 0.15)),
        "centres": Drawn("centres of the city, rounded down", (1.0, 4.99), (1.0, 4.99)),
        "villages_per_100_km2": Drawn("small places around the city", (1.0, 4.0), (1.0, 4.0)),
        "district_m": Drawn(
            "metres between the middles of districts", (850.0, 1150.0), (1250.0, 1600.0)
        ),
        "block_length_m": Drawn("metres between cross streets", (125.0, 175.0), (185.0, 250.0)),
        "block_depth_m": Drawn("metres between long streets", (72.0, 98.0), (72.0, 98.0)),
        "grown_share": Drawn("share of districts with bent streets", (0.15, 0.5), (0.55, 0.85)),
        "grid_share": Drawn("share of districts on one common grid", (0.1, 1.0), (0.1, 1.0)),
        "radials": Drawn("arterials from the main centre", (4.6, 8.4), (4.6, 8.4)),
        "rings": Drawn("ring roads, rounded", (-0.4, 2.4), (-0.4, 2.4)),
        "river": Drawn("a river where above 0.25", (0.0, 1.0), (0.0, 1.0)),
        "river_m": Drawn("metres across the river", (70.0, 190.0), (210.0, 380.0)),
        "coast": Drawn("a coast where above 0.62", (0.0, 1.0), (0.0, 1.0)),
        "lake_share": Drawn("share of the land under lakes", (0.001, 0.012), (0.001, 0.012)),
        "wood_share": Drawn("share of woods outside the city", (0.08, 0.4), (0.08, 0.4)),
        "parcel_m": Drawn("metres across a field", (60.0, 110.0), (120.0, 210.0)),
        "campuses": Drawn("university campuses, rounded down", (1.0, 3.99), (1.0, 3.99)),
        "share_office": Drawn("share of the built-up land", (0.05, 0.11), (0.05, 0.11)),
        "share_commercial": Drawn("share of the built-up land", (0.06, 0.11), (0.06, 0.11)),
        "share_entertainment": Drawn("share of the built-up land", (0.02, 0.05), (0.02, 0.05)),
        "share_industrial": Drawn("share of the built-up land", (0.07, 0.17), (0.07, 0.17)),
        "share_university": Drawn("share of the built-up land", (0.015, 0.045), (0.015, 0.045)),
        "share_transport": Drawn("share of the built-up land", (0.02, 0.04), (0.02, 0.04)),
        "share_park": Drawn("share of the built-up land", (0.05, 0.13), (0.05, 0.13)),
    },
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
