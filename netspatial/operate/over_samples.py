"""Expected outcome of a plan for upcoming hours: its execution on every forecast sample.

Nothing is measured in these hours, so no station reacts to a sample.
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
    schedule_metrics,
)
from netspatial.operate.network import Network
from netspatial.operate.schedule import schedule_dataset
from netspatial.operate.simulator import SleepPlan
from netspatial.progress import Progress, count, silent

RANGED = ("demand", "load_after", "energy", "unserved")
"""Quantities per station and hour that are reported with their 80 % range."""


@dataclass(frozen=True)
class Expected:
    """Outcome of a plan over the samples of a forecast.

    Attributes
    ----------
    schedule : Dataset (station, time)
        As from `schedule.schedule_dataset`, every quantity its mean over the samples; those of
        `RANGED` also as `_p10` and `_p90`, the limits of the 80 % range; and over
        (sample, station) `saved_kwh` and `qoe`.
    figures : list of ScheduleMetrics
        Metrics of each sample.
    """

    schedule: xr.Dataset
    figures: list[ScheduleMetrics]


def over_samples(
    network: Network,
    plan: SleepPlan,
    forecast: xr.DataArray,
    *,
    co2_kg_per_kwh: float = CO2_KG_PER_KWH,
    cost_per_kwh: float = COST_PER_KWH,
    progress: Progress = silent,
) -> Expected:
    """Execute a plan on each sample of a forecast.

    Parameters
    ----------
    network : Network
        Stations in the order of the forecast.
    plan : SleepPlan
        Plan of the hours of the forecast.
    forecast : DataArray (station, sample, time)
        Traffic in the unit of the capacities per hour.
    co2_kg_per_kwh : float
        Emissions of electricity, kg/kWh.
    cost_per_kwh : float
        Price of electricity, per kWh in the user's currency.
    progress : Progress
        Called with the number of executed samples.

    Returns
    -------
    Expected
    """
    figures, parts = [], []
    samples = forecast.sizes["sample"]
    for number in range(samples):
        one = _executed(network, plan, forecast.isel(sample=number, drop=True))
        figures.append(
            schedule_metrics(one, co2_kg_per_kwh=co2_kg_per_kwh, cost_per_kwh=cost_per_kwh)
        )
        parts.append(one.astype(np.float32))
        count(progress, number + 1, samples, "samples")
    every = xr.concat(parts, "sample", combine_attrs="override")
    schedule = every.mean("sample", keep_attrs=True).assign(asleep=one["asleep"])
    for suffix, level in RANGE.items():
        quantiles = every[list(RANGED)].quantile(level, "sample", keep_attrs=True)
        schedule = schedule.assign(
            {f"{name}_{suffix}": quantiles[name].drop_vars("quantile") for name in RANGED}
        )
    demand, served = every["demand"].sum("time"), every["served"].sum("time")
    saved = (every["energy_before"] - every["energy"]).sum("time")
    qoe = (served / demand.where(demand > 0)).fillna(1.0)
    return Expected(
        schedule.assign(saved_kwh=saved.assign_attrs(units="kWh"), qoe=qoe.assign_attrs(units="1")),
        figures,
    )


def _executed(network: Network, plan: SleepPlan, traffic: xr.DataArray) -> xr.Dataset:
    demand = network.demand(traffic.transpose("station", "time").to_numpy())
    always = dispatch(network, demand, np.zeros_like(plan.asleep))
    found = dispatch(network, np.minimum(demand, plan.limit), plan.asleep)
    return schedule_dataset(network, traffic, plan.asleep, plan.limit, found, always)
