"""Run a policy: decide from forecasts, carry out on the true traffic, write down what happened.

Any number of hours, a week as a rule. Every policy meets the same rules: nobody sleeps whom others
cannot cover, traffic is dispatched by one program, and all wake where sleep is not expected to pay.
Where a policy has its plan watched, sleepers wake when measured traffic shows that the plan fails.
What happens in hour h is decided with what was measured up to the end of hour h - 1 - `lead_h`.
"""

from collections.abc import Callable, Sequence
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
from netspatial.timeline import local_times

Progress = Callable[[int, int], None]

QOE_MIN = 0.99
"""Part of all traffic that should be served, where nothing else is asked for."""


@dataclass(frozen=True)
class Plan:
    """What is to be done in hours yet to come, as decided before the first of them.

    asleep : (N, T) who sleeps; limit : (N, T) most traffic that a station's users are given
    notes  : sentences that a reader should know
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
    progress: Progress = lambda _done, _of: None,
) -> xr.Dataset:
    """Operate a network for the hours of `truth`, and return the schedule with what it led to.

    truth     : (station, time) traffic, hourly, in the unit of the capacities per hour
    forecasts : each (station, sample, time), beginning at the hour for which it was issued, of what
                was measured in time for it; every decision uses the last one issued by then
    past      : (station, time) traffic measured before, for policies that look back
    qoe_min   : part of the traffic that must be served; policies may plan with it, and a note says
                when even all stations awake cannot reach it

    Returns what `schedule.schedule_dataset` does. Stations begin awake.
    """
    _check_stations(network, truth, "traffic")
    demand = network.demand(truth.transpose("station", "time").to_numpy())
    always = dispatch(network, demand, np.zeros(demand.shape, dtype=bool))
    hours = _Hours(network, pd.DatetimeIndex(truth["time"].to_numpy()), truth, forecasts, past)
    done, decisions = _operate(hours, policy, Measured(demand, always), qoe_min, progress)
    schedule = schedule_dataset(network, truth, done.asleep, done.limit, done.served_by, always)
    served = float(done.served_by.served.sum())
    notes = [
        *_said(decisions),
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
    progress: Progress = lambda _done, _of: None,
) -> Plan:
    """Decide over hours yet to come. None is measured: nothing is learned, and nobody reacts.

    forecasts, past : as in `simulate_policy`; the hours decided over are all those that are forecast
    """
    if policy.perfect_information:
        raise BadInput(
            "A policy with perfect foresight needs hours that were measured; replay some instead."
        )
    times = pd.DatetimeIndex(np.unique(np.concatenate([one["time"] for one in forecasts])))
    hours = _Hours(network, times, forecasts[0], forecasts, past)
    done, decisions = _operate(hours, policy, None, qoe_min, progress)
    return Plan(done.asleep, done.limit, (*_said(decisions), *_against_plan(done)))


def qoe_notes(asked: float, served: float, reachable: float, qoe_min: float) -> list[str]:
    """Say where the part of the traffic that must be served is not; reachable : with all awake."""
    most = reachable / asked if asked > 0 else 1.0
    reached = served / asked if asked > 0 else 1.0
    if most < qoe_min:
        said = f"A QoE of {qoe_min:g} cannot be reached: all awake, {most:.4f} is the most."
    elif reached < qoe_min:
        said = f"The QoE is {reached:.4f}, below the {qoe_min:g} that was asked for."
    else:
        return []
    return [said]


@dataclass(frozen=True)
class _Hours:
    """The hours that are operated, with what is known of them.

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
        """The last forecast issued by an hour, from that hour on (N, S, H)."""
        now = self.times[hour]
        issued = [
            one
            for one in self.forecasts
            if one["time"].to_numpy()[0] <= now <= one["time"].to_numpy()[-1]
        ]
        if not issued:
            raise BadInput(f"No forecast covers {now} that was issued by then.")
        latest = max(issued, key=lambda one: one["time"].to_numpy()[0])
        _check_stations(self.network, latest, "forecast")
        start = int(np.searchsorted(latest["time"].to_numpy(), now.to_numpy()))
        samples = latest.transpose("station", "sample", "time").to_numpy().astype(np.float64)
        ahead: Floats = samples[:, :, start : start + len(self.times) - hour]
        if not np.isfinite(ahead).all() or (ahead < 0).any():
            raise BadInput("A forecast holds traffic that is negative or not a number.")
        return ahead


def _operate(
    hours: _Hours, policy: Policy, measured: Measured | None, qoe_min: float, progress: Progress
) -> tuple[Execution, list[Decision]]:
    """Decide and carry out, until the last hour."""
    if not 0 <= qoe_min <= 1:
        raise BadInput(f"A QoE of {qoe_min:g} was asked for; it must lie between 0 and 1.")
    network, total, history = hours.network, len(hours.times), hours.history()
    begin, hour_of_day = history.shape[1], hours.hour_of_day()
    record = history if measured is None else np.hstack([history, measured.demand])
    done = Execution(network, total, measured)
    decisions: list[Decision] = []
    said, plan = np.empty((network.size, 0)), None
    hour = 0
    while hour < total:
        if policy.perfect_information and measured is not None:
            ahead = measured.demand[:, None, hour:]
        else:
            ahead = hours.ahead(hour)
        past = record[:, : max(begin + hour - network.lead_h, 0)]
        forecast = Forecast(
            ahead, hour_of_day[hour : hour + ahead.shape[2]], said[:, : done.known(hour)]
        )
        age = begin + hour - past.shape[1]
        decision = policy.decide(
            forecast, State(network, done.before(hour), past, qoe_min, plan, age)
        )
        span = min(policy.every, forecast.hours, decision.asleep.shape[1], total - hour)
        done.execute_plan(hour, span, decision, ahead.mean(axis=1), qoe_min)
        plan = decision.asleep[:, span:]
        said = np.hstack([said, np.median(ahead[:, :, :span], axis=1)])
        decisions.append(decision)
        hour += span
        progress(hour, total)
    return done, decisions


def _check_stations(network: Network, series: xr.DataArray, what: str) -> None:
    ids = tuple(map(str, series["station"].to_numpy()))
    if ids != network.station_ids:
        raise BadInput(f"The {what} must be of the network's {network.size} stations, in order.")


def _said(decisions: list[Decision]) -> list[str]:
    """What the policy said of its decisions, each sentence once."""
    return list(dict.fromkeys(note for decision in decisions for note in decision.notes))


def _against_plan(done: Execution) -> list[str]:
    """Say in how many hours stations were woken against the plan."""
    relieved, woken, hours = int(done.relieved.sum()), int(done.woken.sum()), len(done.woken)
    notes = []
    if relieved:
        notes.append(
            f"In {relieved} of {hours} hours stations woke against the plan, which would have "
            "served too little in an hour before."
        )
    if woken:
        notes.append(
            f"All stations were woken in {woken} of {hours} hours, in which sleep was not expected "
            "to pay."
        )
    return notes
