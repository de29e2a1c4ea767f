"""Rows of the forecasting bench: how they are scored, and a file that keeps each as it comes."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netspatial.arrays import Floats32
from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.forecast.forecaster import LEVELS, MEDIAN


@dataclass(frozen=True)
class Row:
    """One model on one task of one data set, trained from one seed; errors in the task's unit.

    mae, rmse : of the median
    crps      : twice the mean pinball loss over the levels
    cov90     : share of the truth between the quantiles .05 and .95
    seconds   : of CPU, to learn all tasks of the set and to forecast them
    """

    table: int
    data: str
    model: str
    task: str
    mae: float
    rmse: float
    crps: float
    cov90: float
    seed: int
    seconds: float


@dataclass(frozen=True)
class Score:
    """The four numbers of a task."""

    mae: float
    rmse: float
    crps: float
    cov90: float


def score(quantiles: Floats32, truth: Floats32) -> Score:
    """Judge quantiles (N, H, Q) at LEVELS against truth (N, H); NaN was not measured."""
    known = ~np.isnan(truth)
    y, forecast = truth[known].astype(np.float64), quantiles[known].astype(np.float64)
    off = y[:, None] - forecast
    levels = np.array(LEVELS)
    return Score(
        mae=float(np.abs(off[:, MEDIAN]).mean()),
        rmse=float(np.sqrt(np.square(off[:, MEDIAN]).mean())),
        crps=float(2 * np.maximum(levels * off, (levels - 1) * off).mean()),
        cov90=float(((forecast[:, 0] <= y) & (y <= forecast[:, -1])).mean()),
    )


class Ledger:
    """All rows so far, in a JSON file where one is named: a bench that was killed goes on.

    size : of the bench ("quick" or "whole"); rows of another size do not belong into one file
    """

    def __init__(self, path: Path | None, size: str) -> None:
        self.path, self.size = path, size
        self.rows: list[Row] = []
        self.sim2real: list[dict[str, Any]] = []
        if path is not None and path.exists():
            self._read(path)

    def has(self, table: int, data: str, model: str, seed: int) -> bool:
        """Whether this model's rows are there."""
        asked = (table, data, model, seed)
        return any((row.table, row.data, row.model, row.seed) == asked for row in self.rows)

    def add(self, rows: Sequence[Row]) -> None:
        """Keep these rows."""
        self.rows.extend(rows)
        self._write()

    def add_sim2real(self, rows: Sequence[dict[str, Any]]) -> None:
        """Keep rows of the way from simulation to reality."""
        self.sim2real.extend(rows)
        self._write()

    def record(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "size": self.size,
            "rows": [asdict(row) for row in self.rows],
            "sim2real": self.sim2real,
        }

    def _write(self) -> None:
        if self.path is not None:
            with atomic_file(self.path) as draft:
                draft.write_text(json.dumps(self.record(), indent=1) + "\n")

    def _read(self, path: Path) -> None:
        try:
            held = json.loads(path.read_text())
            size = held["size"]
            self.rows = [Row(**row) for row in held["rows"]]
            self.sim2real = list(held["sim2real"])
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(
                f"'{path}' is there and holds no rows of this bench; name another file."
            ) from error
        if size != self.size:
            raise BadInput(
                f"'{path}' holds rows of the {size} bench and this is the {self.size} one; name "
                "another file."
            )
