"""Run a policy: decide from forecasts, carry out on the true traffic, write down what happened.

Any number of hours, a week as a rule. Every policy meets the same rules: nobody sleeps whom others
cannot cover, traffic is dispatched by one program, and sleep must have paid for itself. Where a
policy has its plan watched, sleepers wake when measured traffic shows that the plan fails.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from netspatial.errors import BadInput
from netspatial.operate.carrying_out import Before, Outcome, carry_out
from netspatial.operate.coverage import keep_covered
from netspatial.operate.dispatch import Dispatch, dispatch, energy_kwh
from netspatial.operate.network import Network
from netspatial.operate.policies.contract import Decision, Forecast, Policy, State
from netspatial.operate.relief import lead_h
from netspatial.timeline import local_times

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Progress = Callable[[int, int], None]

QOE_MIN = 0.99
"""Part of all traffic that should be served, where nothing else is asked for."""


def run_policy(
    network: Network,
    policy: Policy,
    truth: xr.DataArray,
    forecasts: Sequence[xr.DataArray],
    *,
    past: xr.DataArray | None = None,
    qoe_min: float = QOE_MIN,
    progress: Progress = lambda _done, _of: None,
) -> xr.Dataset:
    """Operate a network for the hours of `truth`, and return the schedule with what it led to.

    truth     : (station, time) traffic, hourly, in the unit of the capacities per hour
    forecasts : each (station, sample, time), beginning at the hour for which it was issued; every
                decision uses the last one issued by then
    past      : (station, time) traffic measured before, for policies that look back
    qoe_min   : part of the traffic that must be served; policies may plan with it, and a note says
                when even all stations awake cannot reach it

    Returns per station and hour: asleep, demand, load_before (all awake), load_after, served,
    unserved, control (Eq. 19's traffic), energy and energy_before in kWh. Stations begin awake.
    """
    if not 0 <= qoe_min <= 1:
        raise BadInput(f"A QoE of {qoe_min:g} was asked for; it must lie between 0 and 1.")
    _check_stations(network, truth, "traffic")
    demand = network.demand(truth.transpose("station", "time").to_numpy())
    history = np.empty((network.size, 0)) if past is None else network.demand(
        past.sel(station=truth["station"]).transpose("station", "time").to_numpy()
    )  # fmt: skip
    times = pd.DatetimeIndex(truth["time"].to_numpy())
    hour_of_day = local_times(truth).hour.to_numpy()
    always = dispatch(network, demand, np.zeros(demand.shape, dtype=bool))
    asleep = np.zeros(network.size, dtype=bool)
    called = np.zeros((network.size, lead_h(network)), dtype=bool)
    ledger = 0.0
    parts: list[Outcome] = []
    decisions: list[Decision] = []
    limits: list[Floats] = []
    said = np.empty((network.size, 0))
    plan: Mask | None = None
    hour, total = 0, len(times)
    while hour < total:
        ahead = (
            demand[:, None, hour:] if policy.foresight else _latest(network, forecasts, times, hour)
        )
        forecast = Forecast(ahead, hour_of_day[hour : hour + ahead.shape[2]], said)
        known = np.hstack([history, demand[:, :hour]])
        decision = policy.decide(forecast, State(network, asleep, known, qoe_min, plan))
        span = min(policy.every, forecast.hours, decision.asleep.shape[1], total - hour)
        hours = slice(hour, hour + span)
        limit = (
            np.full((network.size, span), np.inf)
            if decision.limit is None
            else decision.limit[:, :span]
        )
        plan = decision.asleep[:, span:]
        said = np.hstack([said, np.median(ahead[:, :, :span], axis=1)])
        outcome, ledger = carry_out(
            network,
            demand[:, hours],
            limit,
            keep_covered(network, decision.asleep[:, :span]),
            Before(asleep, called, ledger),
            _part(always, hours),
            qoe_min if decision.watched else None,
        )
        parts.append(outcome)
        decisions.append(decision)
        limits.append(limit)
        asleep = outcome.asleep[:, -1]
        called = np.hstack([called, outcome.called])[:, -called.shape[1] :]
        hour += span
        progress(hour, total)
    return _schedule(network, truth, demand, always, parts, decisions, np.hstack(limits), qoe_min)


def _latest(
    network: Network, forecasts: Sequence[xr.DataArray], times: pd.DatetimeIndex, hour: int
) -> Floats:
    """The last forecast issued by an hour, from that hour on (N, S, H)."""
    issued = [one for one in forecasts if one["time"].to_numpy()[0] <= times[hour] <= _end(one)]
    if not issued:
        raise BadInput(f"No forecast covers {times[hour]:%Y-%m-%d %H:%M}.")
    latest = max(issued, key=lambda one: one["time"].to_numpy()[0])
    _check_stations(network, latest, "forecast")
    start = int(np.searchsorted(latest["time"].to_numpy(), times[hour].to_numpy()))
    samples: Floats = latest.transpose("station", "sample", "time").to_numpy().astype(np.float64)
    ahead = samples[:, :, start : start + len(times) - hour]
    if not np.isfinite(ahead).all() or (ahead < 0).any():
        raise BadInput("A forecast holds traffic that is negative or not a number.")
    return ahead


def _end(forecast: xr.DataArray) -> np.datetime64:
    last: np.datetime64 = forecast["time"].to_numpy()[-1]
    return last


def _part(whole: Dispatch, hours: slice) -> Dispatch:
    return Dispatch(
        whole.load[:, hours], whole.served[:, hours], whole.unserved[:, hours],
        whole.price[:, hours],
    )  # fmt: skip


def _check_stations(network: Network, series: xr.DataArray, what: str) -> None:
    ids = tuple(map(str, series["station"].to_numpy()))
    if ids != network.station_ids:
        raise BadInput(f"The {what} must be of the network's {network.size} stations, in order.")


def _schedule(
    network: Network,
    truth: xr.DataArray,
    demand: Floats,
    always: Dispatch,
    parts: list[Outcome],
    decisions: list[Decision],
    limit: Floats,
    qoe_min: float,
) -> xr.Dataset:
    served = np.hstack([part.served for part in parts])
    nobody = np.zeros(demand.shape, dtype=bool)
    unit = str(truth.attrs.get("units", ""))
    control = np.where(np.isfinite(limit), limit, served)
    values = {
        "asleep": (np.hstack([part.asleep for part in parts]), "1"),
        "demand": (demand, unit),
        "load_before": (always.load, "part of capacity"),
        "load_after": (np.hstack([part.load for part in parts]), "part of capacity"),
        "served": (served, unit),
        "served_before": (always.served, unit),
        "unserved": (np.maximum(demand - served, 0), unit),
        "control": (control, unit),
        "energy": (np.hstack([part.energy for part in parts]), "kWh"),
        "energy_before": (energy_kwh(network, always.load, nobody), "kWh"),
        "wake_energy": (np.hstack([part.wake_kwh for part in parts]), "kWh"),
    }
    schedule = xr.Dataset(
        {
            name: (("station", "time"), value, {"units": units})
            for name, (value, units) in values.items()
        },
        coords={"station": truth["station"].to_numpy(), "time": truth["time"].to_numpy()},
        attrs={
            name: truth.attrs[name] for name in ("timezone", "provenance") if name in truth.attrs
        },
    )
    schedule.attrs["notes"] = "\n".join(
        _notes(demand, always, parts, decisions, qoe_min, float(served.sum()))
    )
    schedule.attrs["power"] = "; ".join(sorted({model.source for model in network.power}))
    bounds = [decision.bound_kwh for decision in decisions]
    known = [bound for bound in bounds if bound is not None]
    if len(known) == len(bounds):
        schedule.attrs["bound_kwh"] = float(sum(known))
    return schedule


def _notes(
    demand: Floats,
    always: Dispatch,
    parts: list[Outcome],
    decisions: list[Decision],
    qoe_min: float,
    served: float,
) -> list[str]:
    total = demand.sum()
    reachable = always.served.sum() / total if total > 0 else 1.0
    reached = served / total if total > 0 else 1.0
    woken = int(sum(part.woken.sum() for part in parts))
    notes = list(dict.fromkeys(note for decision in decisions for note in decision.notes))
    if reachable < qoe_min:
        notes.append(
            f"A QoE of {qoe_min:g} cannot be reached: with every station awake {reachable:.4f} is "
            "the most."
        )
    elif reached < qoe_min:
        notes.append(f"The QoE is {reached:.4f}, below the {qoe_min:g} that was asked for.")
    relieved = int(sum(part.relieved.sum() for part in parts))
    if relieved:
        notes.append(
            f"In {relieved} of {demand.shape[1]} hours stations woke against the plan, which would "
            "have served too little in the hour before."
        )
    if woken:
        notes.append(
            f"All stations were woken in {woken} of {demand.shape[1]} hours, in which sleep would "
            "have cost more than it had saved."
        )
    return notes
