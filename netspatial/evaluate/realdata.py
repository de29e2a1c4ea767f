"""Openly licensed measured traffic, read by path where it is laid beside the project.

Benches measure against it; nothing of it is part of the product. What is known of each set, and
what is only inferred, stands with its reader.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from netspatial.arrays import Floats
from netspatial.errors import BadInput, MissingPart
from netspatial.timeline import HOURS_PER_WEEK

VARIABLE = "NETSPATIAL_REAL_DATA"
"""Names the folder of the data sets where it does not lie beside the project."""

MILAN_SQUARE_M = 235.0
MILAN_SIDE = 5
"""The excerpt holds 5 x 5 neighbouring squares of the Milano grid."""

MILAN_FIRST_HOUR = 4 * 24
"""2013-11-01 was a Friday; the start is inferred from the length and the rhythm."""


@dataclass(frozen=True)
class Measured:
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

    def whole_weeks(self) -> "Measured":
        """Cut to whole weeks from the first Monday 00:00, so that every weekday counts alike."""
        skip = -self.first_hour % HOURS_PER_WEEK
        weeks = (self.traffic.shape[1] - skip) // HOURS_PER_WEEK
        return Measured(
            name=self.name,
            traffic=self.traffic[:, skip : skip + weeks * HOURS_PER_WEEK],
            first_hour=0,
            places=self.places,
            licence=self.licence,
        )


def real_folder(given: Path | None = None) -> Path | None:
    """Return the folder of the data sets: `given`, the environment's, or the one beside us."""
    if given is not None:
        if not given.is_dir():
            raise BadInput(f"There is no folder '{given}' with real data.")
        return given
    named = os.environ.get(VARIABLE)
    if named:
        return real_folder(Path(named))
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    return beside if beside.is_dir() else None


def read_beijing(folder: Path) -> Measured:
    """Read 756 base stations of 5G in Beijing, one week.

    Unit and start are not stated; that the week starts on a Monday is inferred, for its last two
    days have the shape of a weekend. The means of the stations were made nearly equal.
    """
    with np.load(_file(folder, "beijing-5g/beijing_5g.npz"), allow_pickle=False) as arrays:
        traffic = np.asarray(arrays["traffic"], dtype=np.float64)
    return Measured("beijing", traffic, first_hour=0, places=None, licence="MIT")


def read_milan(folder: Path) -> Measured:
    """Read internet activity of 25 neighbouring squares of 235 m in Milan, 30 days.

    Ten-minute steps are summed to hours; activity is proportional to records, not bytes.
    """
    steps = np.loadtxt(_file(folder, "milan/internet_10min_5x5.csv.gz"), delimiter=",")
    hours = len(steps) // 6
    traffic = steps[: hours * 6].reshape(hours, 6, -1).sum(axis=1).T
    row, column = np.divmod(np.arange(MILAN_SIDE**2), MILAN_SIDE)
    return Measured(
        "milan",
        traffic,
        first_hour=MILAN_FIRST_HOUR,
        places=MILAN_SQUARE_M * np.column_stack([column, row]).astype(np.float64),
        licence="ODbL-1.0",
    )


READERS: dict[str, Callable[[Path], Measured]] = {"beijing": read_beijing, "milan": read_milan}
"""Every measured set that benches know."""


def read_all(folder: Path | None) -> list[Measured]:
    """Read the sets that are there; none where there is no folder."""
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
        raise MissingPart(f"There is no {name} in '{folder}'; lay the data set there.")
    return path
