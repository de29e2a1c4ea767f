"""Key figures of one station's measured or simulated traffic."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from netspatial.timeline import daily_profile


@dataclass(frozen=True)
class StationSummary:
    """Key figures of a station's traffic, in the unit of the series.

    peak_hour    : hour of the local day, 0-23, with the highest mean
    peak_mean    : mean traffic in that hour
    p95          : 95th percentile over the hours
    capacity_use : p95 over the station's capacity; NaN if the capacity is unknown
    """

    mean: float
    peak_hour: int
    peak_mean: float
    p95: float
    capacity_use: float


def station_summary(traffic: xr.DataArray, capacity: float) -> StationSummary | None:
    """Return the key figures of hourly traffic over (time,); None if no hour was recorded.

    `capacity` is in the unit of `traffic`, NaN if unknown.
    """
    if not bool(np.isfinite(traffic).any()):
        return None
    day = daily_profile(traffic)
    peak = day.isel(hour=int(day.fillna(-np.inf).argmax("hour")))
    p95 = float(traffic.quantile(0.95, "time", skipna=True))
    return StationSummary(
        mean=float(traffic.mean("time")),
        peak_hour=int(peak["hour"]),
        peak_mean=float(peak),
        p95=p95,
        capacity_use=p95 / capacity if capacity > 0 else np.nan,
    )
