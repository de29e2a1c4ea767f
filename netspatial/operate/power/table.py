"""Power model from the user's own measurements: a CSV of loads and watts.

Columns `load` and `watts`; one row with load `asleep`, and optionally one `restart` in kWh.
"""

from pathlib import Path

import pandas as pd

from netspatial.errors import BadInput, reason
from netspatial.operate.power.model import LEAD_H, PowerModel, restart_kwh


def read_power(path: Path, lead_h: int = LEAD_H) -> PowerModel:
    """Read a power model from a CSV of the user's measurements.

    Parameters
    ----------
    path : Path
        CSV with the columns `load` and `watts`: one row per load from 0 to 1, one row with load
        `asleep`, and optionally one `restart` with the energy of an activation, kWh; by default
        five minutes at full power.
    lead_h : int
        Measurement delay, hours; see `PowerModel`.

    Returns
    -------
    PowerModel

    Raises
    ------
    BadInput
        If the file cannot be read or its rows are not valid.
    """
    try:
        table = pd.read_csv(path.absolute(), dtype={"load": str})
    except (OSError, ValueError) as error:
        raise BadInput(f"The power table {path} cannot be read: {reason(error)}.") from error
    if not {"load", "watts"} <= set(table):
        raise BadInput(f"The power table {path} needs the columns 'load' and 'watts'.")
    named = table.set_index(table["load"].astype(str).str.strip().str.lower())["watts"]
    numbers = pd.to_numeric(named, errors="coerce")
    if "asleep" not in numbers.index or numbers.index.duplicated().any():
        raise BadInput(f"The power table {path} needs each load once, and one row 'asleep'.")
    curve = numbers.drop(["asleep", "restart"], errors="ignore")
    loads = pd.to_numeric(pd.Series(curve.index), errors="coerce")
    if loads.isna().any() or numbers.isna().any():
        raise BadInput(f"The power table {path} holds a load or a power that is not a number.")
    watts = tuple(map(float, curve))
    return PowerModel(
        name=path.stem,
        load=tuple(map(float, loads)),
        watts=watts,
        sleep_w=float(numbers["asleep"]),
        wake_kwh=float(numbers["restart"]) if "restart" in numbers else restart_kwh(max(watts)),
        lead_h=lead_h,
        source=f"table {path.name}",
    )
