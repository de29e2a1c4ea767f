"""Dispatch: the station that serves each pixel's traffic in each hour of a sleep plan.

One program for all policies: per hour, least unserved traffic, then least power,

    min  Σ cost_e D_p y_e + C Σ D_p u_p
    s.t. Σ_e y_e + u_p = 1 per pixel,  Σ load_e D_p y_e <= most_load per awake station,  y, u >= 0.

Traffic that is not served is reported.
"""

from dataclasses import dataclass, fields

import numpy as np

from netspatial.arrays import Floats, Indices, Mask
from netspatial.operate.dispatch.links import Links
from netspatial.operate.dispatch.overload import ROOM, allocate_overload
from netspatial.operate.network import Network
from netspatial.operate.power import drawn_w

Hours = int | slice | Mask

BLOCK = 24
"""Hours that are solved together; bounds the memory."""


@dataclass(frozen=True)
class Dispatch:
    """Load of each station and service of its own traffic.

    Attributes
    ----------
    load : array (N, T)
        Load of the station, part of its capacity.
    served : array (N, T)
        Served traffic that belongs to the station, wherever it is served.
    unserved : array (N, T)
        The rest of that traffic.
    price : array (N, T)
        Shadow price of capacity, kWh per unit of load; 0 where some is free.
    """

    load: Floats
    served: Floats
    unserved: Floats
    price: Floats

    def take(self, hours: Hours) -> "Dispatch":
        """Dispatch of some of the hours.

        Parameters
        ----------
        hours : int, slice or array (T,) of bool
            The hours.

        Returns
        -------
        Dispatch
        """
        return Dispatch(*(getattr(self, one.name)[:, hours] for one in fields(self)))

    def put(self, hours: Hours, other: "Dispatch") -> None:
        """Write another dispatch over some of the hours.

        Parameters
        ----------
        hours : int, slice or array (T,) of bool
            The hours.
        other : Dispatch
            Dispatch of these hours.
        """
        for one in fields(self):
            getattr(self, one.name)[:, hours] = getattr(other, one.name)


def dispatch(network: Network, demand: Floats, asleep: Mask) -> Dispatch:
    """Serve demand from the stations that are not asleep, hour by hour.

    Parameters
    ----------
    network : Network
        N stations with their links to demand pixels.
    demand : array (N, T)
        Traffic of each station, in the unit of the capacities per hour.
    asleep : array (N, T) of bool
        Sleeping stations.

    Returns
    -------
    Dispatch

    Notes
    -----
    Per hour, least unserved traffic, then least power: min Σ cost_e D_p y_e + C Σ D_p u_p with
    Σ_e y_e + u_p = 1 for each pixel p and Σ load_e D_p y_e <= most_load for each awake station.
    """
    load, unserved, price = np.zeros((3, *demand.shape))
    for start in range(0, demand.shape[1], BLOCK):
        hours = slice(start, start + BLOCK)
        load[:, hours], unserved[:, hours], price[:, hours] = _block(
            network, demand[:, hours], asleep[:, hours]
        )
    return Dispatch(load=load, served=demand - unserved, unserved=unserved, price=price)


def energy_kwh(network: Network, load: Floats, asleep: Mask) -> Floats:
    """Energy of each station in each hour from its power curve, without activations, kWh.

    Parameters
    ----------
    network : Network
        N stations with their power models.
    load : array (N, T)
        Loads, parts of the capacities.
    asleep : array (N, T) of bool
        Sleeping stations.

    Returns
    -------
    array (N, T)
        Energy, kWh.
    """
    drawn = [
        drawn_w(model, row, sleeps)
        for model, row, sleeps in zip(network.power, load, asleep, strict=True)
    ]
    return np.array(drawn).reshape(load.shape) / 1000


def _block(network: Network, demand: Floats, asleep: Mask) -> tuple[Floats, Floats, Floats]:
    """Loads, unserved traffic and prices of capacity (N, T) of a few hours."""
    links = network.links
    traffic = demand[links.owner] * links.share[:, None]
    chosen = cheapest(links, asleep)
    served = chosen >= 0
    rank = np.maximum(chosen, 0)
    pixel = np.arange(len(rank))[:, None]
    server = links.server[pixel, rank]
    taken = links.load[pixel, rank] * traffic * served
    load = np.zeros(demand.shape)
    hours = np.broadcast_to(np.arange(demand.shape[1]), server.shape)
    np.add.at(load, (server, hours), taken)
    unserved, price = np.zeros(demand.shape), np.zeros(demand.shape)
    np.add.at(unserved, links.owner, traffic * ~served)
    overloaded = (load > network.most_load + ROOM).any(axis=0)
    if overloaded.any():
        shared = allocate_overload(
            network,
            traffic[:, overloaded],
            asleep[:, overloaded],
            chosen[:, overloaded],
            load[:, overloaded],
        )
        load[:, overloaded], unserved[:, overloaded] = shared.load, shared.unserved
        price[:, overloaded] = shared.price
    return load, unserved, price


def cheapest(links: Links, asleep: Mask) -> Indices:
    """Each pixel's cheapest link to an awake station.

    Parameters
    ----------
    links : Links
        Links of P pixels, cheapest first.
    asleep : array (N, T) of bool
        Sleeping stations.

    Returns
    -------
    array (P, T) of int
        Index of the link, -1 where there is none.
    """
    best = np.full((len(links.owner), asleep.shape[1]), -1)
    for rank in reversed(range(links.server.shape[1])):
        server = links.server[:, rank]
        usable = ~asleep[server] & (server >= 0)[:, None]
        best[usable] = rank
    return best
