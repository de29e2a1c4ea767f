"""Small synthetic history: a grid with a hole, daily and weekly profile."""

import numpy as np
import pandas as pd

from netspatial.forecast.panel import Panel, from_grid
from netspatial.randomness import stream

HOURS_PER_WEEK = 168


def made_up_history(days: int = 8, noise: float = 0.05, side: int = 3, seed: int = 0) -> Panel:
    """Eleven cells of a 3 x 4 grid, two tasks with different profiles."""
    row, col = (axis.flatten()[1:] for axis in np.meshgrid(range(3), range(4), indexing="ij"))
    hours = np.arange(days * 24)
    profile = [
        2 + np.sin(2 * np.pi * hours / 24),
        3 + np.cos(2 * np.pi * hours / 24) + 0.5 * np.sin(2 * np.pi * hours / HOURS_PER_WEEK),
    ]
    random = stream(seed, "made-up history")
    level = random.uniform(5, 50, (len(row), 1, 1))
    values = level * np.stack(profile, axis=1)
    values = values * np.exp(noise * random.standard_normal(values.shape))
    return from_grid(
        values,
        row,
        col,
        times=pd.date_range("2024-01-01", periods=len(hours), freq="h"),
        timezone="UTC",
        tasks=("call", "data"),
        units=("calls", "MB"),
        side=side,
    )
