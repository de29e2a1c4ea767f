"""Scaling of the default policy's run time: a district, a city, several cities as one network.

Planning and execution are timed, without forecasting; the forecasts are hour-of-week means. Times
are CPU seconds, which do not depend on other processes.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from netspatial.city.city import City
from netspatial.forecast.rolling import rolling_forecasts
from netspatial.forecast.seasonal import HourOfWeekMean
from netspatial.operate.network import Network
from netspatial.operate.policies import DEFAULT, POLICIES
from netspatial.operate.power import power_model
from netspatial.operate.simulator import simulate_policy
from netspatial.operate.stations import Stations, district, stations_of
from netspatial.radio.service_graph import ServiceGraph

SAMPLES = 19
WEEK, DAY = 168, 24
POWER = "earth-macro"
DISTRICT = 50


@dataclass(frozen=True)
class ScaleRow:
    """Time of the default policy for a network.

    links : pairs of pixel and possible serving station; they grow as stations times neighbours
    """

    stations: int
    links: int
    hours: int
    seconds: float


def scale_rows(cities: Sequence[City]) -> list[ScaleRow]:
    """Time fifty stations for a week, and one, two and all cities for a day."""
    week = timed([stations_of(cities[0], district(cities[0], DISTRICT))], WEEK)
    whole = [stations_of(city) for city in cities]
    return [week, *(timed(whole[:count], DAY) for count in (1, 2, len(whole)))]


def timed(parts: Sequence[Stations], hours: int) -> ScaleRow:
    """Time the default policy on stations of several cities as one network."""
    network, traffic = merged_network(parts)
    past = traffic.isel(time=slice(0, -hours))
    first = traffic["time"].to_index()[-hours]
    forecasts = rolling_forecasts(
        HourOfWeekMean(), traffic, first, hours, SAMPLES, 0, lead_h=network.lead_h
    )
    begun = time.process_time()
    simulate_policy(
        network, POLICIES[DEFAULT](), traffic.isel(time=slice(-hours, None)), forecasts, past=past
    )
    seconds = time.process_time() - begun
    return ScaleRow(network.size, len(network.service_graph.server), hours, seconds)


def merged_network(parts: Sequence[Stations]) -> tuple[Network, xr.DataArray]:
    """Return one network of the stations of several cities, and its traffic in the first's time."""
    networks = [part.network(power_model(POWER)) for part in parts]
    ids = tuple(f"{n}-{name}" for n, part in enumerate(parts) for name in part.ids)
    graphs = [network.service_graph for network in networks]
    station = np.cumsum([0, *(network.size for network in networks[:-1])])
    pixel = np.cumsum([0, *(graph.pixels for graph in graphs[:-1])])
    network = replace(
        networks[0],
        station_ids=ids,
        capacity=np.concatenate([one.capacity for one in networks]),
        coverage=np.concatenate([one.coverage for one in networks]),
        power=tuple(model for one in networks for model in one.power),
        service_graph=ServiceGraph(
            owner=np.concatenate([r.owner + s for r, s in zip(graphs, station, strict=True)]),
            share=np.concatenate([r.share for r in graphs]),
            pixel=np.concatenate([r.pixel + p for r, p in zip(graphs, pixel, strict=True)]),
            server=np.concatenate([r.server + s for r, s in zip(graphs, station, strict=True)]),
            efficiency=np.concatenate([r.efficiency for r in graphs]),
        ),
    )
    first = parts[0].traffic
    hours = min(part.traffic.sizes["time"] for part in parts)
    traffic = xr.DataArray(
        np.concatenate([part.traffic.to_numpy()[:, -hours:] for part in parts]),
        dims=("station", "time"),
        coords={"station": list(ids), "time": first["time"].to_numpy()[-hours:]},
        attrs=first.attrs,
    )
    return network, traffic
