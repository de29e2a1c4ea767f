"""Traffic assignment of a plan, and its change if one station falls asleep or wakes up.

For the greedy policies: one station at a time, many hours at once. A pixel's traffic is never split
here, so a feasible assignment is feasible for the dispatch program too, at no more power.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import Floats, Indices, Mask
from netspatial.operate.dispatch.dispatch import cheapest
from netspatial.operate.dispatch.links import summed
from netspatial.operate.network import Network

WORTH_KWH = 1e-6
"""Savings below this count as zero."""


@dataclass(frozen=True)
class Shift:
    """Change if one station falls asleep or wakes up, in each of some hours independently.

    hours   : (h,) hours of the plan
    cost    : (h,) additional kWh for load, without idle and sleep power
    blocked : (h,) hours in which the change is infeasible
    rank    : (k, h) link that each of the station's pixels would use; load : (m, h) of its servers
    """

    hours: Indices
    cost: Floats
    blocked: Mask
    rank: Indices
    load: Floats


@dataclass(frozen=True)
class _Edit:
    """Previous values of some rows of an array in some hours, for undoing a trial."""

    array: NDArray[np.generic]
    rows: Indices
    hours: Indices
    held: NDArray[np.generic]


class TrafficAssignment:
    """Sleep mask (N, T), link of each pixel (P, T) and load of each station (N, T) of a plan.

    Pixels stay with their owner unless it sleeps or is overloaded. In dispatch they may also leave
    an awake owner for a cheaper server with free capacity; `price` (N, T) is the shadow price of
    that capacity, kWh per unit of load, which the pixels of a sleeping station pay.
    """

    def __init__(self, network: Network, demand: Floats, asleep: Mask, price: Floats) -> None:
        links = network.links
        self.network = network
        self.most_load = network.most_load
        self.price = price
        self.asleep = asleep.copy()
        self.traffic: Floats = demand[links.owner] * links.share[:, None]
        owner_awake = ~self.asleep[links.owner]
        self.rank = np.where(owner_awake, links.own[:, None], cheapest(links, self.asleep))
        at = np.maximum(self.rank, 0)
        pixel = np.arange(len(at))[:, None]
        hour = np.broadcast_to(np.arange(demand.shape[1]), at.shape)
        taken = np.where(self.rank >= 0, links.load[pixel, at] * self.traffic, 0)
        self.load = np.zeros(demand.shape)
        _add(self.load, links.server[pixel, at], hour, taken)
        self.kwh = np.zeros(demand.shape[1])
        self._trials: list[list[_Edit]] = []
        self._reduce_overload(np.arange(network.size))
        self.kwh[:] = 0.0

    def asleep_at(self, station: int, within: Mask | None = None) -> Shift:
        """Shift if the station falls asleep in those of the hours (T,) in which it is awake."""
        awake = ~self.asleep[station] if within is None else within & ~self.asleep[station]
        return self._moved(station, np.flatnonzero(awake))

    def awake_at(self, station: int, within: Mask | None = None) -> Shift:
        """Shift if the station wakes up in those of the hours (T,) in which it sleeps.

        Its own pixels return while there is capacity; those on dearer links save power.
        """
        asleep = self.asleep[station] if within is None else within & self.asleep[station]
        hours = np.flatnonzero(asleep)
        near, links = self.network.around[station], self.network.links
        rank, load = self.rank[np.ix_(near.pixels, hours)], self.load[np.ix_(near.servers, hours)]
        own = np.flatnonzero(links.owner[near.pixels] == station)
        pixels, mine, was = near.pixels[own], near.rank[own], rank[own]
        need = links.load[pixels, mine][:, None] * self.traffic[np.ix_(pixels, hours)]
        comes = self._fitting(load[near.own], need)
        row, hour = np.nonzero(comes & (was >= 0))
        gone = links.load[pixels[row], was[row, hour]] * self.traffic[pixels[row], hours[hour]]
        _add(load, near.place[own[row], was[row, hour]], hour, -gone)
        load[near.own] += (need * comes).sum(axis=0)
        paid = self._paid(pixels, station, hours)
        here = paid[np.arange(len(pixels)), mine]
        paid[np.arange(len(pixels)), mine] = np.inf
        away = paid.min(axis=1)
        away[~(comes & np.isfinite(away))] = -np.inf
        saved = np.maximum(away - here, 0) * self.traffic[np.ix_(pixels, hours)]
        rank[own] = np.where(comes, mine[:, None], was)
        return Shift(hours, -saved.sum(axis=0), np.zeros(len(hours), dtype=bool), rank, load)

    def apply(self, station: int, shift: Shift, kept: Mask, asleep: bool) -> None:
        """Apply a shift in some of its hours (h,)."""
        hours = shift.hours[kept]
        if len(hours) == 0:
            return
        near, network = self.network.around[station], self.network
        idle = network.idle_kw[station] - network.sleep_kw[station]
        self.kwh[hours] += shift.cost[kept] + (-idle if asleep else idle)
        self._write(self.asleep, np.array([station]), hours, asleep)
        self._write(self.rank, near.pixels, hours, shift.rank[:, kept])
        self._write(self.load, near.servers, hours, shift.load[:, kept])

    def gain(self, station: int, *shifts: Shift) -> Floats:
        """Saving of sleep over being awake in each hour (T,), kWh; -inf where it cannot sleep.

        shifts : `asleep_at` for the hours awake, `awake_at` for the others
        """
        network = self.network
        gain = np.full(len(self.kwh), -np.inf)
        for shift in shifts:
            cost = np.where(self.asleep[station, shift.hours], -shift.cost, shift.cost)
            saved = network.idle_kw[station] - network.sleep_kw[station] - cost
            gain[shift.hours] = np.where(shift.blocked, -np.inf, saved)
        return gain

    def sleep_with_reassignment(self, station: int) -> None:
        """Let a station sleep in hours in which neighbours must first free capacity for it.

        Its pixels move to servers, which may then be overloaded and pass pixels on until all loads
        fit. Hours in which they do not, or in which that costs more than it saves, stay unchanged.
        """
        near, network = self.network.around[station], self.network
        usual = self.asleep_at(station)
        dear = ~(self.gain(station, usual)[usual.hours] > 0)
        shift = self._moved(station, usual.hours[dear], allow_overload=True)
        saved = network.idle_kw[station] - network.sleep_kw[station]
        falls = ~shift.blocked & (shift.cost < saved)
        if not falls.any():
            return
        with self.trial() as allowed:
            self.apply(station, shift, falls, asleep=True)
            self._reduce_overload(near.servers)
            allowed[:] = (self.load[near.servers] <= self.most_load).all(axis=0)

    @contextmanager
    def trial(self) -> Iterator[Mask]:
        """Undo, at the end, the hours (T,) that are not allowed or saved nothing.

        If the trial ends in an error, all hours are undone. Trials may be nested. Only overwritten
        values are stored, so that a trial costs as much as what it changes.
        """
        before = self.kwh.copy()
        allowed = np.ones(len(before), dtype=bool)
        back = allowed.copy()
        self._trials.append([])
        try:
            yield allowed
            back = ~allowed | (self.kwh >= before - WORTH_KWH)
        finally:
            edits = self._trials.pop()
            for edit in reversed(edits):
                undone = back[edit.hours]
                edit.array[np.ix_(edit.rows, edit.hours[undone])] = edit.held[:, undone]
            self.kwh[back] = before[back]
            if self._trials:
                self._trials[-1].extend(edits)

    def _write(
        self,
        array: NDArray[np.generic],
        rows: Indices,
        hours: Indices,
        values: NDArray[np.generic] | int,
    ) -> None:
        at = np.ix_(rows, hours)
        if self._trials:
            self._trials[-1].append(_Edit(array, rows, hours, array[at]))
        array[at] = values

    def _moved(self, station: int, hours: Indices, allow_overload: bool = False) -> Shift:
        """Shift of all pixels away from a station, each to its cheapest other server with capacity.

        Where none has capacity, pixels are blocked or move to the least loaded server.
        """
        near, links = self.network.around[station], self.network.links
        rank, load = self.rank[np.ix_(near.pixels, hours)], self.load[np.ix_(near.servers, hours)]
        moving = rank == near.rank[:, None]
        rows = np.flatnonzero(moving.any(axis=1))
        moving, pixels, place = moving[rows], near.pixels[rows], near.place[rows]
        traffic = self.traffic[np.ix_(pixels, hours)]
        load[near.own] = 0.0
        up = ~self.asleep[np.ix_(near.servers, hours)]
        up[near.own] = False
        usable = up[place] & (place >= 0)[:, :, None]
        chosen = np.where(moving & usable.any(axis=1), usable.argmax(axis=1), -1)
        row, hour = np.nonzero(chosen >= 0)
        first = chosen[row, hour]
        need = links.load[pixels[row], first] * traffic[row, hour]
        more = np.zeros(load.shape)
        _add(more, place[row, first], hour, need)
        full = np.flatnonzero(((load + more > self.most_load) & (more > 0)).any(axis=0))
        if len(full):
            more[:, full] = 0.0
            chosen[:, full], filled = self._one_by_one(
                links.load[pixels],
                place,
                load[:, full],
                usable[:, :, full],
                moving[:, full],
                traffic[:, full],
                allow_overload,
            )
            load[:, full] = filled
        load += more
        lost = self.network.lost[pixels][:, None]
        left = moving & (chosen < 0)
        rank[rows] = np.where(moving & (lost | ~left), chosen, rank[rows])
        paid = self._paid(pixels, station, hours)
        row, hour = np.nonzero(chosen >= 0)
        more_kwh = paid[row, chosen[row, hour], hour] - paid.min(axis=1)[row, hour]
        cost = summed(more_kwh * self.traffic[pixels[row], hours[hour]], hour, len(hours))
        return Shift(hours, cost, (left & ~lost).any(axis=0), rank, load)

    def _one_by_one(
        self,
        share: Floats,
        place: Indices,
        load: Floats,
        usable: Mask,
        moving: Mask,
        traffic: Floats,
        allow_overload: bool,
    ) -> tuple[Indices, Floats]:
        """Assign pixels (k,) in turn to their cheapest usable link (M) with capacity.

        Returns the chosen links (k, h), -1 for none, and the loads (m, h).
        """
        chosen = np.full(moving.shape, -1)
        for row in np.flatnonzero(moving.any(axis=1)):
            places = place[row][place[row] >= 0]
            options = usable[row, : len(places)] & moving[row]
            filled = load[places] + share[row, : len(places), None] * traffic[row]
            fits = options & (filled <= self.most_load)
            best = fits.argmax(axis=0)
            found = fits.any(axis=0)
            if allow_overload and not found.all():
                least = np.where(options, filled, np.inf).argmin(axis=0)
                best = np.where(found, best, least)
                found = options.any(axis=0)
            hour = np.flatnonzero(found)
            best = best[hour]
            chosen[row, hour] = best
            load[places[best], hour] = filled[best, hour]
        return chosen, load

    def _fitting(self, load: Floats, need: Floats) -> Mask:
        """Mask of the needs (k, h) that fit beside a load (h,), taken in their order."""
        comes = np.ones(need.shape, dtype=bool)
        full = np.flatnonzero(load + need.sum(axis=0) > self.most_load)
        if len(full):
            filled = load[full].copy()
            for row in range(len(need)):
                comes[row, full] = filled + need[row, full] <= self.most_load
                filled += need[row, full] * comes[row, full]
        return comes

    def _paid(self, pixels: Indices, station: int, hours: Indices) -> Floats:
        """Cost of a traffic unit of each pixel on each link (k, M, h), price of capacity included.

        In kWh; inf for links to sleeping stations other than the given one.
        """
        links = self.network.links
        server = links.server[pixels]
        at = (server[:, :, None], hours)
        paid = links.cost[pixels][:, :, None] + self.price[at] * links.load[pixels][:, :, None]
        asleep = self.asleep[at] & (server != station)[:, :, None]
        return np.where(asleep, np.inf, paid)

    def _reduce_overload(self, stations: Indices) -> None:
        """Move pixels off overloaded stations in the hours in which others have capacity for them.

        In the order of cost over freed capacity. Of the last pixel only the necessary part is paid
        for, because dispatch may split it.
        """
        for station in map(int, stations[(self.load[stations] > self.most_load).any(axis=1)]):
            near, links = self.network.around[station], self.network.links
            hours = np.flatnonzero(self.load[station] > self.most_load)
            rank = self.rank[np.ix_(near.pixels, hours)]
            load = self.load[np.ix_(near.servers, hours)]
            traffic = self.traffic[np.ix_(near.pixels, hours)]
            each = np.arange(len(near.pixels))
            paid = self._paid(near.pixels, station, hours)
            dearer = paid - paid[each, near.rank][:, None]
            dearer[each, near.rank] = np.inf
            gone = (rank != near.rank[:, None]) | (traffic == 0)
            dearer = np.where(gone[:, None], np.inf, dearer)
            need = links.load[near.pixels][:, :, None] * traffic[:, None]
            freed = links.load[near.pixels, near.rank]
            unit = dearer / freed[:, None, None]
            while True:
                fits = load[near.place] + need <= self.most_load
                choice = np.where(fits, unit, np.inf).reshape(-1, len(hours))
                best = choice.argmin(axis=0)
                over = load[near.own] - self.most_load
                go = np.flatnonzero((over > 0) & np.isfinite(choice.min(axis=0)))
                if len(go) == 0:
                    break
                row, link = np.divmod(best[go], unit.shape[1])
                makes = freed[row] * traffic[row, go]
                part = np.minimum(over[go] / makes, 1)
                self.kwh[hours[go]] += (
                    part * dearer[row, link, go] * self.traffic[near.pixels[row], hours[go]]
                )
                load[near.own, go] -= makes
                load[near.place[row, link], go] += need[row, link, go]
                rank[row, go] = link
                unit[row, :, go] = np.inf
            self._write(self.rank, near.pixels, hours, rank)
            self._write(self.load, near.servers, hours, load)


def _add(array: Floats, row: Indices, column: Indices, values: Floats) -> None:
    """Add values to an array (m, h); indices may repeat."""
    place = row * array.shape[1] + column
    array += summed(values.ravel(), place.ravel(), array.size).reshape(array.shape)
