"""What a plan for hours yet to come leads to: carried out on every sample of the forecast.

Nothing is measured in those hours, so the plan stands as it is, whatever a sample brings.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from netspatial.operate.dispatch.dispatch import dispatch
from netspatial.operate.metrics import (
    CO2_KG_PER_KWH,
    COST_PER_KWH,
    RANGE,
    ScheduleMetrics,
    measures,
)
from netspatial.operate.network import Network
from netspatial.operate.schedule import schedule_dataset
from netspatial.operate.simulator import Plan, Progress

RANGED = ("demand", "load_after", "energy", "unserved")
"""Quantities of each station and hour that are given with their range."""


@dataclass(frozen=True)
class Expected:
    """A plan over the samples of a forecast.

    schedule : as of `schedule.schedule_dataset`, every quantity its mean over the samples; those of
               RANGED also as `_p10` and `_p90`, between which the middle 80 % of the samples lie;
               and over (sample, station) `saved_kwh` and `qoe`
    figures  : of each sample
    """

    schedule: xr.Dataset
    figures: list[ScheduleMetrics]


def over_samples(
    network: Network,
    plan: Plan,
    forecast: xr.DataArray,
    *,
    co2_kg_per_kwh: float = CO2_KG_PER_KWH,
    cost_per_kwh: float = COST_PER_KWH,
    progress: Progress = lambda _done, _of: None,
) -> Expected:
    """Carry a plan out on each sample of a forecast (station, sample, time)."""
    figures, parts = [], []
    samples = forecast.sizes["sample"]
    for number in range(samples):
        one = _carried_out(network, plan, forecast.isel(sample=number, drop=True))
        figures.append(measures(one, co2_kg_per_kwh=co2_kg_per_kwh, cost_per_kwh=cost_per_kwh))
        parts.append(one.astype(np.float32))
        progress(number + 1, samples)
    every = xr.concat(parts, "sample", combine_attrs="override")
    schedule = every.mean("sample", keep_attrs=True).assign(asleep=one["asleep"])
    for suffix, level in RANGE.items():
        quantiles = every[list(RANGED)].quantile(level, "sample", keep_attrs=True)
        schedule = schedule.assign(
            {f"{name}_{suffix}": quantiles[name].drop_vars("quantile") for name in RANGED}
        )
    asked, served = every["demand"].sum("time"), every["served"].sum("time")
    saved = (every["energy_before"] - every["energy"]).sum("time")
    qoe = (served / asked.where(asked > 0)).fillna(1.0)
    return Expected(
        schedule.assign(saved_kwh=saved.assign_attrs(units="kWh"), qoe=qoe.assign_attrs(units="1")),
        figures,
    )


def _carried_out(network: Network, plan: Plan, traffic: xr.DataArray) -> xr.Dataset:
    demand = network.demand(traffic.transpose("station", "time").to_numpy())
    always = dispatch(network, demand, np.zeros_like(plan.asleep))
    found = dispatch(network, np.minimum(demand, plan.limit), plan.asleep)
    return schedule_dataset(network, traffic, plan.asleep, plan.limit, found, always)
