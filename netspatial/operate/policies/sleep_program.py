"""Sleep plan as a mixed-integer program over hours and scenarios of demand, solved by HiGHS.

The program of `dispatch` with s_jt in {0, 1}: whether station j is awake in hour t.

    min  Σ (idle_j - sleep_j) s_jt + mean over scenarios of Σ cost_e D_p y_e + Σ wake_j w_jt
    s.t. Σ_e y_e + u_p = 1,  y_e <= s_jt,  Σ load_e D_p y_e <= most_load s_jt,
         Σ D_p u_p <= budget,  w_jt >= s_jt - s_j,t-1,
         s_jt' <= 1 - (s_j,t-1 - s_jt) in the `least_sleep` hours from t,

and u_p free for pixels that only their sleeping owner could serve. Without activations and minimum
sleep, hours are independent and can be solved separately, which is exact.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint
from scipy.sparse import coo_array, csr_array

from netspatial.arrays import Floats, Indices, Mask
from netspatial.highs import milp
from netspatial.operate.network import Network

GAP = 2e-4
"""Relative gap at which a schedule counts as optimal."""
SLACK = 1e-7
"""Part of the demand added to a budget against infeasibility by rounding."""


@dataclass(frozen=True)
class Solved:
    """Solution of the program.

    Attributes
    ----------
    asleep : array (N, H) of bool, or None
        Sleeping stations; None where no schedule was found.
    bound_kwh : float
        Lower bound of the energy within the budget, activations included if priced, kWh.
    gap : float
        Relative optimality gap of the schedule.
    proven : bool
        Whether the gap is within the limit.
    """

    asleep: Mask | None
    bound_kwh: float
    gap: float
    proven: bool


@dataclass(frozen=True)
class Sleeping:
    """Initial state and cost of sleep intervals.

    Attributes
    ----------
    asleep_before : array (N,) of bool
        Sleeping stations just before the first hour.
    priced : bool
        Whether activations are priced.
    least_h : int
        Minimum hours of a sleep interval.
    wake_prices : array (N, H), or None
        kWh added to the energy of an awake station; 0 where it may never sleep.
    """

    asleep_before: Mask
    priced: bool = True
    least_h: int = 1
    wake_prices: Floats | None = None


@dataclass(frozen=True)
class SolverLimits:
    """Limits of one program.

    Attributes
    ----------
    seconds : float
        Time limit, s.
    gap : float
        Relative gap to stop at.
    relaxed : bool
        Drop integrality; the value is then only a bound.
    """

    seconds: float = 60.0
    gap: float = GAP
    relaxed: bool = False


def solve(
    network: Network,
    scenarios: Floats,
    budget: Floats,
    sleeping: Sleeping,
    limits: SolverLimits,
    broken: int = 0,
) -> Solved:
    """Solve the program for a demand in equally likely scenarios.

    Parameters
    ----------
    network : Network
        N stations.
    scenarios : array (K, N, H)
        Traffic in K scenarios, in the unit of the capacities per hour.
    budget : array (K, H)
        Traffic that may stay unserved in each scenario and hour.
    sleeping : Sleeping
        Initial state and cost of sleep intervals.
    limits : SolverLimits
        Time and gap.
    broken : int
        Scenarios of each hour in which the budget need not hold.

    Returns
    -------
    Solved
    """
    rows = _Rows(network, scenarios)
    rows.serve(budget, broken)
    rows.wake(sleeping)
    price = rows.price(sleeping)
    found = milp(
        price,
        constraints=rows.constraints(),
        bounds=Bounds(0, rows.upper()),
        whole=np.zeros(rows.count, dtype=bool) if limits.relaxed else rows.whole(),
        seconds=limits.seconds,
        gap=limits.gap,
    )
    constant = network.sleep_kw.sum() * rows.hours + rows.always_kwh
    # columns lie between 0 and 1, so the objective is at least the sum of the negative prices
    bound = constant + max(found.bound, float(np.minimum(price, 0).sum()))
    if found.x is None:
        return Solved(None, bound, np.inf, proven=False)
    gap = max(0.0, (constant + found.value - bound) / (constant + found.value))
    return Solved(rows.asleep(found.x), bound, gap, proven=found.proven)


class _Rows:
    """The program under construction: columns s, then w, then z, then y, u and l per scenario."""

    def __init__(self, network: Network, scenarios: Floats) -> None:
        links = network.links
        self.network, self.most_load = network, network.most_load
        self.scenarios, _, self.hours = scenarios.shape
        self.sleepers = np.flatnonzero(network.may_sleep)
        self.binary = np.full(network.size, -1)
        self.binary[self.sleepers] = np.arange(len(self.sleepers))
        self.awake_always = np.flatnonzero(~network.may_sleep)
        self.always_kwh = float(
            (network.idle_kw - network.sleep_kw)[self.awake_always].sum() * self.hours
        )
        self.pixel, self.rank = np.nonzero(links.server >= 0)
        self.traffic: Floats = scenarios[:, links.owner] * links.share[:, None]
        self.losers = np.flatnonzero(network.lost & network.may_sleep[links.owner])
        self.states = len(self.sleepers) * self.hours
        edges, pixels, losers = len(self.pixel), len(links.owner), len(self.losers)
        self.block = edges + pixels + losers
        self.first_z = 2 * self.states
        self.first_flow = self.first_z + self.scenarios * self.hours
        self.count = self.first_flow + self.block * self.scenarios * self.hours
        self.parts: list[tuple[csr_array, Floats, Floats]] = []

    def serve(self, budget: Floats, broken: int) -> None:
        """Constraints within each hour and scenario."""
        for scenario in range(self.scenarios):
            for hour in range(self.hours):
                self._serve(scenario, hour, float(budget[scenario, hour]))
        if broken:
            columns = self.first_z + np.arange(self.scenarios * self.hours)
            hour = np.arange(self.scenarios * self.hours) % self.hours
            self._add(np.ones(len(hour)), hour, columns, self.hours, -np.inf, broken)
        self.broken = broken

    def wake(self, sleeping: Sleeping) -> None:
        """Constraints between hours: w >= s - s before, and minimum length of sleep intervals."""
        if not (sleeping.priced or sleeping.least_h > 1):
            return
        before = (~sleeping.asleep_before[self.sleepers]).astype(float)
        for hour in range(self.hours):
            now, last = self._states(hour), self._states(hour - 1)
            local = np.arange(len(now))
            ones = np.ones(len(now))
            known = before if hour == 0 else np.zeros(len(now))
            parts = [(ones, local, now + self.states), (-ones, local, now)]
            if hour:
                parts.append((ones, local, last))
            # awake now but not before: woken
            self._add_parts(parts, len(now), -known, np.inf)
            for later in range(hour + 1, min(hour + sleeping.least_h, self.hours)):
                parts = [(ones, local, self._states(later)), (-ones, local, now)]
                if hour:
                    parts.append((ones, local, last))
                # a station that falls asleep now does not wake in the hours after
                self._add_parts(parts, len(now), -np.inf, 1 - known)

    def price(self, sleeping: Sleeping) -> Floats:
        """Coefficients of the objective, kWh."""
        network, links = self.network, self.network.links
        price = np.zeros(self.count)
        saved = (network.idle_kw - network.sleep_kw)[self.sleepers]
        price[: self.states] = np.tile(saved, self.hours)
        if sleeping.wake_prices is not None:
            price[: self.states] += sleeping.wake_prices[self.sleepers].T.ravel()
        if sleeping.priced:
            wake = network.wake_kwh[self.sleepers]
            price[self.states : 2 * self.states] = np.tile(wake, self.hours)
        cost = links.cost[self.pixel, self.rank]
        for scenario in range(self.scenarios):
            for hour in range(self.hours):
                first = self._flow(scenario, hour)
                price[first : first + len(cost)] = (
                    cost * self.traffic[scenario, self.pixel, hour] / self.scenarios
                )
        return price

    def upper(self) -> Floats:
        """Upper bounds of all columns; z is 0 where no scenario may be broken."""
        upper = np.ones(self.count)
        if not self.broken:
            upper[self.first_z : self.first_flow] = 0
        return upper

    def whole(self) -> Mask:
        """Mask of the integer columns, s and z."""
        whole = np.zeros(self.count, dtype=bool)
        whole[: self.states] = True
        whole[self.first_z : self.first_flow] = True
        return whole

    def constraints(self) -> LinearConstraint:
        """All constraints as one matrix."""
        matrix = coo_array(
            (
                np.concatenate([part.data for part, _, _ in self.parts]),
                (self._stacked_rows(), np.concatenate([part.indices for part, _, _ in self.parts])),
            ),
            shape=(sum(part.shape[0] for part, _, _ in self.parts), self.count),
        ).tocsr()
        lower = np.concatenate([low for _, low, _ in self.parts])
        upper = np.concatenate([high for _, _, high in self.parts])
        return LinearConstraint(matrix, lower, upper)

    def asleep(self, x: Floats) -> Mask:
        """Schedule (N, H) of a solution."""
        asleep = np.zeros((self.network.size, self.hours), dtype=bool)
        asleep[self.sleepers] = x[: self.states].reshape(self.hours, -1).T < 0.5
        return asleep

    def _serve(self, scenario: int, hour: int, budget: float) -> None:
        network, links = self.network, self.network.links
        edges, pixels = len(self.pixel), len(links.owner)
        edge = np.arange(edges)
        traffic = self.traffic[scenario, :, hour]
        flow = self._flow(scenario, hour)
        unserved, lost = flow + edges, flow + edges + pixels
        server = links.server[self.pixel, self.rank]
        binary = self.binary[server]
        total, ones = float(traffic.sum()), np.ones
        # every pixel is served, unserved, or lost with its owner
        parts = [
            (ones(edges), self.pixel, flow + edge),
            (ones(pixels), np.arange(pixels), unserved + np.arange(pixels)),
            (ones(len(self.losers)), self.losers, lost + np.arange(len(self.losers))),
        ]
        self._add_parts(parts, pixels, 1.0, 1.0)
        # only by awake stations
        free = np.flatnonzero(binary >= 0)
        local = np.arange(len(free))
        state = self._states(hour)[binary[free]]
        parts = [(ones(len(free)), local, flow + free), (-ones(len(free)), local, state)]
        self._add_parts(parts, len(free), -np.inf, 0.0)
        # within their capacity
        need = links.load[self.pixel, self.rank] * traffic[self.pixel]
        always = np.where(network.may_sleep, 0.0, self.most_load)
        parts = [
            (need, server, flow + edge),
            (-self.most_load * ones(len(self.sleepers)), self.sleepers, self._states(hour)),
        ]
        self._add_parts(parts, network.size, -np.inf, always)
        # unserved traffic stays within the budget, or the scenario is one of the broken
        z = self.first_z + scenario * self.hours + hour
        parts = [
            (traffic, np.zeros(pixels, dtype=np.int64), unserved + np.arange(pixels)),
            (np.array([-total]), np.array([0]), np.array([z])),
        ]
        self._add_parts(parts, 1, -np.inf, budget + SLACK * total)
        # a pixel is lost only while its owner sleeps
        local = np.arange(len(self.losers))
        owner = self._states(hour)[self.binary[links.owner[self.losers]]]
        parts = [(ones(len(local)), local, lost + local), (ones(len(local)), local, owner)]
        self._add_parts(parts, len(local), -np.inf, 1.0)

    def _flow(self, scenario: int, hour: int) -> int:
        first: int = self.first_flow + self.block * (scenario * self.hours + hour)
        return first

    def _states(self, hour: int) -> Indices:
        return hour * len(self.sleepers) + np.arange(len(self.sleepers))

    def _add_parts(
        self,
        parts: list[tuple[Floats, Indices, Indices]],
        rows: int,
        lower: Floats | float,
        upper: Floats | float,
    ) -> None:
        data, row, column = (np.concatenate(piece) for piece in zip(*parts, strict=True))
        self._add(data, row, column, rows, lower, upper)

    def _add(
        self,
        data: Floats,
        row: Indices,
        column: Indices,
        rows: int,
        lower: Floats | float,
        upper: Floats | float,
    ) -> None:
        if rows == 0:
            return
        matrix = csr_array((data, (row, column)), shape=(rows, self.count))
        self.parts.append((matrix, np.broadcast_to(lower, rows), np.broadcast_to(upper, rows)))

    def _stacked_rows(self) -> Indices:
        starts = np.cumsum([0, *(part.shape[0] for part, _, _ in self.parts[:-1])])
        return np.concatenate(
            [
                start + np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
                for start, (part, _, _) in zip(starts, self.parts, strict=True)
            ]
        )
