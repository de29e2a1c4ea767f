"""The schedule of a run and its figures: of hours that were measured, or of those yet to come."""

from dataclasses import dataclass, field

import xarray as xr

from netspatial.forecast.rolling import split_forecast
from netspatial.operate.metrics import ScheduleMetrics, mean_of, measures, ranges_of
from netspatial.operate.network import Network
from netspatial.operate.over_samples import over_samples
from netspatial.operate.policies import Policy
from netspatial.operate.simulator import plan_ahead, qoe_notes, simulate_policy
from netspatial.runs.jobs.stages import Tell
from netspatial.runs.kinds.operating_request import OperateRequest


@dataclass(frozen=True)
class Scheduled:
    """A schedule with its figures, and what is to be known of them.

    figures : of the traffic that came, or their means over the samples of the forecast
    ranges  : between what the middle 80 % of the samples lie; empty where the traffic is known
    """

    schedule: xr.Dataset
    figures: ScheduleMetrics
    notes: list[str]
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)


def replayed(
    network: Network,
    policy: Policy,
    truth: xr.DataArray,
    looks: list[xr.DataArray],
    past: xr.DataArray,
    asked: OperateRequest,
    tell: Tell = lambda _done, _of: None,
) -> Scheduled:
    """Schedule hours that were measured as if they were yet to come, and judge by what came."""
    schedule = simulate_policy(
        network, policy, truth, looks, past=past, qoe_min=asked.qoe_min, progress=tell
    )
    found = measures(schedule, co2_kg_per_kwh=asked.co2_kg_per_kwh, cost_per_kwh=asked.cost_per_kwh)
    return Scheduled(schedule, found, [*filter(None, schedule.attrs["notes"].split("\n"))])


def planned(
    network: Network,
    policy: Policy,
    look: xr.DataArray,
    past: xr.DataArray,
    asked: OperateRequest,
    tell: Tell = lambda _done, _of: None,
) -> Scheduled:
    """Schedule hours yet to come, and judge by every sample of what is forecast of them."""
    hours, samples = look.sizes["time"], look.sizes["sample"]
    plan = plan_ahead(
        network, policy, split_forecast(look), past=past, qoe_min=asked.qoe_min,
        progress=lambda done, _: tell(done, hours + samples),
    )  # fmt: skip
    found = over_samples(
        network, plan, look,
        co2_kg_per_kwh=asked.co2_kg_per_kwh, cost_per_kwh=asked.cost_per_kwh,
        progress=lambda done, _: tell(hours + done, hours + samples),
    )  # fmt: skip
    asked_for, served, reachable = (
        float(found.schedule[name].sum()) for name in ("demand", "served", "served_before")
    )
    yet = (
        f"These hours are yet to come: figures are means over the {samples} samples of the "
        "forecast, ranges hold the middle 80 % of them. The plan stands as it is; once hours are "
        "measured, stations can react to them."
    )
    notes = [*plan.notes, *qoe_notes(asked_for, served, reachable, asked.qoe_min), yet]
    schedule = found.schedule.assign_attrs(notes="\n".join(notes))
    return Scheduled(schedule, mean_of(found.figures), notes, ranges_of(found.figures))
