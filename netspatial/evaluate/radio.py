"""Ray-traced path gain compared with TR 38.901, on the links of simulated towns.

Both without antennas and indoor losses. A link is compared with the model's mean for its own state:
LOS where there is a direct ray, otherwise NLOS.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from netspatial.arrays import Floats, Indices, Mask
from netspatial.progress import Progress, silent
from netspatial.radio.path_loss import SCENARIOS
from netspatial.radio.pixels import Pixels
from netspatial.radio.raytraced import BuildingTracer, Traced, require_tracer
from netspatial.radio.received_power import pairs
from netspatial.radio.sites import CAPACITY, COVERAGE, Radio, Sites
from netspatial.randomness import stream
from netspatial.simulate.demand import demand
from netspatial.simulate.growth import grow
from netspatial.simulate.massing import massing
from netspatial.simulate.parameters import Family
from netspatial.simulate.radio_association import sites_and_blocks

FAMILY: Family = "unseen"
LINKS = 400
"""Links traced per town, sampled from those between demand blocks and the stations near them."""
RAYS = 1_000_000
"""Rays sent from each station: ten times as many as in the simulation of a town."""
KINDS = [(tier, sight) for tier in (COVERAGE, CAPACITY) for sight in (True, False)]
"""Tier, and whether in sight."""


@dataclass(frozen=True)
class RadioRow:
    """Links of one tier and LOS state, over all towns.

    reached      : part of the links that a ray reaches
    difference_db, spread_db : median and standard deviation of the traced path gain over the
                   model's mean, of links that are reached
    shadowing_db : standard deviation of shadowing in the model
    """

    tier: str
    in_sight: bool
    links: int
    reached: float
    difference_db: float
    spread_db: float
    shadowing_db: float


@dataclass(frozen=True)
class SightRow:
    """Part of one tier's links with line of sight: traced, and expected by the model."""

    tier: str
    traced: float
    model: float


@dataclass(frozen=True)
class RadioReport:
    """Rows of all towns, and processor seconds per thousand links."""

    rows: tuple[RadioRow, ...]
    sight: tuple[SightRow, ...]
    towns: int
    size_km: float
    stations: int
    buildings: int
    links: int
    rays: int
    seconds_per_1000: float

    def record(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class _Links:
    """Links of one town: tier of the station, and both losses, dB; NaN without a ray."""

    coverage: Mask
    sight: Mask
    traced_db: Floats
    model_db: Floats
    expected_sight: Floats


def bench_radio(
    seeds: Sequence[int],
    size_km: float,
    stations: int,
    links: int = LINKS,
    rays: int = RAYS,
    progress: Progress = silent,
) -> RadioReport:
    """Trace links between demand blocks and the stations near them, town by town.

    links : maximum per town, sampled uniformly
    rays  : number sent from each station in search of paths
    """
    require_tracer()
    radio, towns, buildings, seconds = Radio(), [], 0, 0.0
    for number, seed in enumerate(seeds):
        town = f"tracing town {number + 1} of {len(seeds)}"
        traced = partial(_report_town, progress, town, number / len(seeds), 1 / len(seeds))
        grown = grow(seed, FAMILY, size_km, stations)
        of_blocks = demand(grown.town, grown.drawn["stations"]["intensity_power"])
        sites, blocks = sites_and_blocks(grown.network, of_blocks)
        built = massing(grown.town)
        every = np.column_stack(pairs(sites, blocks))
        chosen = stream(seed, "traced links").permutation(len(every))[:links]
        pixel, server = every[np.sort(chosen)].T
        tracer = BuildingTracer(built, sites, blocks, radio, progress=traced, rays=rays)
        found = tracer.trace(server, pixel)
        towns.append(_links(sites, blocks, radio, server, pixel, found))
        buildings += len(built)
        seconds += found.seconds
    compared = sum(len(town.traced_db) for town in towns)
    return RadioReport(
        rows=tuple(_row(towns, radio, tier, sight) for tier, sight in KINDS),
        sight=tuple(_sight(towns, tier) for tier in (COVERAGE, CAPACITY)),
        towns=len(towns),
        size_km=size_km,
        stations=stations,
        buildings=buildings,
        links=compared,
        rays=rays,
        seconds_per_1000=1000 * seconds / compared,
    )


def _report_town(
    progress: Progress, town: str, begin: float, part: float, _what: str, share: float
) -> None:
    progress(town, begin + part * share)


def _links(
    sites: Sites,
    pixels: Pixels,
    radio: Radio,
    server: Indices,
    pixel: Indices,
    found: Traced,
) -> _Links:
    offset = pixels.places[pixel] - sites.places[server]
    distance = np.hypot(offset[:, 0], offset[:, 1])
    coverage, height = sites.coverage[server], sites.height_m[server]
    model, expected = np.empty(len(server)), np.empty(len(server))
    for tier, of in ((radio.coverage, coverage), (radio.capacity, ~coverage)):
        scenario = SCENARIOS[tier.scenario]
        place = distance[of], tier.carrier_ghz, height[of], radio.user_m
        model[of] = np.where(found.sight[of], scenario.los(*place), scenario.nlos(*place))
        expected[of] = scenario.los_probability(distance[of], radio.user_m)
    return _Links(coverage, found.sight, found.loss_db, model, expected)


def _row(towns: Sequence[_Links], radio: Radio, tier: str, in_sight: bool) -> RadioRow:
    of = [(town.coverage == (tier == COVERAGE)) & (town.sight == in_sight) for town in towns]
    gain = np.concatenate(
        [(town.model_db - town.traced_db)[kind] for town, kind in zip(towns, of, strict=True)]
    )
    reached = gain[np.isfinite(gain)]
    scenario = SCENARIOS[radio.of(tier).scenario]
    return RadioRow(
        tier=tier,
        in_sight=in_sight,
        links=len(gain),
        reached=len(reached) / max(len(gain), 1),
        difference_db=float(np.median(reached)) if len(reached) else float("nan"),
        spread_db=float(reached.std()) if len(reached) else float("nan"),
        shadowing_db=scenario.los_sd if in_sight else scenario.nlos_sd,
    )


def _sight(towns: Sequence[_Links], tier: str) -> SightRow:
    of = [town.coverage == (tier == COVERAGE) for town in towns]
    pairs_of = list(zip(towns, of, strict=True))
    return SightRow(
        tier=tier,
        traced=float(np.concatenate([town.sight[kind] for town, kind in pairs_of]).mean()),
        model=float(np.concatenate([town.expected_sight[kind] for town, kind in pairs_of]).mean()),
    )
