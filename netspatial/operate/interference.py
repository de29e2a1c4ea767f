"""Check of a schedule under load-coupled interference.

Schedules assume that every neighbour transmits for a fixed part of the time. Here each station
interferes in proportion to its load.
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
"""Load tolerance."""


@dataclass(frozen=True)
class Interference:
    """Loads of one hour as planned and with coupled interference, parts of the capacities.

    Attributes
    ----------
    planned : array (n,)
        Loads with neighbours on air for a fixed part of the time.
    coupled : array (n,)
        Loads with neighbours that interfere in proportion to their load.
    converged : bool
        Whether the fixed-point iteration of loads and interference converged.
    """

    planned: Floats
    coupled: Floats
    converged: bool


@dataclass(frozen=True)
class CoupledSchedule:
    """A whole schedule under coupled interference.

    Attributes
    ----------
    ratio : float
        Load with coupled interference over planned load, sums over all stations and hours.
    too_much : int
        Station-hours whose load exceeds the capacity.
    planned_too_much : int
        The same as planned.
    hours : int
        Station-hours awake.
    """

    ratio: float
    too_much: int
    planned_too_much: int
    hours: int

    def record(self) -> dict[str, float | int]:
        """Return the fields for JSON.

        Returns
        -------
        dict from str to float or int
        """
        return asdict(self)

    @property
    def sentence(self) -> str | None:
        """Warning for the user; None if no more station-hours are overloaded than planned."""
        if self.too_much <= self.planned_too_much:
            return None
        return (
            f"With load-dependent interference, {self.too_much} of {self.hours:,} station-hours "
            f"awake exceed their capacity, instead of {self.planned_too_much} as planned."
        )


def couple_schedule(stations: Stations, network: Network, schedule: xr.Dataset) -> CoupledSchedule:
    """Coupled loads over every hour of a schedule.

    Parameters
    ----------
    stations : Stations
        The operated stations with the radio map of the city.
    network : Network
        The same n stations.
    schedule : Dataset (station, time)
        From `simulator.simulate_policy`.

    Returns
    -------
    CoupledSchedule
    """
    demand = schedule["demand"].to_numpy()
    asleep = schedule["asleep"].to_numpy().astype(bool)
    hours = [
        coupled_hour(stations, network, demand[:, hour], asleep[:, hour])
        for hour in range(demand.shape[1])
    ]
    planned = np.column_stack([hour.planned for hour in hours])
    coupled = np.column_stack([hour.coupled for hour in hours])
    total = float(planned.sum())
    return CoupledSchedule(
        ratio=float(coupled.sum()) / total if total > 0 else 1.0,
        too_much=int((coupled > 1 + ROOM).sum()),
        planned_too_much=int((planned > 1 + ROOM).sum()),
        hours=int((~asleep).sum()),
    )


def coupled_hour(
    stations: Stations, network: Network, demand: Floats, asleep: Mask
) -> Interference:
    """Coupled loads of one hour of a schedule.

    Every pixel is served by its cheapest awake station, as in dispatch without overload. Stations
    of the city that are not operated transmit as planned.

    Parameters
    ----------
    stations : Stations
        The operated stations with the radio map of the city.
    network : Network
        The same n stations.
    demand : array (n,)
        Traffic of the hour, in the unit of the capacities per hour.
    asleep : array (n,) of bool
        Sleeping stations.

    Returns
    -------
    Interference

    Notes
    -----
    Loads ρ and interference are the least fixed point of ρ = F(ρ), see `radio.coupling`.
    """
    graph = stations.radio.service_graph
    every = int(graph.owner.max()) + 1
    number = np.full(every, -1)
    number[stations.place] = np.arange(len(stations.place))
    owner, server = number[graph.owner[graph.pixel]], number[graph.server]
    up = (owner >= 0) & (server >= 0)
    up[up] = ~asleep[server[up]]
    link = np.flatnonzero(up)
    reference = own_efficiency(graph, every)[graph.server[link]]
    need = reference / (network.capacity[server[link]] * graph.efficiency[link])
    cost = need * network.slope_kw[server[link]]
    order = np.lexsort((need, cost, graph.pixel[link]))
    _, first = np.unique(graph.pixel[link][order], return_index=True)
    best = link[order[first]]
    carried = np.zeros(len(graph.server))
    carried[best] = demand[owner[best]] * graph.share[graph.pixel[best]]
    planned = np.bincount(server[best], carried[best] * need[order[first]], len(stations.place))
    capacity, background = np.ones(every), np.full(every, ACTIVITY)
    capacity[stations.place], background[stations.place] = network.capacity, 0.0
    found = coupled_load(graph, stations.radio.received_power, carried, capacity, background)
    return Interference(planned.astype(np.float64), found.wanted[stations.place], found.converged)
