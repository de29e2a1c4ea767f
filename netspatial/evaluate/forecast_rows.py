"""Rows of the forecasting bench: their scores, and the JSON file that stores them."""

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
class ForecasterRow:
    """Scores of one model on one task of one data set for one seed; errors in the task's unit.

    mae, rmse : of the median
    crps      : twice the mean pinball loss over the levels
    cov90     : share of the truth between the quantiles .05 and .95
    seconds   : CPU seconds of training and forecasting all tasks of the set
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
    """The scores of a task."""

    mae: float
    rmse: float
    crps: float
    cov90: float


def score(quantiles: Floats32, truth: Floats32) -> Score:
    """Score quantiles (N, H, Q) at LEVELS against truth (N, H), NaN where not measured."""
    known = ~np.isnan(truth)
    y, forecast = truth[known].astype(np.float64), quantiles[known].astype(np.float64)
    error = y[:, None] - forecast
    levels = np.array(LEVELS)
    return Score(
        mae=float(np.abs(error[:, MEDIAN]).mean()),
        rmse=float(np.sqrt(np.square(error[:, MEDIAN]).mean())),
        crps=float(2 * np.maximum(levels * error, (levels - 1) * error).mean()),
        cov90=float(((forecast[:, 0] <= y) & (y <= forecast[:, -1])).mean()),
    )


class ResultsFile:
    """All rows so far, stored in a JSON file if one is given, from which a killed bench resumes.

    size : of the bench ("quick" or "whole"); a file has rows of one size
    """

    def __init__(self, path: Path | None, size: str) -> None:
        self.path, self.size = path, size
        self.rows: list[ForecasterRow] = []
        self.sim2real: list[dict[str, Any]] = []
        if path is not None and path.exists():
            self._read(path)

    def has(self, table: int, data: str, model: str, seed: int) -> bool:
        """Whether the rows of this model exist."""
        key = (table, data, model, seed)
        return any((row.table, row.data, row.model, row.seed) == key for row in self.rows)

    def add(self, rows: Sequence[ForecasterRow]) -> None:
        """Store rows."""
        self.rows.extend(rows)
        self._write()

    def add_sim2real(self, rows: Sequence[dict[str, Any]]) -> None:
        """Store rows of the sim-to-real transfer."""
        self.sim2real.extend(rows)
        self._write()

    def record(self) -> dict[str, Any]:
        """Return all rows for JSON."""
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
            self.rows = [ForecasterRow(**row) for row in held["rows"]]
            self.sim2real = list(held["sim2real"])
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(
                f"'{path}' exists and holds no rows of this bench; give another file."
            ) from error
        if size != self.size:
            raise BadInput(
                f"'{path}' holds rows of the {size} bench and this is the {self.size} one; give "
                "another file."
            )
