"""What forecasters are judged on: little history to learn from, and the days that came after it.

Of every data set: windows to train on, windows to stop early by, windows to be judged on, in this
order in time and disjoint in what they ask for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from netspatial.arrays import Floats32
from netspatial.errors import BadInput, MissingPart
from netspatial.evaluate.generate_data import simulated_city
from netspatial.evaluate.realdata import MILAN_SIDE, read_milan
from netspatial.forecast.panel import Panel, from_city, from_grid
from netspatial.forecast.windows import Windows, WindowSpec

SHAPE = WindowSpec(48, 24)
"""Hours that go in and hours that are forecast; two days still fit where three were measured."""
LEAST = 12
"""Hours of input that must be known; where three days were measured, more would leave few windows
to learn from. The rest is unknown, which networks are told."""
TEST_DAYS = 7
EVERY = 18
"""Hours from one judged window of a place to the next: they begin at four hours of the day."""
HISTORY_ENDS = 14
"""Day of a simulated city or of Milan's month that ends every history, so that all are judged on
the same days."""
SERVICES = ("call", "sms", "data")
DAY = 24
UOMO_BEGINS = {"SD": 4 * DAY, "NC": 0}
"""Hour of the week of the first hour, which the set does not state. In the train tiles of SD the
second and third day are like each other and unlike all others, so they are a weekend; in NC the
last two are most alike."""


@dataclass(frozen=True)
class Case:
    """One judgement: learn from `train`, stop by `stop`, be judged on `tests`.

    days  : of history that `train` and `stop` lie in; the last day, or a seventh, is `stop`'s
    tests : one for each part whose units are its own, by the name of its rows
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
) -> Case:
    """Cut panels whose first `days` days are the history; what comes after it is judged.

    tests : panels that begin with the history, too; their places may be the same or others
    """
    per_day = panels[0].steps_per_day
    history = days * per_day
    stop = history - max(per_day, history // 7)
    least = min(LEAST * per_day // DAY, shape.context_length)
    ends = history + TEST_DAYS * per_day
    learnt = [panel.span(0, history) for panel in panels]
    return Case(
        name=name,
        days=days,
        train=Windows.cut(learnt, shape, last=stop, least=least),
        stop=Windows.cut(learnt, shape, first=stop, every=per_day // 4),
        tests={
            part: Windows.cut(
                [panel.span(0, ends)], shape, first=history, every=EVERY * per_day // DAY
            )
            for part, panel in tests.items()
        },
    )


def unseen_case(work: Path, days: int, city: int = 1) -> Case:
    """A simulated city of the `unseen` family, taken as reality; kept in `work` once made."""
    found = simulated_city(work, "unseen", city)
    return _month("unseen", from_city(found, SERVICES), days)


def milan_case(folder: Path, days: int) -> Case:
    """Internet activity of 25 squares of Milan by the hour."""
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


def uomo_case(folder: Path, days: int) -> Case:
    """Tiles of 4 x 4 cells in two towns: learn from their train tiles, be judged on the val tiles.

    Half hours of the second town become hours: traffic is summed, users are averaged. The clock of
    the set is taken as local; on which day its weeks begin is inferred, see `UOMO_BEGINS`.
    """
    path = folder / "uomo-tiles" / "uomo_tiles.npz"
    if not path.is_file():
        raise MissingPart(f"There is no uomo-tiles/uomo_tiles.npz in '{folder}'.")
    with np.load(path, allow_pickle=False) as arrays:
        tiles = {
            (town, part): _tiles(
                arrays[f"{town}_{part}_traffic"], arrays[f"{town}_{part}_users"], town
            )
            for town in ("SD", "NC")
            for part in ("train", "val")
        }
    if days * DAY + SHAPE.horizon > 7 * DAY:
        raise BadInput(f"After {days} days of history nothing of the week is left to judge.")
    return cut_case(
        "uomo",
        [tiles["SD", "train"], tiles["NC", "train"]],
        {"uomo-SD": tiles["SD", "val"], "uomo-NC": tiles["NC", "val"]},
        days,
    )


def _month(name: str, panel: Panel, days: int) -> Case:
    """A case whose history ends after HISTORY_ENDS days, however long it is."""
    if not 2 <= days <= HISTORY_ENDS:
        raise BadInput(f"Histories of 2 to {HISTORY_ENDS} days can be judged, not of {days}.")
    held = panel.span((HISTORY_ENDS - days) * panel.steps_per_day)
    return cut_case(name, [held], {name: held}, days)


def _tiles(traffic: Floats32, users: Floats32, town: str) -> Panel:
    """Tiles (n, T, 4, 4) as one grid on which no tile sees another."""
    n, steps, high, wide = traffic.shape
    half_hours = steps // (7 * DAY)
    hourly = [
        _by_hour(values, half_hours) / (1 if values is traffic else half_hours)
        for values in (traffic, users)
    ]
    values = np.stack(hourly, axis=-1)  # (n, hours, 4, 4, 2)
    values = values.transpose(0, 2, 3, 1, 4).reshape(n * high * wide, -1, 2)
    tile, cell = np.divmod(np.arange(n * high * wide), high * wide)
    row, col = np.divmod(cell, wide)
    return from_grid(
        values,
        row + tile * 2 * high,
        col,
        times=_clock(UOMO_BEGINS[town], values.shape[1]),
        timezone="UTC",
        tasks=("traffic", "users"),
        ids=[f"{town}-{t}-{c}" for t, c in zip(tile, cell, strict=True)],
    )


def _by_hour(values: Floats32, steps: int) -> Floats32:
    """Sums (n, hours, 4, 4) of the steps of each hour."""
    n, total, *cell = values.shape
    sums: Floats32 = values.reshape(n, total // steps, steps, *cell).sum(axis=2)
    return sums


def _clock(first_hour: int, hours: int) -> pd.DatetimeIndex:
    """Hours that begin at this hour of the week on a local clock that is told as if it were UTC."""
    monday = pd.Timestamp("2024-01-01")
    return pd.date_range(monday + pd.Timedelta(hours=first_hour), periods=hours, freq="h")


def _unseen(work: Path, _: Path | None, days: int, seed: int) -> Case:
    return unseen_case(work, days, city=1 + seed)


def _milan(_: Path, folder: Path | None, days: int, __: int) -> Case:
    return milan_case(_there(folder), days)


def _uomo(_: Path, folder: Path | None, days: int, __: int) -> Case:
    return uomo_case(_there(folder), days)


def _there(folder: Path | None) -> Path:
    if folder is None:
        raise MissingPart("There is no folder of measured sets beside the project; name one.")
    return folder


DATA: dict[str, Callable[[Path, Path | None, int, int], Case]] = {
    "unseen": _unseen,
    "milan": _milan,
    "uomo": _uomo,
}
"""How a case of each data set is made, of the folders of simulated cities and of measured sets, of
the days of history and of the seed: each seed has a simulated city of its own, so that seeds tell
something of what learns nothing, too."""

CASES = (
    ("unseen", 3),
    ("unseen", 7),
    ("milan", 3),
    ("milan", 7),
    ("uomo", 3),
    ("uomo", 5),
    ("unseen", 14),
)
"""What is measured, in this order. The measured tiles hold one week: after five days two are left
to be judged on."""
