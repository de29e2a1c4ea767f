"""Radio of a ray-traced city: materials, building heights and powers, drawn with the city.

Rays through the town's buildings determine the association, instead of distance.
"""

from dataclasses import dataclass, replace

from netspatial.progress import Progress, silent
from netspatial.radio.pixels import Pixels
from netspatial.radio.raytraced import BuildingTracer
from netspatial.radio.scene import GROUNDS, Materials
from netspatial.radio.sites import Radio, Sites
from netspatial.randomness import stream
from netspatial.simulate.association import Association
from netspatial.simulate.demand import Demand
from netspatial.simulate.massing import massing
from netspatial.simulate.radio_association import associate_by_radio
from netspatial.simulate.stations import StationLayout
from netspatial.simulate.town import Town

DRAWN_WALLS = ("concrete", "brick", "wood", "glass")
RANGES: dict[str, tuple[float, float]] = {
    "wall_m": (0.12, 0.40),
    "storey_m": (2.8, 3.8),
    "most_storeys": (6.0, 14.0),
    "storeys_sd": (0.0, 0.35),
    "coverage_dbm": (43.0, 49.0),
    "capacity_dbm": (36.0, 44.0),
}
"""Range of each number of a `TracedRadio`, uniformly distributed."""


@dataclass(frozen=True)
class TracedRadio:
    """Materials and building heights of a city's scene, and transmit powers.

    wall, ground               : materials, by the names of ITU-R P.2040
    wall_m                     : thickness of walls and roofs, m
    storey_m, most_storeys     : height of a storey, m, and storeys at intensity 1
    storeys_sd                 : log-sd of the storeys of buildings at equal intensity
    coverage_dbm, capacity_dbm : transmit power per sector, by tier
    """

    wall: str
    ground: str
    wall_m: float
    storey_m: float
    most_storeys: float
    storeys_sd: float
    coverage_dbm: float
    capacity_dbm: float


def draw_traced_radio(seed: int) -> TracedRadio:
    """Draw the radio of the city of this seed, each number from its own named stream."""
    numbers = {
        name: float(stream(seed, "parameters", "radio", name).uniform(low, high))
        for name, (low, high) in RANGES.items()
    }
    wall = DRAWN_WALLS[stream(seed, "parameters", "radio", "wall").integers(len(DRAWN_WALLS))]
    ground = GROUNDS[stream(seed, "parameters", "radio", "ground").integers(len(GROUNDS))]
    return TracedRadio(wall=wall, ground=ground, **numbers)


def associate_by_rays(
    town: Town,
    network: StationLayout,
    demand: Demand,
    drawn: TracedRadio,
    usual: Radio,
    progress: Progress = silent,
) -> Association:
    """Divide the demand of every block among the stations whose rays reach it.

    usual    : carriers and antennas; powers are the drawn ones
    progress : called with the share of the links that has been traced
    """
    buildings = massing(town, drawn.storey_m, drawn.most_storeys, drawn.storeys_sd)
    materials = Materials(drawn.wall, drawn.wall_m, drawn.ground)
    radio = replace(
        usual,
        coverage=replace(usual.coverage, power_dbm=drawn.coverage_dbm),
        capacity=replace(usual.capacity, power_dbm=drawn.capacity_dbm),
    )

    def rays(sites: Sites, pixels: Pixels, radio: Radio) -> BuildingTracer:
        return BuildingTracer(buildings, sites, pixels, radio, materials, progress=progress)

    return associate_by_radio(network, demand, radio, town.seed, rays)
