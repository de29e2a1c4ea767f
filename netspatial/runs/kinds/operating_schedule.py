"""The schedule of a run and its metrics, for measured or for upcoming hours."""

from dataclasses import dataclass, field

import xarray as xr

from netspatial.forecast.rolling import split_forecast
from netspatial.operate.metrics import ScheduleMetrics, mean_of, ranges_of, schedule_metrics
from netspatial.operate.network import Network
from netspatial.operate.over_samples import over_samples
from netspatial.operate.policies import Policy
from netspatial.operate.simulator import plan_ahead, qoe_notes, simulate_policy
from netspatial.progress import Progress, silent, within
from netspatial.runs.kinds.operating_request import OperateRequest


@dataclass(frozen=True)
class Scheduled:
    """A schedule with its metrics and notes.

    figures : metrics for the actual traffic, or means over the samples of the forecast
    ranges  : 80 % range over the samples; empty in a back-test
    """

    schedule: xr.Dataset
    figures: ScheduleMetrics
    notes: list[str]
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)


def backtested(
    network: Network,
    policy: Policy,
    truth: xr.DataArray,
    looks: list[xr.DataArray],
    past: xr.DataArray,
    asked: OperateRequest,
    progress: Progress = silent,
) -> Scheduled:
    """Back-test: schedule measured hours on forecasts and evaluate on the actual traffic."""
    schedule = simulate_policy(
        network, policy, truth, looks, past=past, qoe_min=asked.qoe_min, progress=progress
    )
    found = schedule_metrics(
        schedule, co2_kg_per_kwh=asked.co2_kg_per_kwh, cost_per_kwh=asked.cost_per_kwh
    )
    return Scheduled(schedule, found, [*filter(None, schedule.attrs["notes"].split("\n"))])


def planned(
    network: Network,
    policy: Policy,
    look: xr.DataArray,
    past: xr.DataArray,
    asked: OperateRequest,
    progress: Progress = silent,
) -> Scheduled:
    """Schedule upcoming hours and evaluate on every sample of the forecast."""
    hours, samples = look.sizes["time"], look.sizes["sample"]
    planning = hours / (hours + samples)
    plan = plan_ahead(
        network,
        policy,
        split_forecast(look),
        past=past,
        qoe_min=asked.qoe_min,
        progress=within(progress, 0.0, planning),
    )
    found = over_samples(
        network,
        plan,
        look,
        co2_kg_per_kwh=asked.co2_kg_per_kwh,
        cost_per_kwh=asked.cost_per_kwh,
        progress=within(progress, planning, 1.0),
    )
    asked_for, served, reachable = (
        float(found.schedule[name].sum()) for name in ("demand", "served", "served_before")
    )
    yet = (
        f"These are upcoming hours: figures are means over the {samples} samples of the forecast, "
        "with their 80 % range. The plan is fixed; reactions to measured traffic are not included."
    )
    notes = [*plan.notes, *qoe_notes(asked_for, served, reachable, asked.qoe_min), yet]
    schedule = found.schedule.assign_attrs(notes="\n".join(notes))
    return Scheduled(schedule, mean_of(found.figures), notes, ranges_of(found.figures))
