"""Statistics of an ensemble per cell and sample, computed once for all rankings."""

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from netspatial.arrays import Floats32, Indices
from netspatial.errors import BadInput
from netspatial.timeline import HOURS_PER_WEEK, hour_of_week, local_times

CELLS_AT_ONCE = 128
"""Cells per block: about 5 MB for a month in 16 samples."""

DAY = 24


def statistics(traffic: xr.DataArray, timezone: str | None = None) -> xr.Dataset:
    """Return the statistics of an ensemble (cell, sample, time) of whole days.

    Blocks of cells may be summarised one by one and joined along `cell`.

    Parameters
    ----------
    traffic : DataArray (cell, sample, time)
        Hourly traffic, zero or more, with time stamps in UTC and the attribute `units`.
    timezone : str, optional
        Of the local clock; by default the attribute `timezone` of the traffic.

    Returns
    -------
    Dataset
        In the unit of `traffic`, over (cell, sample): `mean`; `std` over time; `p95`; `peak`, the
        largest hour; and `busy_hour`, the mean of the busiest local hour of the day. Over
        (cell, hour_of_week): `profile`, the mean local week over all samples.

    Raises
    ------
    BadInput
        If the dimensions differ, the ensemble is empty, or a value is negative or not finite.

    Examples
    --------
    >>> traffic = xr.DataArray(
    ...     np.tile([1.0, 3.0], (1, 2, 12)),
    ...     dims=("cell", "sample", "time"),
    ...     coords={"cell": ["a"], "time": pd.date_range("2024-01-01", periods=24, freq="h")},
    ...     attrs={"units": "GB/h", "timezone": "UTC"},
    ... )
    >>> found = statistics(traffic)
    >>> found["mean"].values.tolist(), found["std"].values.tolist()
    ([[2.0, 2.0]], [[1.0, 1.0]])
    """
    if set(traffic.dims) != {"cell", "sample", "time"}:
        raise BadInput(
            f"The traffic has dimensions {tuple(map(str, traffic.dims))}; "
            "(cell, sample, time) is needed."
        )
    if 0 in (traffic.sizes["sample"], traffic.sizes["time"]):
        raise BadInput("The traffic holds no samples or no hours; at least one of each is needed.")
    ordered = traffic.transpose("cell", "sample", "time")
    hours = hour_of_week(local_times(traffic, timezone)).to_numpy()
    by_day, by_week = _averages(hours % DAY, DAY), _averages(hours, HOURS_PER_WEEK)
    n, samples, _ = ordered.shape
    numbers = {name: np.empty((n, samples)) for name in ("mean", "std", "p95", "peak", "busy_hour")}
    profile = np.empty((n, HOURS_PER_WEEK), dtype=np.float32)
    for begin in range(0, n, CELLS_AT_ONCE):
        block = slice(begin, begin + CELLS_AT_ONCE)
        x = ordered[block].to_numpy()
        _check(x, ordered["cell"].to_numpy()[block])
        numbers["mean"][block] = x.mean(axis=2, dtype=np.float64)
        numbers["std"][block] = x.std(axis=2, dtype=np.float64)
        numbers["p95"][block] = np.quantile(x, 0.95, axis=2)
        numbers["peak"][block] = x.max(axis=2)
        numbers["busy_hour"][block] = np.nanmax(x @ by_day, axis=2)
        profile[block] = x.mean(axis=1) @ by_week
    return xr.Dataset(
        {
            **{name: (("cell", "sample"), values) for name, values in numbers.items()},
            "profile": (("cell", "hour_of_week"), profile),
        },
        coords={
            "cell": traffic["cell"].to_numpy().astype(str),
            "hour_of_week": np.arange(HOURS_PER_WEEK),
        },
        attrs={
            "units": traffic.attrs.get("units", "units"),
            "timezone": timezone or traffic.attrs["timezone"],
            "provenance": traffic.attrs.get("provenance", "generated"),
        },
    )


def _averages(slots: Indices, count: int) -> Floats32:
    """Return the matrix (hours, count) that averages the hours of each slot; NaN for empty ones."""
    members = pd.get_dummies(pd.Categorical(slots, categories=range(count))).to_numpy(np.float32)
    times = members.sum(axis=0)
    return np.where(times > 0, members / np.maximum(times, 1), np.float32(np.nan))


def _check(x: Floats32, ids: NDArray[np.str_]) -> None:
    if (x < 0).any() or not np.isfinite(x).all():
        wrong = ~(np.isfinite(x) & (x >= 0)).all(axis=(1, 2))
        raise BadInput(
            f"The traffic of cell '{ids[wrong][0]}' contains NaN, infinite or negative values; "
            "every value must be zero or more."
        )
