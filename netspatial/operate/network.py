"""Operated stations: capacity, tier, power model and links to demand pixels.

Built once from a `ServiceGraph`; dispatch and every policy read its links, sorted by cost.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from netspatial.arrays import Floats, Mask
from netspatial.errors import BadInput
from netspatial.operate.dispatch.links import Around, Links, merged, neighbourhoods, summed
from netspatial.operate.power import PowerModel
from netspatial.radio.service_graph import ServiceGraph

MAX_LOAD = 0.98
"""Highest usable load of a station, part of its capacity."""
COVERED_SHARE = 0.99
"""A station may sleep only if others reach pixels with at least this share of its traffic."""


@dataclass(frozen=True)
class Network:
    """Stations under one operator's control; every array has one entry per station.

    Attributes
    ----------
    station_ids : tuple of str
        Ids of the N stations.
    capacity : array (N,)
        Traffic units per hour at the mean efficiency of the station's own pixels.
    coverage : array (N,) of bool
        True for the tier that never sleeps; False for the one that adds capacity.
    service_graph : ServiceGraph
        Demand pixels and their links; stations numbered in this order.
    power : tuple of PowerModel
        Power model of each station.
    most_load : float
        Highest usable load, part of the capacity, above 0 and up to 1.

    Raises
    ------
    BadInput
        If the sizes differ, a capacity is not above zero, or a station has no demand pixel.
    """

    station_ids: tuple[str, ...]
    capacity: Floats
    coverage: Mask
    service_graph: ServiceGraph
    power: tuple[PowerModel, ...]
    most_load: float = MAX_LOAD

    def __post_init__(self) -> None:
        count = len(self.station_ids)
        if not count == len(self.capacity) == len(self.coverage) == len(self.power):
            raise BadInput(
                f"{count} stations have {len(self.capacity)} capacities, {len(self.coverage)} "
                f"tiers and {len(self.power)} power models; give one of each per station."
            )
        wrong = np.flatnonzero(~(np.isfinite(self.capacity) & (self.capacity > 0)))
        if len(wrong):
            raise BadInput(
                f"Station {self.station_ids[wrong[0]]} has no capacity above zero; give it in the "
                "column 'capacity'."
            )
        if max(self.service_graph.owner.max(), self.service_graph.server.max()) >= count:
            raise BadInput(f"The service graph has more stations than the {count} given.")
        missing = np.flatnonzero(np.bincount(self.service_graph.owner, minlength=count) == 0)
        if len(missing):
            raise BadInput(f"Station {self.station_ids[missing[0]]} has no demand pixel.")
        if not 0 < self.most_load <= 1:
            raise BadInput(f"most_load is {self.most_load:g}; it must lie above 0 and up to 1.")

    @property
    def size(self) -> int:
        """Number of stations."""
        return len(self.station_ids)

    @cached_property
    def links(self) -> Links:
        """Links of every pixel, cheapest first; identical pixels of one owner are merged.

        A pixel's load on its owner, weighted by share, sums to demand over capacity: the
        efficiency that a capacity refers to is the harmonic mean over the owner's pixels.
        """
        graph = self.service_graph
        own = graph.server == graph.owner[graph.pixel]
        own_efficiency = np.empty(graph.pixels)
        own_efficiency[graph.pixel[own]] = graph.efficiency[own]
        reference = 1 / summed(graph.share / own_efficiency, graph.owner, self.size)
        load = reference[graph.server] / (self.capacity[graph.server] * graph.efficiency)
        cost = load * self.slope_kw[graph.server]
        order = np.lexsort((graph.server, load, cost, graph.pixel))
        pixel, server = graph.pixel[order], graph.server[order]
        first = np.searchsorted(pixel, np.arange(graph.pixels))
        rank = np.arange(len(pixel)) - first[pixel]
        shape = (graph.pixels, int(rank.max()) + 1)
        table = Links(
            owner=graph.owner,
            share=graph.share,
            server=np.full(shape, -1),
            load=np.zeros(shape),
            cost=np.full(shape, np.inf),
            own=np.empty(graph.pixels, dtype=np.int64),
        )
        table.server[pixel, rank] = server
        table.load[pixel, rank] = load[order]
        table.cost[pixel, rank] = cost[order]
        table.own[pixel[own[order]]] = rank[own[order]]
        return merged(table)

    @cached_property
    def around(self) -> tuple[Around, ...]:
        """The neighbourhood of each station."""
        return neighbourhoods(self.links, self.size)

    @cached_property
    def idle_kw(self) -> Floats:
        """Power of each awake station without load, kW."""
        return np.array([model.idle_w for model in self.power]) / 1000

    @cached_property
    def sleep_kw(self) -> Floats:
        """Power of each sleeping station, kW."""
        return np.array([model.sleep_w for model in self.power]) / 1000

    @cached_property
    def slope_kw(self) -> Floats:
        """Power at full load less idle power of each station, kW."""
        return np.array([model.slope_w for model in self.power]) / 1000

    @cached_property
    def wake_kwh(self) -> Floats:
        """Energy of one activation of each station, kWh."""
        return np.array([model.wake_kwh for model in self.power])

    @property
    def lead_h(self) -> int:
        """Measurement delay in hours; the longest of the stations' power models."""
        return max(model.lead_h for model in self.power)

    @cached_property
    def lost(self) -> Mask:
        """Pixels (P,) that only their owner can serve; lost when it sleeps."""
        lonely: Mask = (self.links.server >= 0).sum(axis=1) == 1
        return lonely

    @cached_property
    def may_sleep(self) -> Mask:
        """Stations outside the coverage tier whose pixels others can serve.

        Others must reach pixels with COVERED_SHARE of its traffic.
        """
        reached = summed(self.links.share * ~self.lost, self.links.owner, self.size)
        allowed: Mask = ~self.coverage & (reached >= COVERED_SHARE - 1e-9)
        return allowed

    def demand(self, traffic: ArrayLike) -> Floats:
        """Checked traffic in the unit of the capacities per hour.

        Parameters
        ----------
        traffic : array (N, T)
            Traffic of each station in each hour.

        Returns
        -------
        array (N, T) of float64

        Raises
        ------
        BadInput
            If the shape differs, or the traffic has gaps or negative values.
        """
        demand = np.asarray(traffic, dtype=np.float64)
        if demand.ndim != 2 or len(demand) != self.size:
            raise BadInput(
                f"The traffic has shape {demand.shape}; (station, time) with {self.size} stations "
                "is needed."
            )
        for wrong, what in ((np.isnan(demand), "has gaps"), (demand < 0, "is negative")):
            if wrong.any():
                station, hour = np.argwhere(wrong)[0]
                raise BadInput(
                    f"Traffic of station {self.station_ids[station]} {what} (hour {hour}); "
                    "every hour needs a value of zero or above."
                )
        return demand
