"""The published sets as their publisher wrote them: Milano and Trento by the hour.

The protocol is ours, as papers state none in full: the squares in the middle of each grid, from
168 hours to 24; 48 days to learn from, 7 to stop by, 7 to be judged on; the publisher's unit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from netspatial.errors import BadInput
from netspatial.evaluate.forecast_data import DAY, EVERY, Case
from netspatial.forecast.panel import Panel, from_grid
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.sources.contract import Settings
from netspatial.sources.telecom_italia import UNIT, TelecomItalia

SHAPE = WindowSpec(168, 24)
LEARN_DAYS, STOP_DAYS, JUDGED_DAYS = 48, 7, 7
SERVICES = ("call", "sms", "internet")
SIDE = 20
TIMEZONE = "Europe/Rome"

PUBLISHED = {"milano": (0.29, 0.41, 1.40), "trento": (0.29, 0.75, 1.89)}
"""Mean absolute errors of Sim-MSTNet on calls, messages and internet in the paper."""
NOTE = (
    "The paper's own numbers cannot be compared with these: it states neither cells, nor "
    "aggregation, horizon, split or units."
)


@dataclass(frozen=True)
class Town:
    """How a town's files are named, and its grid: squares are numbered from 1 along rows."""

    mark: str
    rows: int
    columns: int

    def place(self, squares: pd.Index) -> tuple[np.ndarray, np.ndarray]:
        """Row and column of squares, from 0."""
        numbers = squares.to_numpy(dtype=np.int64) - 1
        return numbers // self.columns, numbers % self.columns

    def middle(self, squares: pd.Index) -> np.ndarray:
        """Which squares lie among the SIDE x SIDE in the middle of the grid."""
        row, column = self.place(squares)
        top, left = (self.rows - SIDE) // 2, (self.columns - SIDE) // 2
        inside: np.ndarray = (
            (row >= top) & (row < top + SIDE) & (column >= left) & (column < left + SIDE)
        )
        return inside


TOWNS = {"milano": Town("-mi-", 100, 100), "trento": Town("-tn-", 98, 117)}


def telecom_cases(folder: Path, report: Callable[[str, float], None]) -> list[Case]:
    """A case for each town whose files lie in the folder or below it."""
    if not folder.is_dir():
        raise BadInput(f"There is no folder '{folder}' with files of Telecom Italia.")
    cases = []
    for name, town in TOWNS.items():
        files = tuple(sorted(folder.rglob(f"*{town.mark}*.txt")))
        if files:
            cases.append(_case(name, _panel(name, town, files, report)))
    if not cases:
        raise BadInput(
            f"'{folder}' holds no files of Telecom Italia; their names are like "
            "sms-call-internet-mi-2013-11-01.txt for Milano and -tn- for Trento."
        )
    return cases


def _panel(
    name: str, town: Town, files: tuple[Path, ...], report: Callable[[str, float], None]
) -> Panel:
    source = TelecomItalia(files, SERVICES, Settings(timezone=TIMEZONE))
    traffic, _ = source.hours(lambda text, _: report(text, 0.0))
    inside = town.middle(traffic.indexes["station"])
    if not inside.any():
        raise BadInput(f"The files of {name} hold none of the {SIDE} x {SIDE} middle squares.")
    traffic = traffic.isel(station=np.flatnonzero(inside))
    row, column = town.place(traffic.indexes["station"])
    return from_grid(
        np.stack([traffic[service].to_numpy() for service in SERVICES], axis=2),
        row,
        column,
        times=pd.DatetimeIndex(traffic["time"].to_numpy()),
        timezone=TIMEZONE,
        tasks=SERVICES,
        units=(UNIT,) * len(SERVICES),
        ids=list(traffic.indexes["station"].astype(str)),
    )


def _case(name: str, panel: Panel) -> Case:
    days = len(panel.times) // DAY
    needed = LEARN_DAYS + STOP_DAYS + JUDGED_DAYS
    if days < needed:
        raise BadInput(
            f"The files of {name} hold {days} days; {needed} are needed: {LEARN_DAYS} to learn "
            f"from, {STOP_DAYS} to stop by and {JUDGED_DAYS} to be judged on."
        )
    learnt, stopped = LEARN_DAYS * DAY, (LEARN_DAYS + STOP_DAYS) * DAY
    known = panel.span(0, stopped)
    return Case(
        name=name,
        days=LEARN_DAYS,
        train=Windows.cut([known], SHAPE, last=learnt),
        stop=Windows.cut([known], SHAPE, first=learnt, every=DAY // 4),
        tests={name: Windows.cut([panel.span(0, needed * DAY)], SHAPE, first=stopped, every=EVERY)},
    )
