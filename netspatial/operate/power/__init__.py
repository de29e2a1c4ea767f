"""Power models of stations: published models by name, and the user's own table.

A new model is one line in `POWER`, or a CSV file for `read_power`.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from netspatial.errors import BadInput
from netspatial.operate.power.earth import TYPES, earth
from netspatial.operate.power.itu import FITS, itu
from netspatial.operate.power.model import LEAD_H, PowerModel, drawn_w
from netspatial.operate.power.table import read_power
from netspatial.operate.power.tr38864 import STATES, tr38864

__all__ = ["LEAD_H", "POWER", "PowerModel", "drawn_w", "power_model", "read_power"]

POWER: dict[str, Callable[..., PowerModel]] = {
    **{f"earth-{kind}": partial(earth, kind) for kind in TYPES},
    **{f"tr38864-set{s}-cat{c}": partial(tr38864, s, c) for s, c in STATES},
    **{f"tr38864-set{s}-cat{c}-light": partial(tr38864, s, c, "light") for s, c in STATES},
    **{f"itu-{kind}": partial(itu, kind) for kind in FITS},
}


def power_model(name: str, lead_h: int = LEAD_H) -> PowerModel:
    """Return the power model of this name, or the table of this CSV file.

    Parameters
    ----------
    name : str
        A key of `POWER`, or the path of a CSV file for `read_power`.
    lead_h : int
        Measurement delay, hours; see `PowerModel`.

    Returns
    -------
    PowerModel

    Raises
    ------
    BadInput
        If no model has this name, or the file is not valid.

    Examples
    --------
    >>> power_model("earth-macro").idle_w
    780.0
    """
    if name in POWER:
        return POWER[name](lead_h=lead_h)
    if name.endswith(".csv"):
        return read_power(Path(name), lead_h)
    raise BadInput(
        f"There is no power model {name!r}; choose {', '.join(POWER)}, or give a CSV file."
    )
