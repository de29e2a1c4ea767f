"""Inputs of `Generator.forecast`: measured histories on the local clock, and noise."""

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from netspatial.arrays import Floats32
from netspatial.errors import BadInput
from netspatial.gaps import fill_gaps
from netspatial.generate.data import fault_of
from netspatial.randomness import stream
from netspatial.timeline import HOURS_PER_WEEK, local_steps, on_local_clock, timezone_named


def measured(
    history: xr.DataArray, stations: int, timezone: str | None
) -> tuple[Floats32, pd.DatetimeIndex, str]:
    """Check a measured history; return its series on the local clock, its hours and its timezone.

    The series (n, S) have no gaps; the first column is the local hour of the first time stamp.
    """
    if "time" not in history.dims or history.ndim != 2:
        raise BadInput(
            f"The history has dimensions {tuple(map(str, history.dims))}; "
            "(station, time) is needed."
        )
    zone = timezone or history.attrs.get("timezone")
    if zone is None:
        raise BadInput("The history names no timezone; give one, for example 'Europe/Rome'.")
    place = next(str(name) for name in history.dims if name != "time")
    x = history.transpose(place, "time").to_numpy().astype(np.float32)
    times = pd.DatetimeIndex(history["time"].to_numpy())
    if len(x) != stations:
        raise BadInput(f"The history has {len(x)} stations and the context {stations} places.")
    if len(times) < HOURS_PER_WEEK:
        raise BadInput(
            f"The history is {len(times)} hours long; at least one week (168) is needed."
        )
    if (times[1:] - times[:-1] != pd.Timedelta(hours=1)).any():
        raise BadInput("The history's time stamps are not hourly; every hour must be present.")
    steps = local_steps(times, timezone_named(str(zone)))
    x = fill_gaps(on_local_clock(x, steps - steps[0], int(steps.max() - steps[0]) + 1))
    for row, series in zip(history[place].to_numpy(), x, strict=True):
        fault = fault_of(series)
        if fault is not None:
            raise BadInput(f"The history of station '{row}' cannot be continued: {fault}.")
    return x, times, str(zone)


def noise_ahead(
    seed: int, ids: NDArray[np.str_], samples: int, length: int, origin: pd.Timestamp
) -> Floats32:
    """Return noise (stations, samples, length) for the forecast origin `origin`."""
    return np.stack(
        [
            stream(seed, "forecast", str(name), origin.isoformat()).standard_normal(
                (samples, length), dtype=np.float32
            )
            for name in ids
        ]
    )
