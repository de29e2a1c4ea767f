"""Execution of plans: reactive activations, and all stations awake where sleep costs energy.

These rules limit the harm of wrong forecasts. Like a policy, they decide hour h from measurements
up to the end of hour h - 1 - `lead_h`, never from the hour itself.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from netspatial.arrays import Floats, Mask
from netspatial.operate.coverage import keep_covered
from netspatial.operate.dispatch.dispatch import Dispatch, dispatch, energy_kwh
from netspatial.operate.network import Network
from netspatial.operate.policies.contract import Decision
from netspatial.operate.reactive_wakeup import select_wakeups
from netspatial.operate.sleep_saving import SleepSaving


@dataclass(frozen=True)
class Measured:
    """Actual traffic of the operated hours, and its dispatch.

    Attributes
    ----------
    demand : array (N, T)
        Actual traffic, in the unit of the capacities per hour.
    always : Dispatch
        Its dispatch with all stations awake.
    """

    demand: Floats
    always: Dispatch


class Execution:
    """State of the executed plans, hour by hour. Stations begin awake.

    Parameters
    ----------
    network : Network
        N stations.
    hours : int
        Number of operated hours T.
    measured : Measured or None
        Actual traffic; None for upcoming hours, in which nothing reacts to measurements.

    Attributes
    ----------
    asleep : array (N, T) of bool
        Sleeping stations.
    limit : array (N, T)
        Upper limit of the traffic of a station; inf for no limit.
    served_by : Dispatch
        The dispatch of the actual traffic; zeros for upcoming hours.
    woken : array (T,) of bool
        Whether all stations were woken against the plan.
    woken_reactively : array (T,) of bool
        Whether stations woke because an earlier hour of the plan failed.
    """

    def __init__(self, network: Network, hours: int, measured: Measured | None) -> None:
        shape = (network.size, hours)
        self.network, self.measured = network, measured
        self.asleep, self._wakeups = np.zeros((2, *shape), dtype=bool)
        self.limit = np.full(shape, np.inf)
        self.served_by = Dispatch(*np.zeros((4, *shape)))
        self.woken, self.woken_reactively = np.zeros((2, hours), dtype=bool)
        self._saving = SleepSaving(hours)

    def known(self, hour: int) -> int:
        """Number of operated hours that are measured in time for the decision on an hour.

        Parameters
        ----------
        hour : int
            Index of the hour.

        Returns
        -------
        int
        """
        return 0 if self.measured is None else max(hour - self.network.lead_h, 0)

    def before(self, hour: int) -> Mask:
        """Sleeping stations just before an hour.

        Parameters
        ----------
        hour : int
            Index of the hour.

        Returns
        -------
        array (N,) of bool
        """
        return self.asleep[:, hour - 1] if hour else np.zeros(self.network.size, dtype=bool)

    def execute_plan(
        self, first: int, span: int, decision: Decision, ahead: Floats, qoe_min: float
    ) -> None:
        """Execute a decision in the `span` hours from `first` on.

        Parameters
        ----------
        first : int
            Index of the first hour.
        span : int
            Number of hours.
        decision : Decision
            Plan of these hours and any beyond.
        ahead : array (N, H)
            Traffic expected from `first` on.
        qoe_min : float
            Served part of each hour's traffic below which a reactive plan wakes stations.
        """
        hours = slice(first, first + span)
        if decision.limit is not None:
            self.limit[:, hours] = decision.limit[:, :span]
        plan = keep_covered(self.network, decision.asleep[:, :span])
        if self.measured is not None:
            target = qoe_min if decision.reactive else None
            plan = self._react(hours, self.measured, plan, target)
        expected = np.minimum(ahead[:, :span], self.limit[:, hours])
        self._saving.expected[hours] = _saved(self.network, expected, plan)
        for place in range(span):
            rest = slice(place, None)
            self._follow(first + place, plan[:, place], decision.asleep[:, rest], ahead[:, rest])

    def _react(self, hours: slice, measured: Measured, plan: Mask, target: float | None) -> Mask:
        """Plan (N, H) with the stations awake that earlier hours request; also dispatches it.

        A measured hour requests activations; they take effect once its measurement is available.
        target : QoE of each hour below which activations are requested; None to request none
        """
        demand = np.minimum(measured.demand[:, hours], self.limit[:, hours])
        result = dispatch(self.network, demand, plan)
        if target is not None:
            budget = measured.always.unserved[:, hours].sum(axis=0)
            self._wakeups[:, hours] = select_wakeups(
                self.network, demand, plan, result, budget, target
            )
        wakeups = self._wakeups_known(hours) & plan
        changed: Mask = np.logical_or.reduce(wakeups, axis=0)
        plan = plan & ~wakeups
        again = dispatch(self.network, demand[:, changed], plan[:, changed])
        result.put(changed, again)
        self.served_by.put(hours, result)
        self.woken_reactively[hours] = changed
        awake = energy_kwh(self.network, measured.always.load[:, hours], np.zeros_like(plan))
        used = energy_kwh(self.network, result.load, plan)
        self._saving.measured[hours] = (awake - used).sum(axis=0)
        return plan

    def _wakeups_known(self, hours: slice) -> Mask:
        """Activations (N, H) requested by the last hour measured in time for each hour."""
        late = 1 + self.network.lead_h
        known = np.zeros((self.network.size, hours.stop), dtype=bool)
        known[:, late:] = self._wakeups[:, : max(hours.stop - late, 0)]
        return known[:, hours]

    def _follow(self, hour: int, sleepers: Mask, plan: Mask, ahead: Floats) -> None:
        """Let stations (N,) sleep in an hour, or wake all if sleep is not expected to save energy.

        plan, ahead : (N, H) the decision and the traffic expected from this hour on
        """
        paid = float(self.network.wake_kwh @ (sleepers & ~self.before(hour)))
        later = partial(self._later, sleepers, plan, ahead)
        if not sleepers.any() or self._saving.pays(hour, self.known(hour), paid, later):
            self.asleep[:, hour], self._saving.paid[hour] = sleepers, paid
            return
        self.woken[hour], self._saving.followed[hour] = True, False
        if self.measured is not None:
            self.served_by.put(hour, self.measured.always.take(hour))

    def _later(self, sleepers: Mask, plan: Mask, ahead: Floats) -> tuple[Floats, Floats]:
        """Expected saving of the rest of a plan and the energy of its activations, (H - 1,) kWh."""
        hours = min(plan.shape[1], ahead.shape[1])
        rest = keep_covered(self.network, plan[:, 1:hours])
        begins = rest & ~np.column_stack([sleepers, rest])[:, : rest.shape[1]]
        return _saved(self.network, ahead[:, 1:hours], rest), self.network.wake_kwh @ begins


def _saved(network: Network, demand: Floats, plan: Mask) -> Floats:
    """Saving (H,) of a plan (N, H) at a certain demand, without activations, kWh."""
    all_awake = np.zeros_like(plan)
    awake, asleep = (
        energy_kwh(network, dispatch(network, demand, one).load, one) for one in (all_awake, plan)
    )
    saved: Floats = (awake - asleep).sum(axis=0)
    return saved
