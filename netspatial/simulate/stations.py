"""Places and equipment of the base stations of a simulated town, in two tiers.

Placed in proportion to a power of demand, with a minimum distance as in real networks.
`association` gives them their traffic.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from netspatial.arrays import Floats, Indices, Mask
from netspatial.errors import BadInput
from netspatial.randomness import stream
from netspatial.simulate.demand import Demand
from netspatial.simulate.noise import gaussian_field
from netspatial.simulate.town import Town, Use, use_at

CANDIDATES_PER_STATION = 12
RELAXATION = 0.85
"""Where too few places keep the minimum distance, it is reduced by this factor."""

MAX_PER_KM2 = 120
"""Maximum density of a network, stations per km² of dry land."""

COVERAGE_GAIN = 12.0
"""Received power of a coverage station over a capacity one at equal distance (about 11 dB)."""


@dataclass(frozen=True)
class StationLayout:
    """The stations of one town; every array has one entry a station.

    x, y       : places, metres in the town's CRS
    coverage   : True for the coverage tier, False for the capacity tier
    reach_m    : distance over which the quality of service falls to 1/e, metres
    gain       : received power at equal distance, relative to a capacity station
    height_m   : antenna height above ground, metres
    technology : "LTE" or "NR"
    """

    x: Floats
    y: Floats
    coverage: Mask
    reach_m: Floats
    gain: Floats
    height_m: Floats
    technology: NDArray[np.str_]

    @property
    def station_ids(self) -> list[str]:
        """Names of the stations, numbered from north to south."""
        return [f"BS{number:05d}" for number in range(1, len(self.x) + 1)]


def build_network(town: Town, demand: Demand, count: int, drawn: dict[str, float]) -> StationLayout:
    """Place `count` stations on the demand and give each its tier, reach, height and technology.

    drawn : the section "stations" of the parameters
    """
    most = int(MAX_PER_KM2 * (town.use != Use.WATER).sum() * town.step_m**2 / 1e6)
    if count > most:
        raise BadInput(
            f"{count} stations do not fit into this city of {town.size_m / 1000:g} km; "
            f"at most {most} are possible."
        )
    x, y = _places(town, demand, count, drawn)
    order = np.lexsort((x, -y))
    x, y = x[order], y[order]
    coverage = np.zeros(count, dtype=bool)
    coverage[_spread_out(x, y, max(1, round(drawn["coverage_share"] * count)))] = True
    random = stream(town.seed, "stations", "equipment")
    tall = random.uniform(24.0, 45.0, count)
    low = random.uniform(8.0, 26.0, count)
    nr = random.uniform(size=count) < np.where(coverage, 0.35, 1.0) * drawn["nr_share"]
    return StationLayout(
        x=x,
        y=y,
        coverage=coverage,
        reach_m=np.where(coverage, drawn["coverage_reach_m"], drawn["capacity_reach_m"]),
        gain=np.where(coverage, COVERAGE_GAIN, 1.0),
        height_m=np.where(coverage, tall, low).round(1),
        technology=np.where(nr, "NR", "LTE"),
    )


def station_table(
    town: Town, network: StationLayout, capacity: Floats, dominant: Indices
) -> gpd.GeoDataFrame:
    """Table of the stations for the city folder, geometry in the town's CRS.

    capacity : (stations,) GB/h
    dominant : (stations,) the `Use` with the largest demand; ground truth that no measured city
        has, for checks only
    """
    names = np.array([use.name.lower() for use in Use])
    return gpd.GeoDataFrame(
        {
            "station_id": network.station_ids,
            "tier": np.where(network.coverage, "coverage", "capacity"),
            "technology": network.technology,
            "capacity": capacity.astype(np.float32),
            "capacity_unit": "GB/h",
            "height_m": network.height_m.astype(np.float32),
            "dominant_use": names[dominant],
        },
        geometry=gpd.points_from_xy(network.x, network.y),
        crs=town.crs,
    )


def _places(
    town: Town, demand: Demand, count: int, drawn: dict[str, float]
) -> tuple[Floats, Floats]:
    """Draw places in proportion to demand ** gamma that keep a minimum distance.

    The minimum distance is a part of the mean spacing at the place.
    """
    random = stream(town.seed, "stations", "places")
    hidden = gaussian_field(
        town.seed, "popularity", demand.shape, (drawn["popularity_m"] / demand.side_m,) * 2
    )
    wish = demand.total ** drawn["gamma"] * np.exp(drawn["popularity_sd"] * hidden.ravel())
    expected = count * wish / wish.sum() / demand.side_m**2
    candidates = CANDIDATES_PER_STATION * count
    block = random.choice(len(wish), size=candidates, p=wish / wish.sum())
    offset = random.uniform(-0.5, 0.5, (2, candidates)) * demand.side_m
    x, y = demand.x[block] + offset[0], demand.y[block] + offset[1]
    dry = use_at(town, x, y) != Use.WATER
    x, y, block = x[dry], y[dry], block[dry]
    keep_away = drawn["repulsion"] / np.sqrt(expected[block])
    kept = _keeping_distance(x, y, keep_away, count)
    while len(kept) < count:
        keep_away = keep_away * RELAXATION
        kept = _keeping_distance(x, y, keep_away, count)
    return x[kept], y[kept]


def _keeping_distance(x: Floats, y: Floats, keep_away: Floats, count: int) -> Indices:
    """Return the first `count` candidates at minimum distance from all kept before them."""
    places = np.column_stack([x, y])
    near = KDTree(places).query_ball_point(places, keep_away)
    free = np.ones(len(x), dtype=bool)
    kept = []
    for i in range(len(x)):
        if free[i]:
            kept.append(i)
            free[near[i]] = False
            if len(kept) == count:
                break
    return np.array(kept, dtype=np.int64)


def _spread_out(x: Floats, y: Floats, count: int) -> Indices:
    """Choose `count` stations far from each other, by farthest-point sampling from the middle."""
    chosen = [int(np.argmin(np.hypot(x - x.mean(), y - y.mean())))]
    distance = np.hypot(x - x[chosen[0]], y - y[chosen[0]])
    for _ in range(count - 1):
        chosen.append(int(np.argmax(distance)))
        distance = np.minimum(distance, np.hypot(x - x[chosen[-1]], y - y[chosen[-1]]))
    return np.array(chosen)
