"""Hold a schedule against load-coupled interference: whether its loads fit when neighbours send.

Schedules are made with every neighbour on air for a fixed part of the time. This looks at one hour
as decided, with each station disturbing the others as much as it carries.
"""

from dataclasses import asdict, dataclass

import numpy as np
import xarray as xr

from netspatial.arrays import Floats, Mask
from netspatial.operate.network import Network
from netspatial.operate.stations import Stations
from netspatial.radio.coupling import coupled_load, own_efficiency
from netspatial.radio.link import ACTIVITY

ROOM = 1e-6
"""Load that counts as nothing."""


@dataclass(frozen=True)
class Interference:
    """Loads of one hour (n,), parts of the capacities: as planned, and with coupled interference.

    settled : whether loads and interference were found to agree
    """

    planned: Floats
    coupled: Floats
    settled: bool


@dataclass(frozen=True)
class CoupledWeek:
    """A whole schedule under coupled interference.

    ratio    : load with coupled interference over the load that was planned, mean over all
    too_much : station-hours in which more than the whole capacity would be needed
    planned_too_much : the same as planned
    hours    : station-hours awake
    """

    ratio: float
    too_much: int
    planned_too_much: int
    hours: int

    def record(self) -> dict[str, float | int]:
        """For JSON."""
        return asdict(self)

    @property
    def sentence(self) -> str | None:
        """What a user should know; None where everything fits."""
        if self.too_much <= self.planned_too_much:
            return None
        return (
            f"With neighbours sending as much as they carry, {self.too_much} of {self.hours:,} "
            f"station-hours awake would need more than their capacity, not "
            f"{self.planned_too_much} as planned."
        )


def coupled_week(stations: Stations, network: Network, schedule: xr.Dataset) -> CoupledWeek:
    """Solve every hour of a schedule of `operate.week.simulate_policy`."""
    demand = schedule["demand"].to_numpy()
    asleep = schedule["asleep"].to_numpy().astype(bool)
    hours = [
        coupled_hour(stations, network, demand[:, hour], asleep[:, hour])
        for hour in range(demand.shape[1])
    ]
    planned = np.column_stack([hour.planned for hour in hours])
    coupled = np.column_stack([hour.coupled for hour in hours])
    total = float(planned.sum())
    return CoupledWeek(
        ratio=float(coupled.sum()) / total if total > 0 else 1.0,
        too_much=int((coupled > 1 + ROOM).sum()),
        planned_too_much=int((planned > 1 + ROOM).sum()),
        hours=int((~asleep).sum()),
    )


def coupled_hour(
    stations: Stations, network: Network, demand: Floats, asleep: Mask
) -> Interference:
    """Solve one hour of a schedule: demand (n,) traffic, asleep (n,).

    Every pixel is served by its cheapest station awake, as dispatch does while there is room;
    stations of the city that are not operated send as planned.
    """
    reach = stations.radio.reach
    every = int(reach.owner.max()) + 1
    number = np.full(every, -1)
    number[stations.place] = np.arange(len(stations.place))
    owner, server = number[reach.owner[reach.pixel]], number[reach.server]
    up = (owner >= 0) & (server >= 0)
    up[up] = ~asleep[server[up]]
    link = np.flatnonzero(up)
    reference = own_efficiency(reach, every)[reach.server[link]]
    need = reference / (network.capacity[server[link]] * reach.efficiency[link])
    cost = need * network.slope_kw[server[link]]
    order = np.lexsort((need, cost, reach.pixel[link]))
    _, first = np.unique(reach.pixel[link][order], return_index=True)
    best = link[order[first]]
    carried = np.zeros(len(reach.server))
    carried[best] = demand[owner[best]] * reach.share[reach.pixel[best]]
    planned = np.bincount(server[best], carried[best] * need[order[first]], len(stations.place))
    capacity, background = np.ones(every), np.full(every, ACTIVITY)
    capacity[stations.place], background[stations.place] = network.capacity, 0.0
    found = coupled_load(reach, stations.radio.signals, carried, capacity, background)
    return Interference(planned.astype(np.float64), found.wanted[stations.place], found.settled)
