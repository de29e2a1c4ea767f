"""Scores of rolling forecasts of stations against the actual traffic.

For the forecast table of `bench operate`; all forecasters have the same history at each origin.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from netspatial.arrays import AnyFloats
from netspatial.forecast import Forecaster
from netspatial.forecast.rolling import HORIZON_H, latest_of, rolling_forecasts
from netspatial.scores import coverage, crps

SAMPLES = 19
"""Samples of an ensemble: the fewest whose order statistics bound 90 % exactly."""
DAY, WEEK = 24, 168


@dataclass(frozen=True)
class ForecastRow:
    """Scores of one forecaster in one city; errors in the unit of the traffic.

    ahead_h : hours between forecast origins, and scored hours of each forecast
    crps    : fair, of the ensemble; mae : of its median; rmse : of its mean
    cov90   : share of the truth within the 90 % interval
    """

    city: str
    model: str
    ahead_h: int
    crps: float
    mae: float
    rmse: float
    cov90: float


def rolling_scores(
    city: str,
    forecasters: Mapping[str, Forecaster],
    traffic: xr.DataArray,
    first: pd.Timestamp,
    hours: int = WEEK,
    ahead_h: int = DAY,
    seed: int = 0,
    lead_h: int = 0,
    report: Callable[[str], None] = lambda _: None,
) -> tuple[list[ForecastRow], dict[str, list[xr.DataArray]]]:
    """Score forecasters over `hours` from `first` on; return their rows and rolling forecasts.

    traffic : (station, time), whole; each forecast gets the traffic before its origin
    lead_h  : hours by which the latest measurement precedes the first forecast hour
    """
    rows, made = [], {}
    horizon_h = max(ahead_h, HORIZON_H)
    begin = int(pd.DatetimeIndex(traffic["time"].to_numpy()).searchsorted(first))
    truth = traffic.transpose("station", "time").to_numpy()[:, begin : begin + hours]
    for name, forecaster in forecasters.items():
        report(f"forecasting {city} with {name}")
        made[name] = rolling_forecasts(
            forecaster,
            traffic,
            first,
            hours,
            SAMPLES,
            seed,
            every_h=ahead_h,
            horizon_h=horizon_h,
            lead_h=lead_h,
        )
        rows.append(forecast_row(city, name, ahead_h, latest_of(made[name]).to_numpy(), truth))
    return rows, made


def forecast_row(
    city: str, model: str, ahead_h: int, samples: AnyFloats, truth: AnyFloats
) -> ForecastRow:
    """Score an ensemble (n, S, T) against the actual traffic (n, T), NaN where not measured."""
    known = np.isfinite(truth)
    return ForecastRow(
        city=city,
        model=model,
        ahead_h=ahead_h,
        crps=float(crps(samples, truth)[known].mean()),
        mae=float(np.abs(np.median(samples, axis=1) - truth)[known].mean()),
        rmse=float(np.sqrt(np.square(samples.mean(axis=1) - truth)[known].mean())),
        cov90=float(coverage(samples, truth)[known].mean()),
    )
