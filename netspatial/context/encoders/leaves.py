"""Synthetic images with the statistics of natural ones: the dead-leaves model.

Random patches of them are the filters of `rcf`, which therefore needs no data and no weights.
Occluding leaves with power-law radii reproduce the edges, the scaling and the correlated colours
of natural images (Lee, Mumford and Huang 2001).
"""

import numpy as np

from netspatial.arrays import Floats

COLOUR_SPREAD = 0.25
"""Standard deviation of a leaf's channels around its brightness, over that of the brightness."""


def dead_leaves(
    numbers: np.random.Generator, pictures: int, side: int, leaves: int = 160
) -> Floats:
    """Return random pictures (n, side, side, 3) of about unit variance."""
    rows, columns = np.mgrid[:side, :side]
    drawn = np.zeros((pictures, side, side, 3))
    for picture in drawn:
        for _ in range(leaves):
            radius = min(2 / np.sqrt(1 - numbers.random()), side / 2)
            middle = numbers.uniform(-8, side + 8, 2)
            angle, slimness = numbers.uniform(0, np.pi), numbers.uniform(0.25, 1)
            dy, dx = rows - middle[0], columns - middle[1]
            along = dx * np.cos(angle) + dy * np.sin(angle)
            across = (dy * np.cos(angle) - dx * np.sin(angle)) / slimness
            if numbers.random() < 0.5:
                covered = np.maximum(np.abs(along), np.abs(across)) < radius
            else:
                covered = along**2 + across**2 < radius**2
            picture[covered] = numbers.normal() + COLOUR_SPREAD * numbers.normal(size=3)
    return drawn
