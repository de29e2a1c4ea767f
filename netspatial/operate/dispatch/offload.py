"""Traffic offloaded between stations in each hour of a dispatch, for maps and tables."""

import numpy as np
import xarray as xr

from netspatial.arrays import Floats, Mask
from netspatial.operate.dispatch.dispatch import cheapest
from netspatial.operate.dispatch.links import summed
from netspatial.operate.dispatch.overload import ROOM, allocate_overload
from netspatial.operate.network import Network

MIN_PART = 1e-6
"""Part of a station's traffic below which a flow is solver rounding."""


def flows(network: Network, demand: Floats, asleep: Mask) -> Floats:
    """Traffic of one hour from the station it belongs to, to its server.

    Parameters
    ----------
    network : Network
        N stations with their links.
    demand : array (N,)
        Traffic of each station, in the unit of the capacities per hour.
    asleep : array (N,) of bool
        Sleeping stations.

    Returns
    -------
    array (N, N)
        Row: station that the traffic belongs to; column: its server. Rows sum to the served
        traffic of each station.
    """
    links = network.links
    traffic = demand[links.owner] * links.share
    chosen = cheapest(links, asleep[:, None])[:, 0]
    pixel = np.flatnonzero(chosen >= 0)
    server = links.server[pixel, chosen[pixel]]
    load = summed(links.load[pixel, chosen[pixel]] * traffic[pixel], server, network.size)
    amount = traffic[pixel]
    if (load > network.most_load + ROOM).any():
        shared = allocate_overload(
            network, traffic[:, None], asleep[:, None], chosen[:, None], load[:, None]
        )
        pixel, server, amount = shared.pixel, shared.server, shared.traffic
    flat = summed(amount, links.owner[pixel] * network.size + server, network.size**2)
    between = flat.reshape(network.size, network.size)
    return np.where(between > MIN_PART * demand[:, None], between, 0.0)


def moved(network: Network, schedule: xr.Dataset) -> xr.Dataset:
    """Traffic that neighbours serve under a schedule, one row per pair of stations and hour.

    Parameters
    ----------
    network : Network
        N stations with their links.
    schedule : Dataset (station, time)
        From `simulator.simulate_policy`.

    Returns
    -------
    Dataset (flow)
        `hour`, the index of the hour in the schedule; `source`, the station that the traffic
        belongs to; `target`, its server; and `traffic` in the unit of the demand.
    """
    given = np.minimum(schedule["demand"].to_numpy(), schedule["control"].to_numpy())
    asleep = schedule["asleep"].astype(bool).to_numpy()
    rows: list[tuple[int, int, int, float]] = []
    for hour in range(given.shape[1]):
        between = flows(network, given[:, hour], asleep[:, hour])
        np.fill_diagonal(between, 0.0)
        rows += [(hour, s, t, between[s, t]) for s, t in zip(*np.nonzero(between), strict=True)]
    table = np.array(rows, dtype=np.float64).reshape(-1, 4)
    names = schedule["station"].to_numpy()
    return xr.Dataset(
        {
            "hour": ("flow", table[:, 0].astype(np.int64)),
            "source": ("flow", names[table[:, 1].astype(np.int64)]),
            "target": ("flow", names[table[:, 2].astype(np.int64)]),
            "traffic": ("flow", table[:, 3], {"units": schedule["demand"].attrs.get("units", "")}),
        }
    )
