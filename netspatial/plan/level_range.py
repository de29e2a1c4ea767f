"""Range of a cell's mean load: its width, and the measured stations that it rests on.

The log mean load is taken as normal. Where measured stations were used, its deviation is that of
the kriging; otherwise that of the samples of the generator.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from netspatial.arrays import AnyFloats, Floats, Indices

SDS_OF_80 = 1.2816
"""Standard deviations from the middle of a normal distribution to the end of its 80 % range."""
FEWEST_SAMPLES = 8
"""With fewer samples their deviation says too little: with 8 it is known to about a quarter."""
SIZABLE = 0.15
"""Kriging weight from which on an estimate rests on a station."""
FAR_M = 1000.0
"""Distance from which on a cell is far from a measured station, m."""
MAX_NAMED = 3


@dataclass(frozen=True)
class LevelRange:
    """Half of the 80 % range of the mean load of each cell, per cent of its middle; or why not.

    percent : (cell,), None where it is not known; source : where it comes from, or why it is absent
    """

    percent: Floats | None
    source: str


@dataclass(frozen=True)
class MeasuredSupport:
    """What the mean load of one cell rests on.

    stations  : id, distance in metres and weight of the stations with a sizable weight
    nearest_m : distance to the nearest measured station, m; NaN where unknown
    percent   : half of the 80 % range, per cent; far_percent : the same far from any station
    wider     : per cent by which the range is wider than that of the median cell of the plan
    """

    stations: tuple[tuple[str, float, float], ...]
    nearest_m: float
    percent: float
    far_percent: float
    wider: float

    @property
    def far(self) -> bool:
        """Whether no measured station is near."""
        return self.nearest_m > FAR_M

    @property
    def far_wider(self) -> float:
        """Per cent by which the range would be wider far from any station."""
        return 100 * (self.far_percent / self.percent - 1)


def half_range(level_sd: AnyFloats) -> Floats:
    """Return half of the 80 % range over its middle, per cent, for deviations of the log mean."""
    return np.asarray(100 * np.sinh(SDS_OF_80 * np.asarray(level_sd, dtype=np.float64)))


def level_range(cells: pd.DataFrame, statistics: xr.Dataset) -> LevelRange:
    """Return the range of the mean load of each cell, in the order of the cells.

    cells : with `level_sd` where measured stations were used; statistics : of the ensemble
    """
    if "level_sd" in cells and cells["level_sd"].notna().any():
        return LevelRange(
            half_range(cells["level_sd"].to_numpy(dtype=np.float64)),
            "Map of the uncertainty: range of the mean load, estimated from the measured stations.",
        )
    mean = statistics["mean"].sel(cell=cells["cell_id"].astype(str).to_numpy())
    samples = mean.sizes["sample"]
    if samples < FEWEST_SAMPLES:
        return LevelRange(
            None,
            "There is no map of the uncertainty: no measured stations are used, and the model "
            f"alone needs {FEWEST_SAMPLES} samples or more; this plan has {samples}.",
        )
    logs = np.log(np.maximum(mean.transpose("cell", "sample").to_numpy(), 1e-12))
    return LevelRange(
        half_range(logs.std(axis=1, ddof=1)),
        "Map of the uncertainty: no measured stations are used; range of the mean load over the "
        f"{samples} samples of the model.",
    )


def measured_support(cells: pd.DataFrame, at: Indices) -> list[MeasuredSupport | None]:
    """Return what the cells at some positions rest on, None where no stations were used."""
    if "level_sd_far" not in cells or not cells["level_sd_far"].notna().any():
        return [None] * len(at)
    median = float(np.median(half_range(cells["level_sd"].to_numpy(dtype=np.float64))))
    return [_support(row, median) for row in cells.iloc[at].to_dict("records")]


def _support(row: Mapping[Any, Any], median: float) -> MeasuredSupport:
    percent = float(half_range(row["level_sd"]))
    named = [
        (str(row[f"station_{at}"]), float(row[f"distance_{at}"]), float(row[f"weight_{at}"]))
        for at in range(1, MAX_NAMED + 1)
        if isinstance(row.get(f"station_{at}"), str)
    ]
    return MeasuredSupport(
        stations=tuple(one for one in named if one[2] >= SIZABLE),
        nearest_m=float(row["measured_m"]),
        percent=percent,
        far_percent=float(half_range(row["level_sd_far"])),
        wider=100 * (percent / median - 1),
    )
