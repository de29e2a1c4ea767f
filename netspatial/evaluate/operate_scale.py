"""How the default policy's time grows: districts, a city, several cities side by side.

Only deciding and carrying out are timed, not forecasting; forecasts here are the simple ones.
Times are seconds of the processor, which others on the same machine do not stretch.
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

    links : pairs of pixel and station over which traffic may go, which grow as stations times
            neighbours
    """

    stations: int
    links: int
    hours: int
    seconds: float


def scale_rows(cities: Sequence[City]) -> list[ScaleRow]:
    """Time fifty stations for a week, and one, two, ... whole cities for a day."""
    week = timed([stations_of(cities[0], district(cities[0], DISTRICT))], WEEK)
    whole = [stations_of(city) for city in cities]
    return [week, *(timed(whole[:count], DAY) for count in (1, 2, len(whole)))]


def timed(parts: Sequence[Stations], hours: int) -> ScaleRow:
    """Time the default policy on stations of several cities as one network."""
    network, traffic = parallel_map(parts)
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
    return ScaleRow(network.size, len(network.reach.server), hours, seconds)


def parallel_map(parts: Sequence[Stations]) -> tuple[Network, xr.DataArray]:
    """One network of the stations of several cities, on the clock of the first, and its traffic."""
    networks = [part.network(power_model(POWER)) for part in parts]
    ids = tuple(f"{n}-{name}" for n, part in enumerate(parts) for name in part.ids)
    reaches = [network.reach for network in networks]
    station = np.cumsum([0, *(network.size for network in networks[:-1])])
    pixel = np.cumsum([0, *(reach.pixels for reach in reaches[:-1])])
    network = replace(
        networks[0],
        station_ids=ids,
        capacity=np.concatenate([one.capacity for one in networks]),
        coverage=np.concatenate([one.coverage for one in networks]),
        power=tuple(model for one in networks for model in one.power),
        reach=ServiceGraph(
            owner=np.concatenate([r.owner + s for r, s in zip(reaches, station, strict=True)]),
            share=np.concatenate([r.share for r in reaches]),
            pixel=np.concatenate([r.pixel + p for r, p in zip(reaches, pixel, strict=True)]),
            server=np.concatenate([r.server + s for r, s in zip(reaches, station, strict=True)]),
            efficiency=np.concatenate([r.efficiency for r in reaches]),
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
