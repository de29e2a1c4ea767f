"""Synthetic histories of two services on a small grid: daily profile, weekends, noise."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from netspatial.forecast.panel import Panel, from_grid
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.randomness import stream

HOLE = 5
"""The place of the 3 x 4 grid that is left out."""


@pytest.fixture(scope="session")
def make_panel() -> Callable[..., Panel]:
    """Factory of histories of `days` days from a Monday in steps of `step_minutes`."""
    return _panel


@pytest.fixture(scope="session")
def panel() -> Panel:
    """Eleven places of a 3 x 4 grid with a hole, ten days by the hour, two tasks."""
    return _panel()


@pytest.fixture(scope="session")
def windows(panel: Panel) -> Windows:
    """Windows with 24 hours of input and 12 of horizon."""
    return Windows.cut([panel], WindowSpec(24, 12), every=5)


def _panel(days: int = 10, step_minutes: int = 60, noise: float = 0.05) -> Panel:
    per_day = 24 * 60 // step_minutes
    times = pd.date_range("2024-01-01", periods=days * per_day, freq=f"{step_minutes}min")
    cells = np.delete(np.arange(12), HOLE)
    random = stream(4, "made-up history", step_minutes)
    hour = np.arange(len(times)) / per_day * 24
    daily = 1.2 + np.sin(2 * np.pi * (hour - 9) / 24)
    weekend = np.where((hour // 24) % 7 >= 5, 0.6, 1.0)
    level = random.uniform(2, 20, (len(cells), 1, 2)) * np.array([1.0, 30.0])
    values = level * (daily * weekend)[None, :, None]
    values = values * random.lognormal(0, noise, values.shape)
    return from_grid(
        values,
        *np.divmod(cells, 4),
        times=times,
        timezone="UTC",
        tasks=("call", "data"),
        units=("calls/h", "GB/h"),
    )
