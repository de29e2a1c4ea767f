"""Cases of the original Telecom Italia files: Milano and Trento by the hour.

The protocol is ours, as no paper states one in full: the middle squares of each grid, 168 input and
24 forecast hours; 48 days for training, 7 for validation, 7 for tests; in the publisher's unit.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from netspatial.errors import BadInput
from netspatial.evaluate.forecast_data import DAY, EVERY, ForecastCase
from netspatial.forecast.panel import Panel, from_grid
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.progress import Progress
from netspatial.sources.contract import SourceSettings
from netspatial.sources.telecom_italia import UNIT, TelecomItalia

SHAPE = WindowSpec(168, 24)
TRAIN_DAYS, STOP_DAYS, TEST_DAYS = 48, 7, 7
SERVICES = ("call", "sms", "internet")
SIDE = 20
TIMEZONE = "Europe/Rome"

PUBLISHED = {"milano": (0.29, 0.41, 1.40), "trento": (0.29, 0.75, 1.89)}
"""Mean absolute errors of Sim-MSTNet on calls, SMS and internet in the paper."""
NOTE = (
    "The paper's own numbers cannot be compared with these: it states neither cells, nor "
    "aggregation, horizon, split or units."
)


@dataclass(frozen=True)
class TelecomCity:
    """The mark in the file names of a town, and its grid; squares are numbered from 1 by rows."""

    mark: str
    rows: int
    columns: int

    def place(self, squares: pd.Index) -> tuple[np.ndarray, np.ndarray]:
        """Return row and column of squares, from 0."""
        numbers = squares.to_numpy(dtype=np.int64) - 1
        return numbers // self.columns, numbers % self.columns

    def middle(self, squares: pd.Index) -> np.ndarray:
        """Return the mask of the squares among the SIDE x SIDE in the middle of the grid."""
        row, column = self.place(squares)
        top, left = (self.rows - SIDE) // 2, (self.columns - SIDE) // 2
        inside: np.ndarray = (
            (row >= top) & (row < top + SIDE) & (column >= left) & (column < left + SIDE)
        )
        return inside


TOWNS = {"milano": TelecomCity("-mi-", 100, 100), "trento": TelecomCity("-tn-", 98, 117)}


def telecom_cases(folder: Path, report: Progress) -> list[ForecastCase]:
    """Return a case for each town with files in the folder or below it."""
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


def _panel(name: str, town: TelecomCity, files: tuple[Path, ...], report: Progress) -> Panel:
    source = TelecomItalia(files, SERVICES, SourceSettings(timezone=TIMEZONE))
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


def _case(name: str, panel: Panel) -> ForecastCase:
    days = len(panel.times) // DAY
    needed = TRAIN_DAYS + STOP_DAYS + TEST_DAYS
    if days < needed:
        raise BadInput(
            f"The files of {name} hold {days} days; {needed} are needed: {TRAIN_DAYS} for "
            f"training, {STOP_DAYS} for validation and {TEST_DAYS} for tests."
        )
    train_end, stop_end = TRAIN_DAYS * DAY, (TRAIN_DAYS + STOP_DAYS) * DAY
    known = panel.span(0, stop_end)
    test = panel.span(0, needed * DAY)
    return ForecastCase(
        name=name,
        days=TRAIN_DAYS,
        train=Windows.cut([known], SHAPE, last=train_end),
        stop=Windows.cut([known], SHAPE, first=train_end, every=DAY // 4),
        tests={name: Windows.cut([test], SHAPE, first=stop_end, every=EVERY)},
    )
