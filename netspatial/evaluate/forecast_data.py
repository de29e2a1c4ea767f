"""Data of the forecasting bench: short histories for training, and the days after them for tests.

Each data set has training, validation and test windows, in this order in time, with disjoint
forecast hours.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from netspatial.errors import BadInput, MissingPart
from netspatial.evaluate.generate_data import simulated_city
from netspatial.evaluate.realdata import MILAN_SIDE, TileTraffic, read_milan, read_uomo
from netspatial.forecast.panel import Panel, from_city, from_grid
from netspatial.forecast.windows import Windows, WindowSpec

SHAPE = WindowSpec(48, 24)
"""Input and forecast hours; an input of two days fits into three measured days."""
LEAST = 12
"""Least known input hours of a training window; more would leave few windows in three measured
days. Unknown hours are masked in the input."""
TEST_DAYS = 7
EVERY = 18
"""Hours between test windows of a place: they start at four different hours of the day."""
HISTORY_ENDS = 14
"""Day of a simulated city or of Milan's month at which all histories end, so that all are tested
on the same days."""
SERVICES = ("call", "sms", "data")
DAY = 24


@dataclass(frozen=True)
class ForecastCase:
    """One case: training windows, validation windows for early stopping, and test windows.

    days  : days of history with `train` and `stop`; the last day, or a seventh, is for `stop`
    tests : test windows of each part with its own units, by the name of its rows
    """

    name: str
    days: int
    train: Windows
    stop: Windows
    tests: Mapping[str, Windows]


def cut_case(
    name: str,
    panels: Sequence[Panel],
    tests: Mapping[str, Panel],
    days: int,
    shape: WindowSpec = SHAPE,
) -> ForecastCase:
    """Return the case of panels whose first `days` days are the history; the rest is for tests.

    tests : panels that start with the history, too; of the same or of other places
    """
    per_day = panels[0].steps_per_day
    history = days * per_day
    stop = history - max(per_day, history // 7)
    least = min(LEAST * per_day // DAY, shape.context_length)
    ends = history + TEST_DAYS * per_day
    known = [panel.span(0, history) for panel in panels]
    return ForecastCase(
        name=name,
        days=days,
        train=Windows.cut(known, shape, last=stop, least=least),
        stop=Windows.cut(known, shape, first=stop, every=per_day // 4),
        tests={
            part: Windows.cut(
                [panel.span(0, ends)], shape, first=history, every=EVERY * per_day // DAY
            )
            for part, panel in tests.items()
        },
    )


def unseen_case(work: Path, days: int, city: int = 1) -> ForecastCase:
    """Return the case of a simulated `unseen` city, treated as real; it is kept in `work`."""
    found = simulated_city(work, "unseen", city)
    return _month("unseen", from_city(found, SERVICES), days)


def milan_case(folder: Path, days: int) -> ForecastCase:
    """Return the case of the hourly internet activity of 25 squares of Milan."""
    measured = read_milan(folder)
    row, col = np.divmod(np.arange(MILAN_SIDE**2), MILAN_SIDE)
    panel = from_grid(
        measured.traffic[:, :, None].astype(np.float32),
        row,
        col,
        times=_clock(measured.first_hour, measured.traffic.shape[1]),
        timezone="UTC",
        tasks=("internet",),
        units=("activity",),
    )
    return _month("milan", panel, days)


def uomo_case(folder: Path, days: int) -> ForecastCase:
    """Return the case of tiles of 4 x 4 cells in two towns: train tiles and val tiles.

    Times are taken as local; the first day of the weeks is inferred, see `UOMO_BEGINS`.
    """
    tiles = {}
    for town, found in read_uomo(folder).items():
        tiles[town, "train"] = _tiles(found, slice(None, found.train), town)
        tiles[town, "val"] = _tiles(found, slice(found.train, None), town)
    if days * DAY + SHAPE.horizon > 7 * DAY:
        raise BadInput(f"After {days} days of history no hours of the week are left for tests.")
    return cut_case(
        "uomo",
        [tiles["SD", "train"], tiles["NC", "train"]],
        {"uomo-SD": tiles["SD", "val"], "uomo-NC": tiles["NC", "val"]},
        days,
    )


def _month(name: str, panel: Panel, days: int) -> ForecastCase:
    """Return a case whose history ends after HISTORY_ENDS days, whatever its length."""
    if not 2 <= days <= HISTORY_ENDS:
        raise BadInput(f"A history of {days} days is not possible; give 2 to {HISTORY_ENDS} days.")
    held = panel.span((HISTORY_ENDS - days) * panel.steps_per_day)
    return cut_case(name, [held], {name: held}, days)


def _tiles(tiles: TileTraffic, some: slice, town: str) -> Panel:
    """Return some tiles as one grid on which no tile is a neighbour of another."""
    values = np.stack([tiles.traffic[some], tiles.users[some]], axis=-1)  # (n, hours, 4, 4, 2)
    n, _, high, wide, _ = values.shape
    values = values.transpose(0, 2, 3, 1, 4).reshape(n * high * wide, -1, 2)
    tile, cell = np.divmod(np.arange(n * high * wide), high * wide)
    row, col = np.divmod(cell, wide)
    return from_grid(
        values,
        row + tile * 2 * high,
        col,
        times=_clock(tiles.first_hour, values.shape[1]),
        timezone="UTC",
        tasks=("traffic", "users"),
        ids=[f"{town}-{t}-{c}" for t, c in zip(tile, cell, strict=True)],
    )


def _clock(first_hour: int, hours: int) -> pd.DatetimeIndex:
    """Return local hours from this hour of the week on, labelled as UTC."""
    monday = pd.Timestamp("2024-01-01")
    return pd.date_range(monday + pd.Timedelta(hours=first_hour), periods=hours, freq="h")


def _unseen(work: Path, _: Path | None, days: int, seed: int) -> ForecastCase:
    return unseen_case(work, days, city=1 + seed)


def _milan(_: Path, folder: Path | None, days: int, __: int) -> ForecastCase:
    return milan_case(_there(folder), days)


def _uomo(_: Path, folder: Path | None, days: int, __: int) -> ForecastCase:
    return uomo_case(_there(folder), days)


def _there(folder: Path | None) -> Path:
    if folder is None:
        raise MissingPart("There is no folder of measured data sets beside the project; give one.")
    return folder


DATA: dict[str, Callable[[Path, Path | None, int, int], ForecastCase]] = {
    "unseen": _unseen,
    "milan": _milan,
    "uomo": _uomo,
}
"""Builders of the cases by data set, from the folders of simulated cities and of measured sets, the
days of history and the seed. Each seed has its own simulated city, so that untrained models vary
between seeds, too."""

CASES = (
    ("unseen", 3),
    ("unseen", 7),
    ("milan", 3),
    ("milan", 7),
    ("uomo", 3),
    ("uomo", 5),
    ("unseen", 14),
)
"""The cases in the order of measurement. The measured tiles hold one week: after five days two are
left for tests."""
