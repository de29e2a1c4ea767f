"""Simulation of a policy: decisions from forecasts, executed on the actual traffic.

The same rules hold for every policy: stations that others cannot cover stay awake, one program
dispatches the traffic, and all stations wake where sleep is not expected to save energy. Reactive
policies also wake stations when measured traffic shows that the plan fails. Hour h is decided from
measurements up to the end of hour h - 1 - `lead_h`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from netspatial.arrays import Floats, Indices, Mask
from netspatial.errors import BadInput
from netspatial.operate.dispatch.dispatch import dispatch
from netspatial.operate.execution import Execution, Measured
from netspatial.operate.network import Network
from netspatial.operate.policies.contract import Decision, Forecast, Policy, State
from netspatial.operate.schedule import schedule_dataset
from netspatial.progress import Progress, count, silent
from netspatial.timeline import local_times

QOE_MIN = 0.99
"""Default part of all traffic that must be served."""


@dataclass(frozen=True)
class SleepPlan:
    """Plan for upcoming hours, decided before the first of them.

    Attributes
    ----------
    asleep : array (N, T) of bool
        Sleeping stations in each hour.
    limit : array (N, T)
        Upper limit of each station's served traffic; inf for no limit.
    notes : tuple of str
        Notes for the user, one sentence each.
    """

    asleep: Mask
    limit: Floats
    notes: tuple[str, ...]


def simulate_policy(
    network: Network,
    policy: Policy,
    truth: xr.DataArray,
    forecasts: Sequence[xr.DataArray],
    *,
    past: xr.DataArray | None = None,
    qoe_min: float = QOE_MIN,
    progress: Progress = silent,
) -> xr.Dataset:
    """Simulate a policy over the hours of `truth`; return the schedule and its outcome.

    Stations begin awake. Hour h is decided from measurements up to the end of hour
    h - 1 - `network.lead_h`.

    Parameters
    ----------
    network : Network
        Stations in the order of `truth`.
    policy : Policy
        A policy of `POLICIES`, or any object with the same contract.
    truth : DataArray (station, time)
        Actual traffic, hourly, in the unit of the capacities per hour.
    forecasts : sequence of DataArray (station, sample, time)
        Each begins at the hour for which it was issued and is made from the measurements available
        then; a decision uses the latest one issued.
    past : DataArray (station, time), optional
        Traffic measured before, for policies that read history.
    qoe_min : float
        Part of the traffic that must be served (Eq. 20), 0 to 1. Policies may plan for it, and a
        note reports when all stations awake cannot reach it.
    progress : Progress
        Called with the number of simulated hours.

    Returns
    -------
    Dataset (station, time)
        See `schedule.schedule_dataset`; with the attributes `notes` and, where the policy proves
        one, `bound_kwh`, a lower bound of the energy.

    Raises
    ------
    BadInput
        If stations differ, an hour has no forecast, or a value is negative or not finite.
    """
    _check_stations(network, truth, "traffic")
    demand = network.demand(truth.transpose("station", "time").to_numpy())
    always = dispatch(network, demand, np.zeros(demand.shape, dtype=bool))
    hours = _Hours(network, pd.DatetimeIndex(truth["time"].to_numpy()), truth, forecasts, past)
    done, decisions = _operate(hours, policy, Measured(demand, always), qoe_min, progress)
    schedule = schedule_dataset(network, truth, done.asleep, done.limit, done.served_by, always)
    served = float(done.served_by.served.sum())
    notes = [
        *_notes(decisions),
        *qoe_notes(float(demand.sum()), served, float(always.served.sum()), qoe_min),
        *_against_plan(done),
    ]
    schedule.attrs["notes"] = "\n".join(notes)
    bounds = [decision.bound_kwh for decision in decisions]
    known = [bound for bound in bounds if bound is not None]
    if len(known) == len(bounds):
        schedule.attrs["bound_kwh"] = float(sum(known))
    return schedule


def plan_ahead(
    network: Network,
    policy: Policy,
    forecasts: Sequence[xr.DataArray],
    *,
    past: xr.DataArray,
    qoe_min: float = QOE_MIN,
    progress: Progress = silent,
) -> SleepPlan:
    """Plan for upcoming hours, in which no measurement corrects forecasts or wakes stations.

    Parameters
    ----------
    network : Network
        Stations in the order of the forecasts.
    policy : Policy
        A policy without perfect information.
    forecasts : sequence of DataArray (station, sample, time)
        As in `simulate_policy`; the plan covers all forecast hours.
    past : DataArray (station, time)
        Traffic measured before.
    qoe_min : float
        Part of the traffic that must be served (Eq. 20), 0 to 1.
    progress : Progress
        Called with the number of planned hours.

    Returns
    -------
    SleepPlan

    Raises
    ------
    BadInput
        If the policy needs the true traffic, or as in `simulate_policy`.
    """
    if policy.perfect_information:
        raise BadInput(
            "A policy with perfect information needs measured hours; use back-test mode."
        )
    times = pd.DatetimeIndex(np.unique(np.concatenate([one["time"] for one in forecasts])))
    hours = _Hours(network, times, forecasts[0], forecasts, past)
    done, decisions = _operate(hours, policy, None, qoe_min, progress)
    return SleepPlan(done.asleep, done.limit, (*_notes(decisions), *_against_plan(done)))


def qoe_notes(asked: float, served: float, reachable: float, qoe_min: float) -> list[str]:
    """Note on a QoE below the target.

    Parameters
    ----------
    asked : float
        All traffic, in its unit times hours.
    served : float
        Traffic served by the schedule.
    reachable : float
        Traffic served with all stations awake.
    qoe_min : float
        Target of the served part (Eq. 20).

    Returns
    -------
    list of str
        Empty if the target is reached.

    Examples
    --------
    >>> qoe_notes(100.0, 98.0, 100.0, 0.99)
    ['The QoE is 0.9800, below the target of 0.99.']
    """
    most = reachable / asked if asked > 0 else 1.0
    reached = served / asked if asked > 0 else 1.0
    if most < qoe_min:
        note = f"A QoE of {qoe_min:g} cannot be reached; with all stations awake it is {most:.4f}."
    elif reached < qoe_min:
        note = f"The QoE is {reached:.4f}, below the target of {qoe_min:g}."
    else:
        return []
    return [note]


@dataclass(frozen=True)
class _Hours:
    """The operated hours with their forecasts and history.

    labels : any series of the stations with a `timezone`; forecasts, past : as in `simulate_policy`
    """

    network: Network
    times: pd.DatetimeIndex
    labels: xr.DataArray
    forecasts: Sequence[xr.DataArray]
    past: xr.DataArray | None

    def hour_of_day(self) -> Indices:
        """Local hour of the day (T,)."""
        clock = xr.Dataset(coords={"time": self.times}, attrs=self.labels.attrs)
        hours: Indices = local_times(clock).hour.to_numpy()
        return hours

    def history(self) -> Floats:
        """Traffic (N, h) measured before the first hour."""
        if self.past is None:
            return np.empty((self.network.size, 0))
        rows = self.past.sel(station=self.labels["station"]).transpose("station", "time")
        return self.network.demand(rows.to_numpy())

    def ahead(self, hour: int) -> Floats:
        """Latest forecast issued by an hour, from that hour on (N, S, H)."""
        now = self.times[hour]
        issued = [
            one
            for one in self.forecasts
            if one["time"].to_numpy()[0] <= now <= one["time"].to_numpy()[-1]
        ]
        if not issued:
            raise BadInput(f"No forecast issued by {now} covers that hour.")
        latest = max(issued, key=lambda one: one["time"].to_numpy()[0])
        _check_stations(self.network, latest, "forecast")
        start = int(np.searchsorted(latest["time"].to_numpy(), now.to_numpy()))
        samples = latest.transpose("station", "sample", "time").to_numpy().astype(np.float64)
        ahead: Floats = samples[:, :, start : start + len(self.times) - hour]
        if not np.isfinite(ahead).all() or (ahead < 0).any():
            raise BadInput("A forecast contains traffic that is negative or not a number.")
        return ahead


def _operate(
    hours: _Hours, policy: Policy, measured: Measured | None, qoe_min: float, progress: Progress
) -> tuple[Execution, list[Decision]]:
    """Decide and execute until the last hour."""
    if not 0 <= qoe_min <= 1:
        raise BadInput(f"The minimum QoE is {qoe_min:g}; it must lie between 0 and 1.")
    network, total, history = hours.network, len(hours.times), hours.history()
    begin, hour_of_day = history.shape[1], hours.hour_of_day()
    record = history if measured is None else np.hstack([history, measured.demand])
    done = Execution(network, total, measured)
    decisions: list[Decision] = []
    medians, plan = np.empty((network.size, 0)), None
    hour = 0
    while hour < total:
        if policy.perfect_information and measured is not None:
            ahead = measured.demand[:, None, hour:]
        else:
            ahead = hours.ahead(hour)
        past = record[:, : max(begin + hour - network.lead_h, 0)]
        forecast = Forecast(
            ahead, hour_of_day[hour : hour + ahead.shape[2]], medians[:, : done.known(hour)]
        )
        age = begin + hour - past.shape[1]
        decision = policy.decide(
            forecast, State(network, done.before(hour), past, qoe_min, plan, age)
        )
        span = min(policy.replan_every_h, forecast.hours, decision.asleep.shape[1], total - hour)
        done.execute_plan(hour, span, decision, ahead.mean(axis=1), qoe_min)
        plan = decision.asleep[:, span:]
        medians = np.hstack([medians, np.median(ahead[:, :, :span], axis=1)])
        decisions.append(decision)
        hour += span
        count(progress, hour, total, "hours")
    return done, decisions


def _check_stations(network: Network, series: xr.DataArray, what: str) -> None:
    ids = tuple(map(str, series["station"].to_numpy()))
    if ids != network.station_ids:
        raise BadInput(f"The {what} must have the network's {network.size} stations, in order.")


def _notes(decisions: list[Decision]) -> list[str]:
    """Notes of the decisions, without duplicates."""
    return list(dict.fromkeys(note for decision in decisions for note in decision.notes))


def _against_plan(done: Execution) -> list[str]:
    """Notes on the hours in which stations were woken against the plan."""
    some, every = int(done.woken_reactively.sum()), int(done.woken.sum())
    hours = len(done.woken)
    notes = []
    if some:
        notes.append(
            f"In {some} of {hours} hours stations woke against the plan, because an earlier hour "
            "left too much traffic unserved."
        )
    if every:
        notes.append(
            f"All stations were woken in {every} of {hours} hours, because sleep was not expected "
            "to save energy."
        )
    return notes
