"""Where a plan puts every pixel's traffic, and what it would change if one station slept or woke.

The greedy policies' board: one station at a time, all hours of the plan at once. Traffic of a pixel
is never split here, so what fits on the board fits the dispatch program too, at no more power.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netspatial.operate.dispatch import cheapest
from netspatial.operate.network import Network

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

WORTH_KWH = 1e-6
"""Savings below this are none."""


@dataclass(frozen=True)
class Shift:
    """What one station's falling asleep or waking would change, for each hour (T,) on its own.

    cost    : kWh of load on top, idle and sleep power apart
    blocked : hours in which it cannot be done
    rank    : (k, T) link that each of the station's pixels would use; load : (m, T) of its servers
    """

    cost: Floats
    blocked: Mask
    rank: Indices
    load: Floats


@dataclass(frozen=True)
class Around:
    """Pixels (k,) that a station can serve, over which of their links, and their servers (m,).

    place : (k, M) where in `servers` each link leads, -1 where there is none
    """

    pixels: Indices
    rank: Indices
    servers: Indices
    place: Indices


class Placement:
    """The board: who sleeps (N, T), which link each pixel uses (P, T), what each station carries.

    Pixels stay at home, with their owner, unless it sleeps or is crowded. In dispatch they may also
    leave a home awake, for a cheaper server, while that has room; `price` (N, T) is what such room
    is worth, kWh per unit of load, and a sleeper's pixels pay it for the room that they take.
    """

    def __init__(self, network: Network, demand: Floats, asleep: Mask, price: Floats) -> None:
        links = network.links
        self.network = network
        self.most_load = network.most_load
        self.price = price
        self.asleep = asleep.copy()
        self.traffic: Floats = demand[links.owner] * links.share[:, None]
        home = ~self.asleep[links.owner]
        self.rank = np.where(home, links.own[:, None], cheapest(links, self.asleep))
        self.load = np.zeros(demand.shape)
        at = np.maximum(self.rank, 0)
        pixel = np.arange(len(at))[:, None]
        hours = np.broadcast_to(np.arange(demand.shape[1]), at.shape)
        taken = np.where(self.rank >= 0, links.load[pixel, at] * self.traffic, 0)
        np.add.at(self.load, (links.server[pixel, at], hours), taken)
        self.kwh = np.zeros(demand.shape[1])
        self._around: dict[int, Around] = {}
        self._relieve(np.arange(network.size))
        self.kwh[:] = 0.0

    def around(self, station: int) -> Around:
        """Pixels with a link to a station, largest first, and all their servers."""
        if station not in self._around:
            links = self.network.links
            pixels, rank = np.nonzero(links.server == station)
            order = np.argsort(-links.share[pixels], kind="stable")
            pixels, rank = pixels[order], rank[order]
            servers = np.unique(links.server[pixels])
            servers = servers[servers >= 0]
            place = np.searchsorted(servers, links.server[pixels])
            place[links.server[pixels] < 0] = -1
            self._around[station] = Around(pixels, rank, servers, place)
        return self._around[station]

    def asleep_at(self, station: int) -> Shift:
        """What the station's sleep would change in the hours in which it is awake."""
        near = self.around(station)
        hours = ~self.asleep[station]
        moving = (self.rank[near.pixels] == near.rank[:, None]) & hours
        shift = self._moved(station, moving)
        own = near.place[0, near.rank[0]]
        shift.load[own, hours] = 0.0
        return shift

    def awake_at(self, station: int) -> Shift:
        """What the station's waking would change in the hours in which it sleeps.

        Pixels for which it is cheaper than where they are come to it while there is room.
        """
        near, links = self.around(station), self.network.links
        rank = self.rank[near.pixels].copy()
        load = self.load[near.servers].copy()
        own = near.place[0, near.rank[0]]
        home = links.owner[near.pixels] == station
        better = home[:, None] & self.asleep[station]
        cost = np.zeros(load.shape[1])
        for row in np.flatnonzero(better.any(axis=1)):
            pixel, mine = near.pixels[row], near.rank[row]
            traffic = self.traffic[pixel]
            need = links.load[pixel, mine] * traffic
            comes = better[row] & (load[own] + need <= self.most_load)
            was = rank[row]
            hours = np.flatnonzero(comes & (was >= 0))
            paid = self._cost(pixel, station)
            away = np.where(np.arange(len(paid))[:, None] == mine, np.inf, paid).min(axis=0)
            dearer = comes & np.isfinite(away)
            cost[dearer] += (np.minimum(paid[mine] - away, 0) * traffic)[dearer]
            load[near.place[row, was[hours]], hours] -= (
                links.load[pixel, was[hours]] * traffic[hours]
            )
            load[own, comes] += need[comes]
            rank[row, comes] = mine
        return Shift(cost, np.zeros(len(cost), dtype=bool), rank, load)

    def apply(self, station: int, shift: Shift, hours: Mask, asleep: bool) -> None:
        """Carry out a shift in some hours (T,)."""
        near, network = self.around(station), self.network
        idle = network.idle_kw[station] - network.sleep_kw[station]
        self.kwh[hours] += shift.cost[hours] + (-idle if asleep else idle)
        self.asleep[station, hours] = asleep
        self.rank[np.ix_(near.pixels, hours)] = shift.rank[:, hours]
        self.load[np.ix_(near.servers, hours)] = shift.load[:, hours]

    def gain(self, station: int, asleep: Shift, awake: Shift) -> Floats:
        """What sleeping in each hour (T,) saves against being awake, kWh; -inf where it cannot."""
        network = self.network
        idle = network.idle_kw[station] - network.sleep_kw[station]
        gain: Floats = idle + np.where(self.asleep[station], awake.cost, -asleep.cost)
        gain[asleep.blocked & ~self.asleep[station]] = -np.inf
        return gain

    def squeeze(self, station: int) -> None:
        """Let a station sleep in hours in which its traffic finds no room, if others make room.

        Its pixels crowd into servers, and those pass pixels on, until all have room; hours in which
        they have none, or in which that costs more than it saves, stay as they were.
        """
        near, before = self.around(station), self.copied()
        moving = (self.rank[near.pixels] == near.rank[:, None]) & ~self.asleep[station]
        blocked = self._moved(station, moving).blocked
        shift = self._moved(station, moving & blocked, crowd=True)
        saved = self.network.idle_kw[station] - self.network.sleep_kw[station]
        hours = blocked & ~shift.blocked & (shift.cost < saved)
        if not hours.any():
            return
        shift.load[near.place[0, near.rank[0]], hours] = 0.0
        self.apply(station, shift, hours, asleep=True)
        self._relieve(near.servers)
        crowded = (self.load[near.servers] > self.most_load).any(axis=0)
        self.restore(before, crowded | (self.kwh >= before[-1] - WORTH_KWH))

    def copied(self) -> tuple[Mask, Indices, Floats, Floats]:
        """The board's state, to go back to."""
        return self.asleep.copy(), self.rank.copy(), self.load.copy(), self.kwh.copy()

    def restore(self, state: tuple[Mask, Indices, Floats, Floats], hours: Mask) -> None:
        """Go back to a copied state in some hours (T,)."""
        asleep, rank, load, kwh = state
        self.asleep[:, hours], self.rank[:, hours] = asleep[:, hours], rank[:, hours]
        self.load[:, hours], self.kwh[hours] = load[:, hours], kwh[hours]

    def _moved(self, station: int, moving: Mask, crowd: bool = False) -> Shift:
        """Move pixels (k, T) away from a station, each to its cheapest other server with room.

        Where none has room they are blocked, or crowd into the one that is filled least.
        """
        near, links = self.around(station), self.network.links
        rank, load = self.rank[near.pixels].copy(), self.load[near.servers].copy()
        up = ~self.asleep[near.servers]
        cost, blocked = np.zeros(load.shape[1]), np.zeros(load.shape[1], dtype=bool)
        for row in np.flatnonzero(moving.any(axis=1)):
            pixel, mine, left = near.pixels[row], near.rank[row], moving[row].copy()
            traffic = self.traffic[pixel]
            paid = self._cost(pixel, station)
            best = paid.min(axis=0)
            others = [n for n, place in enumerate(near.place[row]) if place >= 0 and n != mine]
            for other in others:
                if not left.any():
                    break
                place = near.place[row, other]
                need = links.load[pixel, other] * traffic
                fits = left & up[place] & (load[place] + need <= self.most_load)
                load[place] += need * fits
                cost[fits] += ((paid[other] - best) * traffic)[fits]
                rank[row, fits] = other
                left &= ~fits
            if crowd and others and left.any():
                places = near.place[row, others]
                fill = load[places] + links.load[pixel, others][:, None] * traffic
                least = np.where(up[places], fill, np.inf).argmin(axis=0)
                hours = np.flatnonzero(left & up[places].any(axis=0))
                chosen = np.array(others)[least[hours]]
                load[near.place[row, chosen], hours] += links.load[pixel, chosen] * traffic[hours]
                cost[hours] += (paid[chosen, hours] - best[hours]) * traffic[hours]
                rank[row, hours] = chosen
                left[hours] = False
            if self.network.lost[pixel]:
                rank[row, left] = -1
            else:
                blocked |= left
        return Shift(cost, blocked, rank, load)

    def _cost(self, pixel: int, station: int) -> Floats:
        """What a unit of the pixel's traffic costs over each link (M, T), room included, kWh.

        inf for links to sleepers, other than to the station in question.
        """
        links = self.network.links
        server = links.server[pixel]
        asleep = self.asleep[server] & (server != station)[:, None]
        paid = links.cost[pixel][:, None] + self.price[server] * links.load[pixel][:, None]
        return np.where(asleep, np.inf, paid)

    def _relieve(self, stations: Indices) -> None:
        """Move pixels off crowded stations, in the hours in which others have room for them."""
        for station in map(int, stations):
            near = self.around(station)
            hours = np.flatnonzero(self.load[station] > self.most_load)
            here = self.rank[np.ix_(near.pixels, hours)] == near.rank[:, None]
            for row in np.flatnonzero(here.any(axis=1)):
                still = self.load[station, hours] > self.most_load
                if not still.any():
                    break
                self._pass_on(near.pixels[row], near.rank[row], hours[here[row] & still])

    def _pass_on(self, pixel: int, mine: int, hours: Indices) -> None:
        """Move a pixel from one link to its cheapest other with room, in the hours given (h,)."""
        links = self.network.links
        traffic, here = self.traffic[pixel, hours], links.server[pixel, mine]
        for other, server in enumerate(links.server[pixel]):
            if len(hours) == 0 or server < 0:
                return
            if other == mine:
                continue
            need = links.load[pixel, other] * traffic
            fits = ~self.asleep[server, hours] & (self.load[server, hours] + need <= self.most_load)
            moved, carried = hours[fits], traffic[fits]
            room = self.price[server, moved] * links.load[pixel, other]
            room -= self.price[here, moved] * links.load[pixel, mine]
            self.kwh[moved] += carried * (links.cost[pixel, other] - links.cost[pixel, mine] + room)
            self.load[server, moved] += need[fits]
            self.load[here, moved] -= links.load[pixel, mine] * carried
            self.rank[pixel, moved] = other
            hours, traffic = hours[~fits], traffic[~fits]
