"""Simulated training history: many small random cities, for places with few measurements.

Every city is one configuration, see `configurations`; windows hold its number for reweighting.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from netspatial.arrays import Indices
from netspatial.errors import BadInput
from netspatial.forecast.configurations import Configuration
from netspatial.forecast.corruptions import corrupt
from netspatial.forecast.panel import Panel
from netspatial.forecast.spatial_grid import SIDE, around_stations
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.progress import Progress, silent
from netspatial.radio.raytraced import require_tracer
from netspatial.radio.sites import Radio
from netspatial.randomness import stream
from netspatial.simulate.demand import Demand, demand
from netspatial.simulate.parameters import Section, draw
from netspatial.simulate.radio_association import associate_by_radio
from netspatial.simulate.raytraced import associate_by_rays, draw_traced_radio
from netspatial.simulate.services import UNITS
from netspatial.simulate.stations import build_network
from netspatial.simulate.town import Town, Use, make_town
from netspatial.simulate.traffic import draw_calendar, draw_traffic, settle_sites

WINDOWS = 30_000
SIZE_KM = 5.0
STATIONS = 48
WEEKS = 4
SERVICES = ("call", "sms", "data")
AT_WORK = (Use.OFFICE, Use.INDUSTRIAL, Use.UNIVERSITY, Use.TRANSPORT)
GOING_OUT = (Use.COMMERCIAL, Use.ENTERTAINMENT, Use.PARK)


def simulated_panel(
    configuration: Configuration,
    services: Sequence[str] = SERVICES,
    weeks: int = WEEKS,
    side: int = SIDE,
    *,
    traced: bool = False,
) -> Panel:
    """Hourly history of one configuration's city.

    Parameters
    ----------
    configuration : Configuration
        The simulated city.
    services : sequence of str
        Services of the simulator.
    weeks : int
        Length of the history, weeks.
    side : int
        Side length of the square of neighbours, odd.
    traced : bool
        Whether radio association is computed by ray tracing through the buildings, with Sionna RT;
        materials, building heights and powers are sampled with the city, as in `simulate`.

    Returns
    -------
    Panel

    Raises
    ------
    BadInput
        If the simulator has no such service.
    """
    if traced:
        require_tracer()
    for name in services:
        if name not in UNITS:
            raise BadInput(f"The simulator has no service '{name}'; it has {', '.join(UNITS)}.")
    seed = configuration.town
    town = _built(make_town(seed, "train", 1000 * SIZE_KM), configuration)
    drawn = _parameters(seed, configuration)
    spatial_demand = _mixed(demand(town, drawn["stations"]["intensity_power"]), configuration)
    network = build_network(town, spatial_demand, STATIONS, drawn["stations"])
    network = replace(network, height_m=network.height_m * configuration.height)
    radio = radio_of(configuration)
    carried = (
        associate_by_rays(town, network, spatial_demand, draw_traced_radio(seed), radio)
        if traced
        else associate_by_radio(network, spatial_demand, radio, seed)
    )
    sites = settle_sites(seed, network, spatial_demand, carried, drawn["traffic"])
    calendar = draw_calendar(seed, town.timezone, weeks)
    traffic, _ = draw_traffic(seed, 0, network, sites, calendar, drawn["traffic"])
    values = np.stack([traffic[name] for name in services], axis=2).astype(np.float32)
    return Panel(
        values=corrupt(configuration.fault, values, seed),
        times=calendar.utc,
        timezone=town.timezone,
        ids=tuple(network.station_ids),
        tasks=tuple(services),
        units=tuple(UNITS[name] for name in services),
        around=around_stations(np.column_stack([network.x, network.y]), side),
        provenance="simulated",
    )


def simulated_windows(
    configurations: Sequence[Configuration],
    shape: WindowSpec,
    services: Sequence[str] = SERVICES,
    count: int = WINDOWS,
    *,
    least: int | None = None,
    side: int = SIDE,
    names: Sequence[str] | None = None,
    progress: Progress = silent,
    traced: bool = False,
) -> Windows:
    """About `count` windows, the same number per configuration.

    Parameters
    ----------
    configurations : sequence of Configuration
        The simulated cities.
    shape : WindowSpec
        Context length and horizon, hours.
    services : sequence of str
        Services of the simulator.
    count : int
        Number of windows.
    least : int, optional
        Hours of input that must be known, as in `Windows.cut`.
    side : int
        Side length of the square of neighbours, odd.
    names : sequence of str, optional
        Task names of the services in the windows; by default the services' names.
    progress : Progress
        Called with the simulated part.
    traced : bool
        As in `simulated_panel`.

    Returns
    -------
    Windows
        Their `config` is the index in `configurations`.
    """
    panels = []
    for number, configuration in enumerate(configurations):
        progress("simulating", number / len(configurations))
        panel = simulated_panel(configuration, services, side=side, traced=traced)
        panels.append(replace(panel, tasks=tuple(names)) if names else panel)
    every = Windows.cut(panels, shape, least=least, config=np.arange(len(panels)))
    return every.take(_evenly(every.config, count, configurations[0].seed))


def radio_of(configuration: Configuration) -> Radio:
    """Default radio parameters with this configuration's carrier and tilt.

    Parameters
    ----------
    configuration : Configuration
        The simulated city.

    Returns
    -------
    Radio
    """
    radio, carrier = Radio(), configuration.carrier_ghz
    coverage, capacity = (
        replace(tier.antenna, tilt_deg=configuration.tilt_deg)
        for tier in (radio.coverage, radio.capacity)
    )
    return replace(
        radio,
        coverage=replace(radio.coverage, carrier_ghz=max(0.5, 0.7 * carrier), antenna=coverage),
        capacity=replace(radio.capacity, carrier_ghz=carrier, antenna=capacity),
    )


def _built(town: Town, configuration: Configuration) -> Town:
    denser = np.clip(town.intensity * configuration.density, 0, 1)
    return replace(town, intensity=denser.astype(np.float32))


def _parameters(seed: int, configuration: Configuration) -> dict[Section, dict[str, float]]:
    """Random parameters of the simulator, modified by this configuration."""
    sections: tuple[Section, ...] = ("stations", "traffic")
    drawn = {section: draw(seed, "train", section) for section in sections}
    traffic = drawn["traffic"]
    traffic["level_gb_h"] *= configuration.load
    traffic["headroom"] /= configuration.load
    traffic["calls_per_gb"] *= configuration.calls
    traffic["sms_per_gb"] *= configuration.messages
    for name in ("noise_sd", "day_sd", "drift_sd"):
        traffic[name] *= configuration.residual_scale
    return drawn


def _mixed(spatial_demand: Demand, configuration: Configuration) -> Demand:
    factor = np.ones(len(Use))
    factor[list(AT_WORK)] = configuration.workers
    factor[list(GOING_OUT)] = configuration.visitors
    return replace(spatial_demand, by_use=spatial_demand.by_use * factor)


def _evenly(config: Indices, count: int, seed: int) -> Indices:
    """Rows of about `count` windows, the same number of each configuration, sorted."""
    each = -(-count // len(np.unique(config)))
    kept = []
    for number in np.unique(config):
        rows = np.flatnonzero(config == number)
        order = stream(seed, "windows", int(number)).permutation(len(rows))
        kept.append(rows[order[:each]])
    return np.sort(np.concatenate(kept))
