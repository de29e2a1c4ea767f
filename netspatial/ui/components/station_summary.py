"""What a planner wants to know of one station at a station_summary, from its measured or simulated month."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from netspatial.timeline import daily_profile


@dataclass(frozen=True)
class StationSummary:
    """Four numbers of a station's traffic, in the unit of the series.

    peak_hour    : hour of the local day, 0-23, with the highest mean
    peak_mean    : mean traffic in that hour
    p95          : exceeded in one hour of twenty
    capacity_use : p95 over the station's capacity; NaN where that is unknown
    """

    mean: float
    peak_hour: int
    peak_mean: float
    p95: float
    capacity_use: float


def station_summary(traffic: xr.DataArray, capacity: float) -> StationSummary | None:
    """Summarise one station's hourly traffic over (time,); None where no hour was recorded.

    `capacity` is in the unit of `traffic`, NaN where unknown.
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
