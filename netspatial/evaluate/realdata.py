"""Readers of openly licensed measured traffic in a folder beside the project, used by benches.

The data are not part of the product. The docstring of each reader states what is known and what is
inferred.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from netspatial.arrays import Floats, Floats32
from netspatial.errors import BadInput, MissingPart
from netspatial.timeline import HOURS_PER_WEEK

VARIABLE = "NETSPATIAL_REAL_DATA"
"""Environment variable with the folder of the data sets, if it is not beside the project."""

MILAN_SQUARE_M = 235.0
MILAN_SIDE = 5
"""The excerpt holds 5 x 5 neighbouring squares of the Milano grid."""

MILAN_FIRST_SQUARE = 41
"""First row and column of the excerpt in the Milano grid, from 1; the order is inferred."""

MILAN_FIRST_HOUR = 4 * 24
"""2013-11-01 was a Friday; the start is inferred from the length and the weekly profile."""


@dataclass(frozen=True)
class MeasuredDataSet:
    """Measured hourly traffic of many places over whole hours on the local clock.

    traffic    : (places, hours), in the publisher's unit
    first_hour : hour of the week of the first column, 0 is Monday 00:00
    places     : (places, 2) metres, or None where the publisher gives no positions
    """

    name: str
    traffic: Floats
    first_hour: int
    places: Floats | None
    licence: str

    def whole_weeks(self) -> "MeasuredDataSet":
        """Return the whole weeks from the first Monday 00:00 on."""
        skip = -self.first_hour % HOURS_PER_WEEK
        weeks = (self.traffic.shape[1] - skip) // HOURS_PER_WEEK
        return MeasuredDataSet(
            name=self.name,
            traffic=self.traffic[:, skip : skip + weeks * HOURS_PER_WEEK],
            first_hour=0,
            places=self.places,
            licence=self.licence,
        )


def real_folder(given: Path | None = None) -> Path | None:
    """Return the folder of the data sets: `given`, the environment's, or one beside the project."""
    if given is not None:
        if not given.is_dir():
            raise BadInput(f"There is no folder '{given}' with real data.")
        return given
    named = os.environ.get(VARIABLE)
    if named:
        return real_folder(Path(named))
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    return beside if beside.is_dir() else None


def read_beijing(folder: Path) -> MeasuredDataSet:
    """Read 756 base stations of 5G in Beijing, one week.

    Unit and start are not stated; the start on a Monday is inferred from the last two days, which
    have the profile of a weekend. The publisher made the means of the stations nearly equal.
    """
    with np.load(_file(folder, "beijing-5g/beijing_5g.npz"), allow_pickle=False) as arrays:
        traffic = np.asarray(arrays["traffic"], dtype=np.float64)
    return MeasuredDataSet("beijing", traffic, first_hour=0, places=None, licence="MIT")


def read_milan(folder: Path) -> MeasuredDataSet:
    """Read internet activity of 25 neighbouring squares of 235 m in Milan, 30 days.

    Ten-minute steps are summed to hours; activity is proportional to records, not bytes.
    """
    steps = np.loadtxt(_file(folder, "milan/internet_10min_5x5.csv.gz"), delimiter=",")
    hours = len(steps) // 6
    traffic = steps[: hours * 6].reshape(hours, 6, -1).sum(axis=1).T
    row, column = np.divmod(np.arange(MILAN_SIDE**2), MILAN_SIDE)
    return MeasuredDataSet(
        "milan",
        traffic,
        first_hour=MILAN_FIRST_HOUR,
        places=MILAN_SQUARE_M * np.column_stack([column, row]).astype(np.float64),
        licence="ODbL-1.0",
    )


UOMO_BEGINS = {"SD": 4 * 24, "NC": 0}
"""Hour of the week of the first hour, which the set does not state. In the train tiles of SD the
second and third day resemble each other and no other, so they are a weekend; in NC the last two
do."""


@dataclass(frozen=True)
class TileTraffic:
    """Traffic of tiles of 4 x 4 cells of a town over one week.

    traffic, users : (tiles, 168, 4, 4) per hour; poi : (tiles, kinds, 4, 4) counts
    train : how many of the tiles, the first, are the publisher's train tiles
    """

    traffic: Floats32
    users: Floats32
    poi: Floats32
    train: int
    first_hour: int


def read_uomo(folder: Path) -> dict[str, TileTraffic]:
    """Read the tiles of two towns, SD and NC; positions, units and kinds are not stated.

    Half hours of the second town are aggregated to hours: traffic is summed, users are averaged.
    """
    found = {}
    with np.load(_file(folder, "uomo-tiles/uomo_tiles.npz"), allow_pickle=False) as arrays:
        for town, first_hour in UOMO_BEGINS.items():
            train = arrays[f"{town}_train_traffic"]
            steps = train.shape[1] // HOURS_PER_WEEK
            traffic, users, poi = (
                np.concatenate([arrays[f"{town}_{part}_{what}"] for part in ("train", "val")])
                for what in ("traffic", "users", "poi")
            )
            found[town] = TileTraffic(
                _by_hour(traffic, steps),
                _by_hour(users, steps) / steps,
                poi.astype(np.float32),
                len(train),
                first_hour,
            )
    return found


def _by_hour(values: Floats32, steps: int) -> Floats32:
    """Return the sums (n, hours, 4, 4) over the steps of each hour."""
    n, total, *cell = values.shape
    sums: Floats32 = values.reshape(n, total // steps, steps, *cell).sum(axis=2)
    return sums.astype(np.float32)


READERS: dict[str, Callable[[Path], MeasuredDataSet]] = {
    "beijing": read_beijing,
    "milan": read_milan,
}
"""The measured data sets by name."""


def read_all(folder: Path | None) -> list[MeasuredDataSet]:
    """Read the available data sets; none where there is no folder."""
    found = []
    for reader in READERS.values():
        try:
            found += [reader(folder)] if folder is not None else []
        except MissingPart:
            continue
    return found


def _file(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise MissingPart(f"There is no {name} in '{folder}'; copy the data set there.")
    return path
