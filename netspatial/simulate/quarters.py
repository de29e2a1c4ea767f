"""The kinds of built-up blocks: how lots, buildings, roofs and yards look in each.

A table for `buildings`. The kind of a block is drawn given its use and intensity.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netspatial.simulate.noise import Array
from netspatial.simulate.town import Use

ROOFS = np.array(
    [
        [158, 104, 80],  # new tiles
        [138, 92, 74],  # old tiles
        [120, 100, 88],  # brown
        [96, 94, 94],  # slate
        [124, 122, 120],  # bitumen
        [150, 147, 142],  # gravel
        [178, 174, 168],  # pale membrane
        [208, 206, 202],  # white sheet
        [142, 154, 164],  # bluish steel
        [118, 136, 126],  # greenish steel
    ],
    dtype=np.float32,
)
TILED = (0, 1, 2)
INTENSITY_BINS = 10
SLOTS = 32


@dataclass(frozen=True)
class Quarter:
    """One kind of block; metres, shares in [0, 1].

    lot, gap, front, depth : a lot's width, its free sides, front yard and depth of its building
    storeys                : lowest and highest number
    built                  : share of lots with a building
    wing                   : share of buildings with a wing towards the yard
    gable                  : strength of the ridge's light and shade, 0 for flat roofs
    roofs                  : weights over `ROOFS`
    green, trees, cars     : how green the yard is, how many trees and parked cars it has
    """

    lot: float
    gap: float
    front: float
    depth: float
    storeys: tuple[float, float]
    built: float
    wing: float
    gable: float
    roofs: tuple[float, ...]
    green: float
    trees: float
    cars: float


_HOUSE = (4, 4, 3, 3, 1, 0.5, 0, 0, 0, 0)
_MIXED = (3, 4, 3, 3, 3, 3, 1.5, 0.5, 0, 0)
_FLAT = (0.3, 0.5, 0.5, 1.5, 4, 5, 3, 1, 0, 0)
_SHED = (0, 0.3, 0.3, 1, 2, 3, 4, 4.5, 1.3, 0.7)

QUARTERS: dict[str, Quarter] = {
    "villas": Quarter(27, 6, 9, 12, (1, 2), 0.93, 0.35, 0.14, _HOUSE, 0.95, 0.62, 0.03),
    "houses": Quarter(18, 3.4, 5.5, 10, (1, 2.5), 0.96, 0.22, 0.16, _HOUSE, 0.85, 0.42, 0.08),
    "terraces": Quarter(8, 0, 4, 9.5, (2, 3), 0.98, 0.3, 0.17, _HOUSE, 0.7, 0.3, 0.12),
    "apartments": Quarter(34, 7, 7, 13, (3, 6), 0.94, 0.15, 0.03, _FLAT, 0.72, 0.42, 0.3),
    "perimeter": Quarter(21, 0, 1, 13, (4, 6), 0.97, 0.5, 0.10, _MIXED, 0.5, 0.3, 0.2),
    "towers": Quarter(52, 15, 13, 20, (9, 16), 0.85, 0.1, 0.0, _FLAT, 0.78, 0.45, 0.35),
    "offices": Quarter(42, 4, 5, 20, (4, 9), 0.93, 0.4, 0.0, _FLAT, 0.3, 0.22, 0.4),
    "high-rise": Quarter(38, 4, 3, 24, (6, 26), 0.94, 0.5, 0.0, _FLAT, 0.12, 0.12, 0.3),
    "business park": Quarter(64, 13, 14, 22, (2, 5), 0.88, 0.5, 0.0, _FLAT, 0.5, 0.3, 0.8),
    "shops": Quarter(13, 0, 0, 17, (2, 5), 0.98, 0.62, 0.06, _MIXED, 0.08, 0.06, 0.25),
    "retail": Quarter(88, 9, 20, 27, (1.5, 2.5), 0.86, 0.0, 0.0, _SHED, 0.14, 0.1, 1.0),
    "venues": Quarter(58, 9, 8, 26, (2, 5), 0.8, 0.3, 0.02, _FLAT, 0.34, 0.3, 0.7),
    "works": Quarter(62, 7, 6, 30, (2, 3.5), 0.9, 0.35, 0.05, _SHED, 0.14, 0.08, 0.35),
    "warehouses": Quarter(110, 8, 9, 33, (2.5, 3.5), 0.93, 0.1, 0.03, _SHED, 0.1, 0.04, 0.5),
    "yards": Quarter(36, 6, 7, 12, (1, 2.5), 0.55, 0.1, 0.06, _SHED, 0.1, 0.06, 0.75),
    "campus": Quarter(70, 15, 15, 16, (3, 5), 0.82, 0.6, 0.02, _FLAT, 0.9, 0.52, 0.2),
    "depot": Quarter(120, 12, 10, 22, (1.5, 3), 0.6, 0.1, 0.03, _SHED, 0.12, 0.05, 0.7),
}
NAMES = tuple(QUARTERS)

CHOICE: dict[Use, tuple[tuple[str, float, float, float], ...]] = {
    Use.RESIDENTIAL: (
        ("villas", 0.10, 0.09, 1.2),
        ("houses", 0.20, 0.12, 2.2),
        ("terraces", 0.34, 0.12, 1.0),
        ("apartments", 0.40, 0.16, 0.9),
        ("perimeter", 0.62, 0.22, 1.6),
        ("towers", 0.45, 0.22, 0.28),
        ("shops", 0.9, 0.2, 0.3),
    ),
    Use.OFFICE: (
        ("business park", 0.25, 0.16, 1.2),
        ("offices", 0.55, 0.25, 1.5),
        ("high-rise", 1.0, 0.2, 1.6),
    ),
    Use.COMMERCIAL: (("retail", 0.2, 0.17, 1.6), ("shops", 0.75, 0.3, 1.5)),
    Use.ENTERTAINMENT: (("venues", 0.5, 0.5, 1.2), ("shops", 0.9, 0.2, 0.5)),
    Use.INDUSTRIAL: (
        ("works", 0.3, 0.4, 1.3),
        ("warehouses", 0.15, 0.4, 1.1),
        ("yards", 0.2, 0.4, 0.7),
    ),
    Use.UNIVERSITY: (("campus", 0.5, 0.6, 1.3), ("offices", 0.8, 0.2, 0.3)),
    Use.TRANSPORT: (("depot", 0.4, 0.6, 1.5), ("offices", 0.7, 0.2, 0.3)),
}
"""Per use the kinds of block, each with the intensity it fits best, its spread and its weight."""


def quarter_slots() -> NDArray[np.int8]:
    """Return the kind of block, (use, intensity bin, slot), -1 where a use is not built up."""
    table = np.full((len(Use), INTENSITY_BINS, SLOTS), -1, dtype=np.int8)
    for use, options in CHOICE.items():
        for level in range(INTENSITY_BINS):
            intensity = (level + 0.5) / INTENSITY_BINS
            weights = np.array(
                [
                    w * np.exp(-(((intensity - best) / wide) ** 2)) + 1e-9
                    for _, best, wide, w in options
                ]
            )
            edges = np.cumsum(weights / weights.sum())
            chosen = np.searchsorted(edges, (np.arange(SLOTS) + 0.5) / SLOTS)
            table[use, level] = [NAMES.index(options[min(k, len(options) - 1)][0]) for k in chosen]
    return table


def roof_slots(red_roofs: float) -> NDArray[np.int8]:
    """Return the roof of each kind of block and slot; `red_roofs` scales the tiled ones."""
    table = np.empty((len(QUARTERS), SLOTS), dtype=np.int8)
    for number, quarter in enumerate(QUARTERS.values()):
        weights = np.array(quarter.roofs, dtype=np.float64)
        weights[list(TILED)] *= 2.5 * red_roofs
        edges = np.cumsum(weights / weights.sum())
        chosen = np.searchsorted(edges, (np.arange(SLOTS) + 0.5) / SLOTS)
        table[number] = np.minimum(chosen, len(ROOFS) - 1)
    return table


def column(name: str) -> Array:
    """Return one number of every kind of block, in the order of the table."""
    return np.array([getattr(quarter, name) for quarter in QUARTERS.values()], dtype=np.float32)


def storeys() -> tuple[Array, Array]:
    """Return the lowest and the highest storeys of every kind of block."""
    pairs = np.array([quarter.storeys for quarter in QUARTERS.values()], dtype=np.float32)
    return pairs[:, 0], pairs[:, 1]
