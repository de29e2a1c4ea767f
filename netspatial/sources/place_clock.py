"""The local clock of a place, told from where it lies.

Under `city build`, where no clock is named. Simplified borders of timezones come with tzfpy, true
to some hundred metres; where an area touches two clocks nothing is guessed.
"""

import itertools

import numpy as np
import tzfpy

from netspatial.area import Area
from netspatial.errors import BadInput

PROBES = 7
"""Points a side at which an area is asked for its clock."""


def clock_of(area: Area) -> str:
    """Return the IANA name of the clock that all of the area's bounds share, such as Europe/Rome.

    Raises where several do, or where the place has two clocks by its laws.
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
        metadata = (
            f"has several clocks, {', '.join(found)}" if found else "has no clock that is known"
        )
        raise BadInput(f"The area {metadata}; name the one of the data with --timezone.")
    return found[0]
