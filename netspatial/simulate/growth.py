"""A town with its network and what each station carries, before any traffic flows.

Who carries whose traffic follows from distance, or from rays through the town's buildings.
"""

from collections.abc import Callable
from dataclasses import dataclass

from netspatial.errors import BadInput
from netspatial.radio.sites import Radio
from netspatial.simulate.association import associate
from netspatial.simulate.demand import Demand, demand
from netspatial.simulate.parameters import RANGES, Family, Section, draw
from netspatial.simulate.raytraced import TracedRadio, associate_by_rays, draw_traced_radio
from netspatial.simulate.stations import Network, build_network
from netspatial.simulate.town import Town, Use, make_town
from netspatial.simulate.traffic import Sites, settle_sites

MOST_WATER = 0.95
"""Share of the town under water beyond which nobody could live there."""

Drawn = dict[Section, dict[str, float]]


@dataclass(frozen=True)
class Grown:
    """A town with its network.

    drawn : every drawn parameter by section and name
    radio : what was drawn for its rays; None where distance decides
    """

    town: Town
    network: Network
    sites: Sites
    drawn: Drawn
    radio: TracedRadio | None = None


def grow(seed: int, family: Family, size_km: float, stations: int) -> Grown:
    """Draw the town of this seed and its network; received power falls with distance alone."""
    town, asked, network, drawn = _build(seed, family, size_km, stations)
    carried = associate(network.x, network.y, network.reach_m, network.gain, asked)
    sites = settle_sites(seed, network, asked, carried, drawn["traffic"])
    return Grown(town, network, sites, drawn)


def grow_traced(
    seed: int,
    family: Family,
    size_km: float,
    stations: int,
    progress: Callable[[float], None] | None = None,
) -> Grown:
    """As `grow`, with received power from rays through the town's buildings.

    progress : told which part of the links has been traced, 0 to 1
    """
    town, asked, network, drawn = _build(seed, family, size_km, stations)
    radio = draw_traced_radio(seed)
    carried = associate_by_rays(town, network, asked, radio, Radio(), progress)
    sites = settle_sites(seed, network, asked, carried, drawn["traffic"])
    return Grown(town, network, sites, drawn, radio)


def _build(
    seed: int, family: Family, size_km: float, stations: int
) -> tuple[Town, Demand, Network, Drawn]:
    town = make_town(seed, family, 1000 * size_km)
    if (town.use == Use.WATER).mean() > MOST_WATER:
        raise BadInput(
            f"Seed {seed} draws open water at {size_km:g} km; take another seed or a larger size."
        )
    drawn = {section: draw(seed, family, section) for section in RANGES}
    asked = demand(town, drawn["stations"]["intensity_power"])
    return town, asked, build_network(town, asked, stations, drawn["stations"]), drawn
