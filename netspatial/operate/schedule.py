"""Schedule data set over stations and hours: sleep state, traffic, load and energy.

Returned by `simulator` for actual traffic and by `over_samples` for forecast traffic.
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
    """State, traffic, loads and energy per station and hour.

    Parameters
    ----------
    network : Network
        N stations.
    traffic : DataArray (station, time)
        In the unit of the capacities per hour.
    asleep : array (N, T) of bool
        Sleeping stations; all are awake before the first hour.
    limit : array (N, T)
        Upper limit of each station's served traffic; inf for no limit.
    served_by : Dispatch
        Dispatch of the limited traffic.
    always : Dispatch
        Dispatch of all traffic, with all stations awake.

    Returns
    -------
    Dataset (station, time)
        `asleep`; in the unit of the traffic `demand`, `served`, `served_before`, `unserved` and
        `control`, the targeted traffic of Eq. 19; as parts of the capacity `load_before` and
        `load_after`; in kWh `energy`, `energy_before` and `wake_energy`. The suffix `_before` is
        for all stations awake.
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
