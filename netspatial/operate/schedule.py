"""A schedule as a table of stations and hours: who sleeps, what is carried, served and drawn.

What `week` returns of traffic that came, and `over_samples` of traffic that is forecast.
"""

import numpy as np
import xarray as xr

from netspatial.arrays import Floats, Mask
from netspatial.operate.dispatch.dispatch import Dispatch, energy_kwh
from netspatial.operate.network import Network


def schedule_dataset(
    network: Network,
    traffic: xr.DataArray,
    asleep: Mask,
    limit: Floats,
    served_by: Dispatch,
    always: Dispatch,
) -> xr.Dataset:
    """Per station and hour (station, time): state, traffic, loads, and energy in kWh.

    traffic   : (station, time) in the unit of the capacities per hour
    asleep    : (N, T); stations are awake before the first hour
    limit     : (N, T) most traffic that a station's users are given; inf where nothing is cut
    served_by : the dispatch of what is given; always : of the traffic, with all awake
    """
    demand = traffic.transpose("station", "time").to_numpy().astype(np.float64)
    unit = str(traffic.attrs.get("units", ""))
    before = np.column_stack([np.zeros(network.size, dtype=bool), asleep[:, :-1]])
    woken = network.wake_kwh[:, None] * (before & ~asleep)
    served = served_by.served
    values = {
        "asleep": (asleep, "1"),
        "demand": (demand, unit),
        "load_before": (always.load, "part of capacity"),
        "load_after": (served_by.load, "part of capacity"),
        "served": (served, unit),
        "served_before": (always.served, unit),
        "unserved": (np.maximum(demand - served, 0), unit),
        "control": (np.where(np.isfinite(limit), limit, served), unit),
        "energy": (energy_kwh(network, served_by.load, asleep) + woken, "kWh"),
        "energy_before": (energy_kwh(network, always.load, np.zeros_like(asleep)), "kWh"),
        "wake_energy": (woken, "kWh"),
    }
    kept = ("timezone", "provenance")
    return xr.Dataset(
        {
            name: (("station", "time"), value, {"units": units})
            for name, (value, units) in values.items()
        },
        coords={"station": traffic["station"].to_numpy(), "time": traffic["time"].to_numpy()},
        attrs={
            **{name: traffic.attrs[name] for name in kept if name in traffic.attrs},
            "power": "; ".join(sorted({model.source for model in network.power})),
        },
    )
