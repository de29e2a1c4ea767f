"""What every source of outside data promises: say what it would bring, then bring it.

The wall between the world and a City folder: whatever stands behind a source, what it hands over
is an image on disk, a table in lon/lat, or hourly traffic in UTC, with its licence beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import geopandas as gpd
import xarray as xr

from netspatial.area import Area
from netspatial.city.city import Part
from netspatial.sources.net import Net
from netspatial.sources.spec import Spec
from netspatial.user_files.limits import COMMAND_LINE, Limits

NOT_STATED = "not stated"
"""Stands where a publisher names no licence or unit; nothing is guessed."""

Progress = Callable[[str, float], None]
"""Takes what is being done and how much of it is done, 0 to 1."""


def silent(_what: str, _share: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Estimate:
    """What a source would fetch, before anything is fetched.

    what      : one line for a reader
    megabytes : about how much is read or downloaded; None where the other side does not say
    from_net  : whether addresses outside this machine are asked
    """

    what: str
    megabytes: float | None
    from_net: bool = False


@dataclass(frozen=True)
class Fetched:
    """What a source brought.

    data        : path of an RGB uint8 GeoTIFF; table of points or polygons in EPSG:4326; or
                  traffic (station, time), one variable per service with `units`, hours in UTC
    attribution : lines that whoever shows the data has to show
    notes       : one sentence for each rule that was applied to the data
    """

    data: Path | gpd.GeoDataFrame | xr.Dataset
    licence: str = NOT_STATED
    attribution: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """What all sources of one city share: local clock, rules of the network, limits of files."""

    timezone: str = "UTC"
    net: Net = field(default_factory=Net)
    limits: Limits = COMMAND_LINE


class Source(Protocol):
    """Brings one part of a city."""

    def estimate(self, area: Area) -> Estimate:
        """Say what `fetch` would bring and how big it is; ask nobody outside this machine."""
        ...

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Bring what lies within the area's bounds; keep what helps to resume in `work`."""
        ...


Builder = Callable[[Spec, Settings], Source]
"""Makes a source of what was asked for; raises where an option is wrong, before any work."""

Registry = dict[Part, dict[str, Builder]]
