"""Carry plans out: wake who is called, and all where sleep is not expected to pay.

Between a policy's decision and the schedule of `week`; the rules that keep plans made on forecasts
from doing harm. Like a policy, they decide what happens in hour h with what was measured up to the
end of hour h - 1 - `lead_h`, and never with the hour itself.
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
    """The traffic (N, T) that comes in the operated hours, and its dispatch with all awake."""

    demand: Floats
    always: Dispatch


class Execution:
    """Plans as they are carried out, hour after hour. Stations begin awake.

    measured : what comes; None where the hours are yet to come, so that nobody can react
    asleep   : (N, T) who slept; limit : (N, T) most traffic that a station's users were given
    served_by : the dispatch of what came; nothing where the hours are yet to come
    woken    : (T,) whether all were woken, against the plan
    relieved : (T,) whether sleepers woke because the plan had failed before
    """

    def __init__(self, network: Network, hours: int, measured: Measured | None) -> None:
        shape = (network.size, hours)
        self.network, self.measured = network, measured
        self.asleep, self._called = np.zeros((2, *shape), dtype=bool)
        self.limit = np.full(shape, np.inf)
        self.served_by = Dispatch(*np.zeros((4, *shape)))
        self.woken, self.relieved = np.zeros((2, hours), dtype=bool)
        self._saving = SleepSaving(hours)

    def known(self, hour: int) -> int:
        """How many of the operated hours are measured in time to decide over an hour."""
        return 0 if self.measured is None else max(hour - self.network.lead_h, 0)

    def before(self, hour: int) -> Mask:
        """Who sleeps (N,) as an hour begins."""
        return self.asleep[:, hour - 1] if hour else np.zeros(self.network.size, dtype=bool)

    def execute_plan(
        self, first: int, span: int, decision: Decision, ahead: Floats, qoe_min: float
    ) -> None:
        """Carry a decision out in the `span` hours from `first` on.

        ahead   : (N, H) traffic expected from `first` on
        qoe_min : what a plan that is watched must reach in every hour, or who is called wakes
        """
        hours = slice(first, first + span)
        if decision.limit is not None:
            self.limit[:, hours] = decision.limit[:, :span]
        plan = keep_covered(self.network, decision.asleep[:, :span])
        if self.measured is not None:
            plan = self._relieve(hours, self.measured, plan, qoe_min if decision.reactive else None)
        expected = np.minimum(ahead[:, :span], self.limit[:, hours])
        self._saving.expected[hours] = _saved(self.network, expected, plan)
        for place in range(span):
            rest = slice(place, None)
            self._follow(first + place, plan[:, place], decision.asleep[:, rest], ahead[:, rest])

    def _relieve(self, hours: slice, measured: Measured, plan: Mask, watch: float | None) -> Mask:
        """Wake whom earlier hours call, and dispatch the plan (N, H) that results; return it.

        A call is made by an hour that is measured, and heard as soon as that is known in time.
        """
        demand = np.minimum(measured.demand[:, hours], self.limit[:, hours])
        result = dispatch(self.network, demand, plan)
        if watch is not None:
            budget = measured.always.unserved[:, hours].sum(axis=0)
            self._called[:, hours] = select_wakeups(
                self.network, demand, plan, result, budget, watch
            )
        heard = self._heard(hours) & plan
        relieved: Mask = np.logical_or.reduce(heard, axis=0)
        plan = plan & ~heard
        again = dispatch(self.network, demand[:, relieved], plan[:, relieved])
        result.put(relieved, again)
        self.served_by.put(hours, result)
        self.relieved[hours] = relieved
        awake = energy_kwh(self.network, measured.always.load[:, hours], np.zeros_like(plan))
        used = energy_kwh(self.network, result.load, plan)
        self._saving.measured[hours] = (awake - used).sum(axis=0)
        return plan

    def _heard(self, hours: slice) -> Mask:
        """Who is called (N, H) by the last hour that is measured in time for each of these."""
        late = 1 + self.network.lead_h
        heard = np.zeros((self.network.size, hours.stop), dtype=bool)
        heard[:, late:] = self._called[:, : max(hours.stop - late, 0)]
        return heard[:, hours]

    def _follow(self, hour: int, sleepers: Mask, plan: Mask, ahead: Floats) -> None:
        """Let sleepers (N,) sleep in an hour, or wake all.

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
        """What the rest of a plan is expected to save, and what wakings it then pays, (H - 1,)."""
        hours = min(plan.shape[1], ahead.shape[1])
        rest = keep_covered(self.network, plan[:, 1:hours])
        begins = rest & ~np.column_stack([sleepers, rest])[:, : rest.shape[1]]
        return _saved(self.network, ahead[:, 1:hours], rest), self.network.wake_kwh @ begins


def _saved(network: Network, demand: Floats, plan: Mask) -> Floats:
    """What a plan (N, H) would save in each hour (H,), wakings apart, were the demand certain."""
    nobody = np.zeros_like(plan)
    awake, asleep = (
        energy_kwh(network, dispatch(network, demand, one).load, one) for one in (nobody, plan)
    )
    saved: Floats = (awake - asleep).sum(axis=0)
    return saved
