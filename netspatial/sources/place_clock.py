"""Time zone of a place from its coordinates.

Used by `city build` without --timezone. tzfpy has simplified boundaries of time zones, accurate to
some hundred metres; where an area touches two zones nothing is guessed.
"""

import itertools

import numpy as np
import tzfpy

from netspatial.area import Area
from netspatial.errors import BadInput

PROBES = 7
"""Points a side at which the time zone of an area is looked up."""


def clock_of(area: Area) -> str:
    """Return the IANA name of the time zone of the area's bounds, such as Europe/Rome.

    Parameters
    ----------
    area : Area
        The area.

    Returns
    -------
    str
        IANA name.

    Raises
    ------
    BadInput
        If there are several zones, or the place has two by law.

    Examples
    --------
    >>> clock_of(Area.around(9.19, 45.464, side_m=500))
    'Europe/Rome'
    """
    west, south, east, north = area.bounds
    met: set[str] = set()
    for lon, lat in itertools.product(
        np.linspace(west, east, PROBES), np.linspace(south, north, PROBES)
    ):
        met |= set(tzfpy.get_tzs(float(lon), float(lat)))
    ashore = {name for name in met if not name.startswith("Etc/")}
    found = sorted(ashore or met)
    if len(found) != 1:
        problem = (
            f"has several time zones, {', '.join(found)}" if found else "has no known time zone"
        )
        raise BadInput(f"The area {problem}; give that of the data with --timezone.")
    return found[0]
