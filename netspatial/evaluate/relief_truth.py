"""True change at the stations of a simulated city when one more station stands there.

The city is simulated again with the same random numbers, so that only the new station differs.
"""

from dataclasses import dataclass, replace

import numpy as np

from netspatial.arrays import Floats
from netspatial.city.city import City
from netspatial.errors import BadInput
from netspatial.evaluate.generate_data import TownSize
from netspatial.plan.standing_network import StandingNetwork, standing_network
from netspatial.simulate.association import Association, associate
from netspatial.simulate.demand import Demand, demand
from netspatial.simulate.growth import Grown, grow
from netspatial.simulate.parameters import Family
from netspatial.simulate.pois import scatter_pois
from netspatial.simulate.services import UNITS
from netspatial.simulate.stations import StationLayout, station_table
from netspatial.simulate.traffic import (
    SimulationCalendar,
    StationDemand,
    as_dataset,
    draw_calendar,
    draw_traffic,
    settle_sites,
)

NEW_HEIGHT_M = 15.0


@dataclass(frozen=True)
class GrownCity:
    """A simulated city that can be simulated again with another station.

    blocks  : demand of the town
    redraw  : number of the redraw of its traffic
    network : its stations as a planner knows them
    """

    seed: int
    grown: Grown
    blocks: Demand
    calendar: SimulationCalendar
    redraw: int
    network: StandingNetwork

    def with_station(self, x: float, y: float) -> StandingNetwork:
        """Return the existing stations with their traffic if a capacity station stood at a place.

        x, y : metres in the town's CRS
        """
        drawn, old = self.grown.drawn, self.grown.network
        plus = _plus_one(old, x, y, drawn["stations"]["capacity_reach_m"])
        carried = associate(plus.x, plus.y, plus.reach_m, plus.gain, self.blocks)
        settled = settle_sites(self.seed, plus, self.blocks, carried, drawn["traffic"])
        there = slice(len(old.x))
        sites = StationDemand(
            carried=Association(carried.mix[there], carried.density[there], carried.share[there]),
            shapes=settled.shapes[there],
            expected=settled.expected[there],
            capacity=self.grown.sites.capacity,
            venues=self.grown.sites.venues,
        )
        total = _total(self.seed, self.redraw, old, sites, self.calendar, drawn["traffic"])
        return replace(self.network, traffic=self.network.traffic.copy(data=total))


def grown_city(city: City) -> GrownCity:
    """Return a simulated city from its folder, simulated again from its seed."""
    record = city.record
    asked = record.parameters
    if record.provenance != "simulated" or record.seed is None or "family" not in asked:
        raise BadInput(
            f"What a station would change in '{city.name}' is not known: it is no simulated city."
        )
    grown = grow(record.seed, asked["family"], asked["size_km"], asked["stations"])
    return GrownCity(
        seed=record.seed,
        grown=grown,
        blocks=demand(grown.town, grown.drawn["stations"]["intensity_power"]),
        calendar=draw_calendar(record.seed, grown.town.timezone, asked["weeks"]),
        redraw=asked["redraw"],
        network=standing_network(city, UNITS["total"]),
    )


def grown_town(seed: int, family: Family, size: TownSize, weeks: int = 4) -> GrownCity:
    """Return a simulated city without a folder and an image, as `simulate` would write it."""
    grown = grow(seed, family, size.size_km, size.stations)
    town, layout = grown.town, grown.network
    calendar = draw_calendar(seed, town.timezone, weeks)
    services, _ = draw_traffic(seed, 0, layout, grown.sites, calendar, grown.drawn["traffic"])
    dominant = grown.sites.carried.mix.argmax(axis=1)
    traffic = as_dataset(services, layout.station_ids, calendar, town.timezone)["total"]
    pois = scatter_pois(town, size.pois, grown.drawn["pois"]).to_crs(town.crs).geometry
    network = StandingNetwork(
        stations=station_table(town, layout, grown.sites.capacity, dominant),
        traffic=traffic.astype(np.float64).assign_attrs(traffic.attrs),
        capacity=grown.sites.capacity,
        pois=np.column_stack([pois.x, pois.y]),
    )
    return GrownCity(
        seed=seed,
        grown=grown,
        blocks=demand(town, grown.drawn["stations"]["intensity_power"]),
        calendar=calendar,
        redraw=0,
        network=network,
    )


def true_relief(before: StandingNetwork, after: StandingNetwork) -> float:
    """Return the busy-hour traffic taken from all stations, each weighted by its load before."""
    return float(np.nansum(before.load * (before.busy_hour - after.busy_hour)))


def true_shares(before: StandingNetwork, after: StandingNetwork) -> Floats:
    """Return the part of each station's traffic that it loses, (n,)."""
    had, has = (np.nansum(one.traffic.to_numpy(), axis=1) for one in (before, after))
    return np.asarray(1 - np.divide(has, had, out=np.ones_like(had), where=had > 0))


def _total(
    seed: int,
    redraw: int,
    network: StationLayout,
    sites: StationDemand,
    calendar: SimulationCalendar,
    drawn: dict[str, float],
) -> Floats:
    return draw_traffic(seed, redraw, network, sites, calendar, drawn)[0]["total"]


def _plus_one(network: StationLayout, x: float, y: float, reach_m: float) -> StationLayout:
    """Return the network with a capacity station behind its others."""
    return StationLayout(
        x=np.append(network.x, x),
        y=np.append(network.y, y),
        coverage=np.append(network.coverage, False),
        reach_m=np.append(network.reach_m, reach_m),
        gain=np.append(network.gain, 1.0),
        height_m=np.append(network.height_m, NEW_HEIGHT_M),
        technology=np.append(network.technology, "NR"),
    )
