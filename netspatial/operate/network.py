"""The stations that are operated: capacity, tier, power, and over which links they serve whom.

Built once from a `ServiceGraph`; dispatch and every policy read its links, sorted by what they cost.
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

MOST_LOAD = 0.98
"""Part of its capacity that a station can really be loaded to."""
COVERED_SHARE = 0.99
"""A station may sleep only if others reach pixels with at least this share of its traffic."""


@dataclass(frozen=True)
class Network:
    """Stations under one operator's control. Every array has one entry a station.

    capacity  : traffic units per hour at the mean efficiency of the station's own pixels
    coverage  : True for the tier that never sleeps; False for the one that adds capacity
    reach     : who can serve whom, stations counted in this order
    power     : what each station draws
    most_load : part of its capacity that a station can be loaded to
    """

    station_ids: tuple[str, ...]
    capacity: Floats
    coverage: Mask
    reach: ServiceGraph
    power: tuple[PowerModel, ...]
    most_load: float = MOST_LOAD

    def __post_init__(self) -> None:
        count = len(self.station_ids)
        if not count == len(self.capacity) == len(self.coverage) == len(self.power):
            raise BadInput(
                f"{count} stations were named, with {len(self.capacity)} capacities, "
                f"{len(self.coverage)} tiers and {len(self.power)} power models; give one of each."
            )
        wrong = np.flatnonzero(~(np.isfinite(self.capacity) & (self.capacity > 0)))
        if len(wrong):
            raise BadInput(
                f"Station {self.station_ids[wrong[0]]} has no capacity above zero; operating "
                "stations needs the column 'capacity'."
            )
        if max(self.reach.owner.max(), self.reach.server.max()) >= count:
            raise BadInput(f"The reach knows more stations than the {count} that were named.")
        missing = np.flatnonzero(np.bincount(self.reach.owner, minlength=count) == 0)
        if len(missing):
            raise BadInput(f"Station {self.station_ids[missing[0]]} has no demand pixel.")
        if not 0 < self.most_load <= 1:
            raise BadInput(f"Stations cannot be loaded to {self.most_load:g} of their capacity.")

    @property
    def size(self) -> int:
        """How many stations there are."""
        return len(self.station_ids)

    @cached_property
    def links(self) -> Links:
        """The links of every pixel, cheapest first; pixels that no program can tell apart as one.

        A pixel's load on its owner, weighted by share, sums to demand over capacity: the
        efficiency that a capacity refers to is the harmonic mean over the owner's pixels.
        """
        reach = self.reach
        own = reach.server == reach.owner[reach.pixel]
        own_efficiency = np.empty(reach.pixels)
        own_efficiency[reach.pixel[own]] = reach.efficiency[own]
        reference = 1 / summed(reach.share / own_efficiency, reach.owner, self.size)
        load = reference[reach.server] / (self.capacity[reach.server] * reach.efficiency)
        cost = load * self.slope_kw[reach.server]
        order = np.lexsort((reach.server, load, cost, reach.pixel))
        pixel, server = reach.pixel[order], reach.server[order]
        first = np.searchsorted(pixel, np.arange(reach.pixels))
        rank = np.arange(len(pixel)) - first[pixel]
        shape = (reach.pixels, int(rank.max()) + 1)
        table = Links(
            owner=reach.owner,
            share=reach.share,
            server=np.full(shape, -1),
            load=np.zeros(shape),
            cost=np.full(shape, np.inf),
            own=np.empty(reach.pixels, dtype=np.int64),
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
        """Drawn awake without load, kW."""
        return np.array([model.idle_w for model in self.power]) / 1000

    @cached_property
    def sleep_kw(self) -> Floats:
        """Drawn asleep, kW."""
        return np.array([model.sleep_w for model in self.power]) / 1000

    @cached_property
    def slope_kw(self) -> Floats:
        """Drawn more at full load than idle, kW."""
        return np.array([model.slope_w for model in self.power]) / 1000

    @cached_property
    def wake_kwh(self) -> Floats:
        """Cost of one waking, kWh."""
        return np.array([model.wake_kwh for model in self.power])

    @property
    def lead_h(self) -> int:
        """Hours by which measurements are too late; the longest of the stations' power models."""
        return max(model.lead_h for model in self.power)

    @cached_property
    def lost(self) -> Mask:
        """Pixels (P,) that only their owner can serve: asleep, it loses them."""
        lonely: Mask = (self.links.server >= 0).sum(axis=1) == 1
        return lonely

    @cached_property
    def may_sleep(self) -> Mask:
        """Stations that may ever sleep: not of the coverage tier, and others reach its pixels.

        Others must reach pixels with COVERED_SHARE of its traffic.
        """
        reached = summed(self.links.share * ~self.lost, self.links.owner, self.size)
        allowed: Mask = ~self.coverage & (reached >= COVERED_SHARE - 1e-9)
        return allowed

    def demand(self, traffic: ArrayLike) -> Floats:
        """Check traffic (N, T) in the capacities' unit per hour, and return it."""
        demand = np.asarray(traffic, dtype=np.float64)
        if demand.ndim != 2 or len(demand) != self.size:
            raise BadInput(
                f"Traffic of shape {demand.shape} was given for {self.size} stations; it must be "
                "(station, time)."
            )
        for wrong, what in ((np.isnan(demand), "has gaps"), (demand < 0, "is negative")):
            if wrong.any():
                station, hour = np.argwhere(wrong)[0]
                raise BadInput(
                    f"Traffic of station {self.station_ids[station]} {what} (hour {hour}); "
                    "operating needs every hour, zero or above."
                )
        return demand
