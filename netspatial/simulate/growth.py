"""A town with its network and the demand associated with each station, before traffic is drawn.

The association follows from distance, or from rays through the town's buildings.
"""

from dataclasses import dataclass

from netspatial.errors import BadInput
from netspatial.progress import Progress, silent
from netspatial.radio.sites import Radio
from netspatial.simulate.association import associate
from netspatial.simulate.demand import Demand, demand
from netspatial.simulate.parameters import RANGES, Family, Section, draw
from netspatial.simulate.raytraced import TracedRadio, associate_by_rays, draw_traced_radio
from netspatial.simulate.stations import StationLayout, build_network
from netspatial.simulate.town import Town, Use, make_town
from netspatial.simulate.traffic import StationDemand, settle_sites

MAX_WATER = 0.95
"""Maximum share of the town under water."""

Drawn = dict[Section, dict[str, float]]


@dataclass(frozen=True)
class Grown:
    """A town with its network.

    drawn : every drawn parameter by section and name
    radio : drawn parameters of ray tracing; None where distance decides
    """

    town: Town
    network: StationLayout
    sites: StationDemand
    drawn: Drawn
    radio: TracedRadio | None = None


def grow(seed: int, family: Family, size_km: float, stations: int) -> Grown:
    """Draw the town of this seed and its network; received power falls with distance alone."""
    town, blocks, network, drawn = _build(seed, family, size_km, stations)
    carried = associate(network.x, network.y, network.reach_m, network.gain, blocks)
    sites = settle_sites(seed, network, blocks, carried, drawn["traffic"])
    return Grown(town, network, sites, drawn)


def grow_traced(
    seed: int,
    family: Family,
    size_km: float,
    stations: int,
    progress: Progress = silent,
) -> Grown:
    """As `grow`, with received power from rays through the town's buildings.

    progress : called with the share of the links that has been traced
    """
    town, blocks, network, drawn = _build(seed, family, size_km, stations)
    radio = draw_traced_radio(seed)
    carried = associate_by_rays(town, network, blocks, radio, Radio(), progress)
    sites = settle_sites(seed, network, blocks, carried, drawn["traffic"])
    return Grown(town, network, sites, drawn, radio)


def _build(
    seed: int, family: Family, size_km: float, stations: int
) -> tuple[Town, Demand, StationLayout, Drawn]:
    town = make_town(seed, family, 1000 * size_km)
    if (town.use == Use.WATER).mean() > MAX_WATER:
        raise BadInput(
            f"Seed {seed} draws open water at {size_km:g} km; use another seed or a larger size."
        )
    drawn = {section: draw(seed, family, section) for section in RANGES}
    blocks = demand(town, drawn["stations"]["intensity_power"])
    return town, blocks, build_network(town, blocks, stations, drawn["stations"]), drawn
