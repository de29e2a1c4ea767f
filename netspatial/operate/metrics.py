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

    Attributes
    ----------
    energy_kwh : float
        Energy used, idle power included, kWh.
    always_on_kwh : float
        Energy with all stations awake, kWh.
    saving_pct : float
        Saving in per cent of `always_on_kwh`.
    co2_kg : float
        Emissions saved, at the given rate, kg.
    cost : float
        Cost saved, at the given price, in the user's currency.
    qoe : float
        Served part of the traffic (Eq. 20).
    traffic_reduction_ratio : float
        The paper's energy ratio (Eq. 19); it counts traffic, not energy, see `PROXY_NOTE`.
    hours_above : float
        Hours that use more energy than all awake, activations included.
    share_above : float
        The same as a share of all hours.
    kwh_above : float
        Excess energy of those hours, kWh.
    debt_kwh : float
        Largest cumulative excess over all awake since the first hour, kWh.
    worst_hour : float
        Lowest served part of any hour's traffic.
    worst_station : float
        Lowest served part of any station's traffic.
    unserved : float
        Unserved traffic, in its unit times hours.
    overload_hours : float
        Station-hours above a load of `OVERLOAD`.
    overload_hours_before : float
        The same with all stations awake.
    wakeups_per_station_day : float
        Activations per station and day.
    asleep_share : float
        Share of station-hours asleep.
    bound_pct : float or None
        Upper bound of `saving_pct` for schedules that serve as much; None if unknown.
    regret_pp : float or None
        Percentage points by which `saving_pct` falls short of `bound_pct`.
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

    Parameters
    ----------
    schedule : Dataset (station, time)
        The schedule and its outcome, hourly.
    bound_kwh : float, optional
        Lower bound of the energy, kWh; by default the schedule's attribute, set by the oracle.
    co2_kg_per_kwh : float
        Emissions of electricity, kg/kWh.
    cost_per_kwh : float
        Price of electricity, per kWh in the user's currency.

    Returns
    -------
    ScheduleMetrics

    Notes
    -----
    With x the requested, ctrl the targeted and s the served traffic: Eq. 19 is
    (Σ x - Σ ctrl) / Σ x, `traffic_reduction_ratio`; Eq. 20 is Σ s / Σ x, `qoe`. The saving is
    computed from kWh instead.

    Examples
    --------
    >>> hour = lambda *values: (("station", "time"), np.array([values]))
    >>> schedule = xr.Dataset({
    ...     "demand": hour(6.0, 2.0), "served": hour(6.0, 1.0), "unserved": hour(0.0, 1.0),
    ...     "control": hour(6.0, 1.0), "asleep": hour(False, True),
    ...     "load_before": hour(0.6, 0.2), "load_after": hour(0.6, 0.0),
    ...     "energy": hour(0.9, 0.3), "energy_before": hour(0.9, 0.7),
    ... })
    >>> found = schedule_metrics(schedule)
    >>> round(found.saving_pct, 3), found.qoe, found.traffic_reduction_ratio
    (25.0, 0.875, 0.125)
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
    """Mean of every metric over samples; None where any is unknown.

    Parameters
    ----------
    figures : sequence of ScheduleMetrics
        Metrics of each sample.

    Returns
    -------
    ScheduleMetrics
    """
    means: dict[str, Any] = {
        name: None if None in values else float(np.mean(values))
        for name, values in _by_name(figures).items()
    }
    return ScheduleMetrics(**means)


def ranges_of(figures: Sequence[ScheduleMetrics]) -> dict[str, tuple[float, float]]:
    """10 % and 90 % quantiles over samples of every known metric and of saved_kwh.

    Parameters
    ----------
    figures : sequence of ScheduleMetrics
        Metrics of each sample.

    Returns
    -------
    dict from str to (float, float)
        Lower and upper limit of the 80 % range by name of the metric.
    """
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
