"""Metrics of a schedule: energy saved and quality of experience, comparable between policies.

The paper's energy ratio (Eq. 19) is reported as `traffic_reduction_ratio`: it counts traffic.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import xarray as xr

CO2_KG_PER_KWH = 0.25
"""Approximate emissions of European grid electricity; our assumption."""
COST_PER_KWH = 0.20
"""Price of electricity, in the user's currency; our assumption."""
OVERLOAD = 0.9
"""Load above which a station counts as overloaded."""
RANGE = {"p10": 0.1, "p90": 0.9}
"""Names and levels of the quantiles between which the middle 80 % of samples lie."""
NOTHING = 1e-12
"""Part of all energy below which a difference is rounding."""
PROXY_NOTE = (
    "Eq. 19 compares served with requested traffic. A station's power hardly depends on its "
    "traffic, so this ratio does not measure energy; saving_pct does."
)


@dataclass(frozen=True)
class ScheduleMetrics:
    """Metrics of one schedule.

    energy_kwh, always_on_kwh : energy used, and with all stations awake, idle power included
    saving_pct   : saving in per cent of always_on_kwh; co2_kg, cost : saved, at the given rates
    qoe          : served part of the traffic (Eq. 20)
    traffic_reduction_ratio : the paper's energy ratio (Eq. 19), not energy; see PROXY_NOTE
    hours_above, share_above : hours that use more energy than all awake, activations included
    kwh_above    : excess energy of those hours
    debt_kwh     : largest cumulative excess over all awake since the first hour
    worst_hour, worst_station : lowest served part of any hour, and of any station's traffic
    unserved     : traffic, in its unit times hours
    overload_hours : station-hours above a load of OVERLOAD; overload_hours_before : all awake
    wakeups_per_station_day, asleep_share : over all stations and hours
    bound_pct    : upper bound of saving_pct for schedules that serve as much; None if unknown
    regret_pp    : percentage points by which saving_pct falls short of bound_pct
    """

    energy_kwh: float
    always_on_kwh: float
    saving_pct: float
    co2_kg: float
    cost: float
    qoe: float
    traffic_reduction_ratio: float
    hours_above: float
    share_above: float
    kwh_above: float
    debt_kwh: float
    worst_hour: float
    worst_station: float
    unserved: float
    overload_hours: float
    overload_hours_before: float
    wakeups_per_station_day: float
    asleep_share: float
    bound_pct: float | None
    regret_pp: float | None

    @property
    def saved_kwh(self) -> float:
        """Energy saved relative to all stations awake, kWh."""
        return self.always_on_kwh - self.energy_kwh


def schedule_metrics(
    schedule: xr.Dataset,
    *,
    bound_kwh: float | None = None,
    co2_kg_per_kwh: float = CO2_KG_PER_KWH,
    cost_per_kwh: float = COST_PER_KWH,
) -> ScheduleMetrics:
    """Metrics of a schedule of `schedule.schedule_dataset`.

    bound_kwh : lower bound of the energy; by default the schedule's attribute, set by the oracle
    """
    demand, served = schedule["demand"], schedule["served"]
    total = float(demand.sum())
    used, before = float(schedule["energy"].sum()), float(schedule["energy_before"].sum())
    saving = _part(before - used, before)
    bound = schedule.attrs.get("bound_kwh") if bound_kwh is None else bound_kwh
    bound_pct = None if bound is None else 100 * _part(before - float(bound), before)
    asleep = schedule["asleep"].astype(bool)
    woken = int((asleep.shift(time=1, fill_value=False) & ~asleep).sum())
    station_days = asleep.size / 24
    more = (schedule["energy"] - schedule["energy_before"]).sum("station").to_numpy()
    above = more > NOTHING * before
    return ScheduleMetrics(
        energy_kwh=used,
        always_on_kwh=before,
        saving_pct=100 * saving,
        co2_kg=(before - used) * co2_kg_per_kwh,
        cost=(before - used) * cost_per_kwh,
        qoe=_part(float(served.sum()), total, empty=1.0),
        traffic_reduction_ratio=_part(float((demand - schedule["control"]).sum()), total),
        hours_above=int(above.sum()),
        share_above=float(above.mean()),
        kwh_above=float(more[above].sum()),
        debt_kwh=float(np.cumsum(more).max(initial=0.0)),
        worst_hour=_least(served.sum("station"), demand.sum("station")),
        worst_station=_least(served.sum("time"), demand.sum("time")),
        unserved=float(schedule["unserved"].sum()),
        overload_hours=int((schedule["load_after"] > OVERLOAD).sum()),
        overload_hours_before=int((schedule["load_before"] > OVERLOAD).sum()),
        wakeups_per_station_day=woken / station_days,
        asleep_share=float(asleep.mean()),
        bound_pct=bound_pct,
        regret_pp=None if bound_pct is None else bound_pct - 100 * saving,
    )


def mean_of(figures: Sequence[ScheduleMetrics]) -> ScheduleMetrics:
    """Mean of every metric over samples; None where any is unknown."""
    means: dict[str, Any] = {
        name: None if None in values else float(np.mean(values))
        for name, values in _by_name(figures).items()
    }
    return ScheduleMetrics(**means)


def ranges_of(figures: Sequence[ScheduleMetrics]) -> dict[str, tuple[float, float]]:
    """10 % and 90 % quantiles over samples of every known metric and of saved_kwh."""
    rows = {**_by_name(figures), "saved_kwh": [one.saved_kwh for one in figures]}
    return {
        name: (float(np.quantile(values, RANGE["p10"])), float(np.quantile(values, RANGE["p90"])))
        for name, values in rows.items()
        if None not in values
    }


def _by_name(figures: Sequence[ScheduleMetrics]) -> dict[str, list[Any]]:
    return {
        one.name: [getattr(row, one.name) for row in figures] for one in fields(ScheduleMetrics)
    }


def _part(of: float, whole: float, empty: float = 0.0) -> float:
    return of / whole if whole > 0 else empty


def _least(served: xr.DataArray, demand: xr.DataArray) -> float:
    some = demand > 0
    return float((served / demand.where(some)).where(some, 1.0).min())
